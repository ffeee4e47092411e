import type { GuardBound, GuardCheck, GuardFinding, GuardState, Verdict } from '../control/safety-memory.ts';
import { CLEAR_SIGMAS, reachOf, wantOf, type GuardLever, type WatchedValue } from './guard-types.ts';
import type { Side } from './relief.ts';

/**
 * Below this share of the expected move the relief was too little: for one lever, and for several, where one may work against the
 * others.
 */
const LEAST_SHARE = { one: 0.3, several: 0.65 };
/**
 * Moves of the value in a trial, as a share of the step: at least `right` where the lever is right, at most `against` where its
 * sign is wrong.
 */
const TRIED = { right: 0.15, against: -0.4 };
/** Windows without the expected move before levers are suspected. */
const STRIKES = 2;
/** Step of a trial: this many standard errors, and this share of what the lever gives. */
const TRY_SIGMAS = 8;
const TRY_SHARE = 0.25;
/** A finding expires after this time, s, and the lever is used again. */
const FROZEN_S = 3600;
/** A trial counts once the lever has taken back this share of the step. */
const TOOK_SHARE = 0.5;
/**
 * A rise by more than this many steps does not come from the trial. The trial ends, and relief gets this many windows before the
 * next one.
 */
const TOPPED = { steps: 4, windows: 4 };
/** A reading of the lever covers its step if taken at least this many response times after it. */
const WAITED_RESPONSES = 0.5;
const UNDECIDED_S = 600;
const NEGLIGIBLE = 1e-9;

interface ReliefCheckInput {
  readonly limits: readonly WatchedValue[];
  readonly levers: readonly GuardLever[];
  /** Changed in place. */
  readonly bounds: Map<string, GuardBound>;
  readonly stepS: number;
  readonly response: number;
}

const isFault = ({ verdict }: GuardFinding): boolean => verdict !== 'undecided' && verdict !== 'right';

const sumOf = (amounts: Readonly<Record<string, number>>): number =>
  Object.values(amounts).reduce((sum, amount) => sum + amount, 0);

/**
 * Checks that relief moves a value the right way. Relief given in one response time should have arrived by the end of the next. If
 * it twice did not, the levers take back some of it, one at a time: that lowers the value where a lever's sign is wrong, and
 * changes nothing where the lever is behind another element. A lever that shows either gives the step again. If that confirms it,
 * the lever is frozen for this element; if it does harm, its relief is released. A single lever that twice moved the value the
 * wrong way needs no trial. Voltages are not checked, because tap changers move them too.
 */
export class ReliefCheck {
  readonly #input: ReliefCheckInput;
  readonly #checks: Record<string, GuardCheck> = {};
  #findings: GuardFinding[];

  constructor({ checks = {}, findings = [] }: GuardState, input: ReliefCheckInput) {
    this.#input = input;
    for (const [element, check] of Object.entries(checks))
      // A limit that is gone, for example with its plan, is no longer judged and must not block another limit of the element.
      if (input.limits.some((limit) => limit.id === check.limit && Number.isFinite(limit[check.side])))
        this.#checks[element] = { ...check, ageS: check.ageS + input.stepS };
    this.#findings = findings
      .map((finding) => ({ ...finding, leftS: finding.leftS - input.stepS }))
      .filter(({ leftS }) => leftS > 0);
  }

  /** `isUrgent`: a relay would trip, so levers that seemed to have no effect are used too. */
  isFrozen(element: string, lever: string, { isUrgent }: { isUrgent: boolean }): boolean {
    return this.#findings.some(
      (each) =>
        each.element === element &&
        isFault(each) &&
        !(isUrgent && each.verdict === 'none') &&
        (each.lever === lever || each.lever === ''),
    );
  }

  /** While a lever of this element is tested, more relief would hide its effect. */
  isTrying = (element: string): boolean => this.#checks[element]?.tries !== undefined;

  /** Records relief that was just given, per lever, in the limit's unit. */
  note(
    limit: WatchedValue,
    { side, over, given }: { side: Side; over: number; given: ReadonlyMap<string, number> },
  ): void {
    if (limit.quantity === 'voltagePu' || given.size === 0) return;
    const { element, id } = limit;
    const check = this.#checks[element];
    if (check === undefined) {
      const due = Object.fromEntries(given);
      this.#checks[element] = { limit: id, side, from: over, ageS: 0, due, next: {}, strikes: 0, against: false };
    } else if (check.limit === id && check.side === side) {
      if (check.tries === undefined && sumOf(check.due) === 0)
        Object.assign(check, { from: over, ageS: 0, due: Object.fromEntries(given) });
      else for (const [lever, amount] of given) check.next[lever] = (check.next[lever] ?? 0) + amount;
    }
  }

  /** Called once a cycle for each side of a limit, before its relief. */
  judge(limit: WatchedValue, { side, over, sigma }: { side: Side; over: number; sigma: number }): void {
    const check = this.#checks[limit.element];
    if (check === undefined || check.limit !== limit.id || check.side !== side) return;
    const most = TOPPED.steps * (check.step ?? 0) + CLEAR_SIGMAS * sigma;
    if (over < 0) delete this.#checks[limit.element];
    else if (check.tries !== undefined && over - check.from > most) {
      const strikes = -TOPPED.windows;
      const fresh = { limit: limit.id, side, from: over, ageS: 0, due: {}, next: {}, strikes, against: false };
      this.#checks[limit.element] = fresh;
    } else if (check.ageS - (limit.ageS ?? 0) >= this.#input.response - NEGLIGIBLE) {
      if (check.tries === undefined) this.#window(limit, check, { over, sigma });
      else this.#tried(limit, check, { over, sigma });
    }
  }

  /** Drops the check of a limit that cannot be measured or is urgent. */
  forget = ({ element }: WatchedValue): void => void delete this.#checks[element];

  state(): Pick<GuardState, 'checks' | 'findings'> {
    return {
      ...(Object.keys(this.#checks).length === 0 ? {} : { checks: this.#checks }),
      ...(this.#findings.length === 0 ? {} : { findings: this.#findings }),
    };
  }

  #window(limit: WatchedValue, check: GuardCheck, { over, sigma }: { over: number; sigma: number }): void {
    // A lever that visibly does not follow is replaced by others, and says nothing about its direction.
    const follows = (key: string): boolean => (this.#input.bounds.get(key)?.missS ?? 0) < 2 * this.#input.response;
    const due = Object.fromEntries(Object.entries(check.due).filter(([key]) => follows(key)));
    const expected = sumOf(due);
    const moved = check.from - over;
    const isClear = expected > CLEAR_SIGMAS * sigma;
    const least = Object.keys(due).length > 1 ? LEAST_SHARE.several : LEAST_SHARE.one;
    if (expected > 0 && isClear && moved >= least * expected) {
      delete this.#checks[limit.element];
      return;
    }
    const against = isClear && moved <= -Math.max(LEAST_SHARE.one * expected, 2 * sigma);
    const strikes = check.strikes + (expected > 0 && isClear ? 1 : 0);
    const right = this.#findings.filter((each) => each.element === limit.element && each.verdict === 'right');
    const levers = [...new Set([...Object.keys(check.due), ...Object.keys(check.next)])].filter(
      (key) => follows(key) && !right.some(({ lever }) => lever === key),
    );
    const more = sumOf(check.next) > NEGLIGIBLE;
    if (strikes >= STRIKES && against && check.against && levers.length === 1) {
      this.#find(limit, levers[0]!, 'against');
      this.#giveBack(limit.element, levers[0]!);
      delete this.#checks[limit.element];
    } else if (levers.length > 0 && (strikes >= STRIKES || (against && !more))) {
      this.#checks[limit.element] = { ...check, tries: ['', ...levers] };
      this.#tryNext(limit, over, sigma);
    } else if (levers.length === 0 || (expected === 0 && !more)) delete this.#checks[limit.element];
    else {
      const next = { ...check, from: over, ageS: 0, due: check.next, next: {}, strikes, against };
      this.#checks[limit.element] = next;
    }
  }

  /** Judges the first lever after it has taken back its step, or given it again. */
  #tried(limit: WatchedValue, check: GuardCheck, { over, sigma }: { over: number; sigma: number }): void {
    const [key = ''] = check.tries!;
    const { step = 0, seems } = check;
    const moved = seems === undefined ? over - check.from : check.from - over;
    const lever = this.#input.levers.find((each) => each.key === key);
    const took = lever === undefined || check.at === undefined ? 0 : Math.abs(lever.value - check.at);
    // A lever that took nothing back, because it is held elsewhere or its device needs no more, shows nothing.
    const isShown = lever !== undefined && took * Math.abs(reachOf(limit, lever)) >= TOOK_SHARE * step;
    // The lever's own meter may be slower than the head's.
    const isOld = lever !== undefined && lever.ageS > check.ageS - WAITED_RESPONSES * this.#input.response;
    if (!isShown && isOld && check.ageS < 3 * this.#input.response) return;
    const isRight = moved >= TRIED.right * step;
    const shows = moved <= TRIED.against * step ? 'against' : 'none';
    // A load can move by as much within the same seconds, so a fault must show twice: taking back and giving again.
    if (isShown && !isRight && seems === undefined && this.#giveAgain(limit, key, step)) {
      this.#checks[limit.element] = { ...check, seems: shows, at: lever.value, from: over, ageS: 0 };
      return;
    }
    const agreed = seems === shows && !isRight ? shows : 'undecided';
    const { seems: _, ...left } = check;
    this.#checks[limit.element] = left;
    this.#find(limit, key, !isShown ? 'undecided' : isRight && seems === undefined ? 'right' : agreed);
    this.#tryNext(limit, over, sigma);
  }

  #tryNext(limit: WatchedValue, over: number, sigma: number): void {
    const { element } = limit;
    const check = this.#checks[element]!;
    const tries = check.tries!.slice(1);
    for (let key = tries[0]; key !== undefined; key = tries[0]) {
      const step = this.#takeBack(limit, key, { side: check.side, sigma });
      if (step > CLEAR_SIGMAS * sigma && step > NEGLIGIBLE) {
        const at = this.#input.levers.find((each) => each.key === key)!.value;
        this.#checks[element] = { ...check, tries, step, at, from: over, ageS: 0 };
        return;
      }
      this.#find(limit, key, 'undecided');
      tries.shift();
    }
    delete this.#checks[element];
    // Not earlier: relief released by one lever would hide the effect of the next.
    for (const { lever } of this.#findings.filter((each) => each.element === element && each.verdict === 'against'))
      this.#giveBack(element, lever);
    const turned = this.#findings.filter((each) => each.element === element && each.verdict === 'against');
    const tried = this.#findings.filter((each) => each.element === element);
    if (turned.length < 2 || turned.length < tried.length) return;
    this.#findings = this.#findings.filter((each) => each.element !== element);
    this.#findings.push({ element, lever: '', verdict: 'meter', leftS: FROZEN_S });
  }

  /** Takes back one step of the lever's relief; returns the step in the limit's unit, 0 if none was possible. */
  #takeBack(limit: WatchedValue, key: string, { side, sigma }: { side: Side; sigma: number }): number {
    const lever = this.#input.levers.find((each) => each.key === key);
    const bound = this.#input.bounds.get(key);
    if (lever === undefined || bound === undefined) return 0;
    const reach = reachOf(limit, lever);
    const effect = Math.abs(reach);
    const end = reach > 0 === (side === 'max') ? 'max' : 'min';
    const at = bound[end];
    if (at === null || effect === 0) return 0;
    // A bound set by another element's limit is not this element's to take back.
    if (!this.#isOf(limit.element, bound[end === 'max' ? 'maxBy' : 'minBy'])) return 0;
    const held = effect * Math.max(0, wantOf(lever, end, at));
    const step = Math.min(held, Math.max(TRY_SIGMAS * sigma, TRY_SHARE * held));
    if (step <= CLEAR_SIGMAS * sigma) return 0;
    bound[end] = end === 'max' ? at + step / effect : at - step / effect;
    return step;
  }

  /** Gives again the step that the lever took back; false if another limit holds it by now. */
  #giveAgain(limit: WatchedValue, key: string, step: number): boolean {
    const lever = this.#input.levers.find((each) => each.key === key);
    const bound = this.#input.bounds.get(key);
    if (lever === undefined || bound === undefined) return false;
    const reach = reachOf(limit, lever);
    const end = reach > 0 === (this.#checks[limit.element]!.side === 'max') ? 'max' : 'min';
    const at = bound[end];
    if (at === null || !this.#isOf(limit.element, bound[end === 'max' ? 'maxBy' : 'minBy'])) return false;
    bound[end] = end === 'max' ? at - step / Math.abs(reach) : at + step / Math.abs(reach);
    return true;
  }

  #find({ element }: WatchedValue, lever: string, verdict: Verdict): void {
    const leftS = verdict === 'undecided' ? UNDECIDED_S : FROZEN_S;
    this.#findings = this.#findings.filter((each) => each.element !== element || each.lever !== lever);
    this.#findings.push({ element, lever, verdict, leftS });
  }

  /** Releases what the lever holds for this element. */
  #giveBack(element: string, lever: string): void {
    const bound = this.#input.bounds.get(lever);
    if (bound === undefined) return;
    if (this.#isOf(element, bound.maxBy)) [bound.max, bound.maxBy] = [null, null];
    if (this.#isOf(element, bound.minBy)) [bound.min, bound.minBy] = [null, null];
  }

  #isOf = (element: string, by: string | null): boolean =>
    this.#input.limits.some((limit) => limit.element === element && limit.id === by);
}
