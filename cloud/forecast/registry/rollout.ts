import { EVENT_TEXT, fitText } from '../../../shared/contracts/fit-text.ts';
import { refused } from '../../../shared/sentences/refused.ts';
import { formatMessage, type MessageForm, type MessageValues } from '../../../shared/sentences/message-forms.ts';
import type { LoadstoneEvent } from '../../../shared/contracts/event.ts';
import type { DocumentReport } from '../../../shared/contracts/report.ts';
import { isWorse, type DuelScore } from '../../../shared/forecast/duel.ts';
import { bad, throwAll, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import type { DayScore } from '../../../shared/forecast/evaluate.ts';
import { Turns } from '../../../shared/time/turns.ts';
import type { ModelBundle, ModelRole } from './bundle.ts';
import { isAgeing, isExpired, maySucceed } from './expiry.ts';
import type { GateReport } from './gate.ts';
import { judgeCandidate } from './judge-candidate.ts';
import { isPromising, judgeShadow, type PromotionGround } from './judge-shadow.ts';
import { mayFollow, type ModelState, type Step } from './lifecycle.ts';
import { releaseOf } from './release.ts';
import type { SecondPerson, WaitingPromotion } from './second-person.ts';
import type { ModelEvidence, ModelRegistry, RegistryEntry } from './registry.ts';

/** Live losses of the two models of a place on the same targets, as measured there. */
export interface LiveDuel extends DuelScore {
  /** Ids of the active model and of the model beside it. */
  readonly answering: string;
  readonly beside: string | null;
  /** Why the model beside it cannot run there. */
  readonly refused: string | null;
}

/** The models that a place should run. */
export interface Desired {
  readonly answering: RegistryEntry;
  readonly beside: RegistryEntry | undefined;
}

export interface RolloutSettings {
  /** Hours of plant time in shadow, as a canary, and with the predecessor running beside it. */
  readonly shadowHours: number;
  readonly canaryHours: number;
  readonly watchHours: number;
  /** Share of the places of a release that go first. */
  readonly canaryShare: number;
}

export interface RolloutOptions {
  readonly registry: ModelRegistry;
  readonly clock: Clock;
  readonly settings: RolloutSettings;
  /** The measurements of a place; undefined: none yet, or it is unreachable. */
  readonly duel: (target: string, role: ModelRole) => LiveDuel | undefined;
  /** Losses of a model on recent days that it was not trained on, measured if the registry has too few. */
  readonly measure?: ((entry: RegistryEntry) => Promise<readonly DayScore[]>) | undefined;
  /** Called when the models of a place have changed: see `desired`. Called again after a restart; must be idempotent. */
  readonly apply: (target: string, role: ModelRole) => void | Promise<void>;
  readonly report: (event: LoadstoneEvent, entry: RegistryEntry) => void;
  /** Requests a new candidate for a target. */
  readonly retrain?: ((target: string, reason: string) => void) | undefined;
  /** Approval of a promotion by a second person; absent: one person suffices. */
  readonly approve?: Pick<SecondPerson, 'consent' | 'waiting'> | undefined;
}

/** Fewest scored targets for a verdict. */
const LEAST_SCORES = 12;
const HOUR_MS = 3_600_000;
/** A challenger at a silent place is held after this multiple of the shadow time. */
const PATIENCE = 14;
const OWN = 'loadstone';

/** A transition that a person cannot request. */
const noStep = <Form extends MessageForm<'LS-MODEL-003'>>(form: Form, ...values: MessageValues<Form>): Outcome<never> =>
  bad('LS-MODEL-003', formatMessage('LS-MODEL-003', form, ...values), '/body/to');

/**
 * Takes models through their life cycle: gate, shadow, canary, all places, and back. All its state is in the registry, and the models a
 * place runs follow from it, so a kill at any step loses nothing.
 */
export class Rollout {
  readonly #options: RolloutOptions;
  readonly #turns = new Turns();
  /** Models already reported as expiring soon. A restart reports them again. */
  readonly #ageing = new Set<string>();
  /** Models that left the shadow since the start, by ground. */
  readonly promotions: Record<PromotionGround, number> = { duel: 0, age: 0 };

  constructor(options: RolloutOptions) {
    this.#options = options;
  }

  /** Applies the registry's state to every place. */
  async start(): Promise<void> {
    const places = new Map<string, { target: string; role: ModelRole }>();
    for (const { manifest, role } of await this.#options.registry.inStates('shadow', 'canary', 'active'))
      places.set(`${role} ${manifest.target}`, { target: manifest.target, role });
    for (const { target, role } of places.values()) await this.#options.apply(target, role);
  }

  /**
   * Adds a checked candidate and puts it through the gate. A model trained elsewhere is added only if it would pass the gate
   * (LS-MODEL-010).
   */
  submit(
    bundle: ModelBundle,
    origin: {
      readonly release: string;
      readonly evidence: ModelEvidence;
      readonly by: string;
      readonly reason: string;
    },
  ): Promise<Outcome<RegistryEntry>> {
    return this.#turns.take(async () => {
      const { registry } = this.#options;
      const { evidence } = origin;
      const known = await registry.get(bundle.manifest.id);
      const report =
        evidence.imported === true && known === undefined ? await this.#judge({ ...bundle, evidence }) : undefined;
      if (report?.passes === false) return bad(report.code ?? 'LS-MODEL-010', report.reason);
      const stored = await registry.put(bundle, { ...origin, at: this.#now() });
      if (!stored.ok) return stored;
      await this.#gate(stored.value, report);
      return { ok: true, value: (await registry.get(bundle.manifest.id))! };
    });
  }

  /** The models that a place should run. */
  async desired(target: string, role: ModelRole): Promise<Desired | undefined> {
    const { registry, settings } = this.#options;
    const answering = await registry.answering(target, role);
    if (answering === undefined) return undefined;
    const active = await registry.active(target, role);
    const challenger = await registry.challenger(target, role);
    if (answering.state === 'canary') return { answering, beside: active };
    if (challenger !== undefined) return { answering, beside: challenger };
    const watched = this.#now() - answering.since < settings.watchHours * HOUR_MS;
    const before = watched && answering.replaced !== null ? await registry.get(answering.replaced) : undefined;
    return {
      answering,
      beside: before?.state === 'retired' && before.manifest.expiresAt > this.#now() ? before : undefined,
    };
  }

  /** The measurements of a model and of the one beside it, by their place. */
  duel(entry: RegistryEntry): LiveDuel | undefined {
    const found = this.#options.duel(entry.manifest.target, entry.role);
    const isIn = found?.answering === entry.manifest.id || found?.beside === entry.manifest.id;
    return isIn ? found : undefined;
  }

  /** A person's request. LS-MODEL-003: this transition is not permitted. */
  request(id: string, to: ModelState, { by, reason }: Pick<Step, 'by' | 'reason'>): Promise<Outcome<RegistryEntry>> {
    return this.#turns.take(async () => {
      const { registry, approve } = this.#options;
      const entry = await registry.get(id);
      if (entry === undefined) return refused('LS-MODEL-002', 'there is no model {model}', { model: id });
      if (to === 'rejected' || to === 'candidate') return noStep('{state} is not for people to decide', { state: to });
      if (to === entry.state) return noStep('{model} is {state} already', { model: id, state: to });
      const isInForce = to === 'shadow' || to === 'canary' || to === 'active';
      if (isInForce && entry.manifest.expiresAt <= this.#now()) return noStep('{model} has expired', { model: id });
      const needsIncumbent = to === 'shadow' || to === 'canary';
      if (needsIncumbent && (await registry.active(entry.manifest.target, entry.role)) === undefined)
        return noStep('nothing answers for {target} yet: make it active', { target: entry.manifest.target });
      const promotes = to === 'canary' || to === 'active';
      if (!promotes || approve === undefined || !mayFollow(entry.state, to))
        return this.#move(entry, to, { by, reason });
      const consent = await approve.consent({ id, to, by, reason });
      if (!consent.ok) {
        const text = formatMessage(
          'any',
          '{user} asks that model {model} for {target} becomes {state}: {reason}. It waits for a second person.',
          { user: by, model: id, target: entry.manifest.target, state: to, reason },
        );
        this.#say(entry, { severity: 'info', code: 'model.asked', text });
        return consent;
      }
      const { requester, reason: why } = consent.value;
      return this.#move(entry, to, {
        by: `${requester}, ${by}`,
        reason: why === reason ? reason : `${requester}: ${why}; ${by}: ${reason}`,
      });
    });
  }

  /** The promotion of a model that waits for its second person. */
  async waiting(id: string): Promise<WaitingPromotion | undefined> {
    return this.#options.approve?.waiting(id);
  }

  /** Handles a gateway's report on a model. A refused model cannot run there. */
  reported({ id, stage, code, detail }: Pick<DocumentReport, 'id' | 'stage' | 'code' | 'detail'>): Promise<void> {
    return this.#turns.take(async () => {
      const entry = await this.#options.registry.get(id);
      const isRefused = stage === 'rejected' && code?.startsWith('LS-MODEL-') === true;
      if (entry === undefined || !isRefused || !['shadow', 'canary', 'active'].includes(entry.state)) return;
      await this.#refuse(entry, `${code}: ${detail ?? 'no reason given'}`);
    });
  }

  /** Retires a place's models because their inputs no longer fit. */
  retire(target: string, role: ModelRole, reason: string): Promise<void> {
    return this.#turns.take(async () => {
      const { registry } = this.#options;
      const inForce = [await registry.challenger(target, role), await registry.active(target, role)];
      for (const entry of inForce) if (entry !== undefined) await this.#move(entry, 'retired', { by: OWN, reason });
    });
  }

  /**
   * Advances every model in progress; called every few minutes of plant time. If one fails, it continues with the others, then throws all that failed.
   */
  step(): Promise<void> {
    return this.#turns.take(async () => {
      const failures: unknown[] = [];
      // Otherwise a shadow that began in the future would never end and block every candidate.
      await this.#options.registry.setBack(this.#now());
      const each = async (states: readonly ModelState[], look: (entry: RegistryEntry) => Promise<unknown>) => {
        for (const entry of await this.#options.registry.inStates(...states))
          await look(entry).catch((error: unknown) => failures.push(error));
      };
      await each(['shadow', 'canary', 'active'], (entry) => this.#age(entry));
      await each(['candidate'], (entry) => this.#gate(entry));
      await each(['shadow'], (entry) => this.#shadow(entry));
      await each(['canary'], (entry) => this.#canary(entry));
      await each(['active'], (entry) => this.#active(entry));
      throwAll(failures);
    });
  }

  /** Retires an expired model. For an active one that expires soon, reports it and requests a successor, once. */
  async #age(entry: RegistryEntry): Promise<void> {
    const { retrain } = this.#options;
    const now = this.#now();
    const { id, target, expiresAt } = entry.manifest;
    if (isExpired(entry.manifest, now))
      await this.#move(entry, 'retired', { by: OWN, reason: formatMessage('any', 'LS-MODEL-011: it has expired') });
    else if (entry.state === 'active' && isAgeing(entry.manifest, now) && !this.#ageing.has(id)) {
      this.#ageing.add(id);
      const text = formatMessage(
        'LS-MODEL-014',
        'Model {model} for {target} expires on {day} and has no successor yet; it is being retrained.',
        { model: id, target, day: new Date(expiresAt).toISOString().slice(0, 10) },
      );
      this.#say(entry, { severity: 'medium', code: 'LS-MODEL-014', text });
      retrain?.(target, 'the active model expires soon');
    }
  }

  async #active(entry: RegistryEntry): Promise<void> {
    const { settings, apply } = this.#options;
    const age = this.#now() - entry.since;
    if (entry.replaced === null || age > settings.watchHours * HOUR_MS + HOUR_MS) return;
    // The predecessor stops running beside it when the watch ends.
    if (age >= settings.watchHours * HOUR_MS) await apply(entry.manifest.target, entry.role);
    else await this.#watch(entry);
  }

  async #gate(entry: RegistryEntry, known?: GateReport): Promise<void> {
    const { registry } = this.#options;
    const { manifest, role } = entry;
    const newest = await registry.newest(manifest.target, role, 'candidate');
    if (newest !== undefined && newest.manifest.id !== manifest.id) {
      await this.#move(entry, 'held', {
        by: OWN,
        reason: formatMessage('any', '{model} is newer', { model: newest.manifest.id }),
      });
      return;
    }
    // The current challenger is judged first.
    const challenger = await registry.challenger(manifest.target, role);
    if (challenger?.state === 'canary') return;
    if (challenger !== undefined && (await this.#keepsPlace(challenger, entry))) return;
    const report = known ?? (await this.#judge(entry));
    await registry.setGate(manifest.id, report);
    const isFirst = (await registry.active(manifest.target, role)) === undefined;
    // A model trained elsewhere becomes active first only by a person's decision or after a shadow.
    const waits = report.passes && isFirst && entry.evidence.imported === true;
    const to = !report.passes || waits ? 'held' : isFirst ? 'active' : 'shadow';
    const reason = waits
      ? `${report.reason}; there is no active model to compare it with, so a person must activate it`
      : report.reason;
    await this.#move(entry, to, { by: OWN, reason });
  }

  /**
   * Whether a shadow goes on although a newer candidate waits. Beside an ageing incumbent, one that may not follow it gives way to one that
   * may.
   */
  async #keepsPlace(
    { manifest, role, evidence, since }: RegistryEntry,
    candidate: Pick<RegistryEntry, 'manifest' | 'evidence'>,
  ): Promise<boolean> {
    const now = this.#now();
    const incumbent = await this.#options.registry.active(manifest.target, role);
    const may = (one: typeof candidate): boolean => incumbent !== undefined && maySucceed(one, incumbent, now);
    if (may(candidate) && !may({ manifest, evidence })) return false;
    return isPromising({ days: evidence.duel?.days ?? [], ageMs: now - since });
  }

  async #shadow(entry: RegistryEntry): Promise<void> {
    const { registry, settings } = this.#options;
    const { manifest, role } = entry;
    const duel = this.#options.duel(manifest.target, role);
    const ageMs = this.#now() - entry.since;
    if (duel?.beside !== manifest.id) {
      if (ageMs > PATIENCE * settings.shadowHours * HOUR_MS)
        await this.#move(entry, 'held', {
          by: OWN,
          reason: formatMessage('any', 'it was never seen to run in shadow'),
        });
      return;
    }
    if (duel.refused !== null) return this.#refuse(entry, duel.refused);
    const days = await registry.keepDuel(manifest.id, duel.answering, duel.days ?? []);
    if (ageMs < settings.shadowHours * HOUR_MS || duel.n < LEAST_SCORES) return;
    const incumbent = await registry.active(manifest.target, role);
    const follows = incumbent !== undefined && maySucceed(entry, incumbent, this.#now());
    const verdict = judgeShadow(duel, { days, ageMs, follows });
    if (verdict?.to === 'out') await this.#letOut(entry, verdict);
    else if (verdict !== undefined) await this.#move(entry, verdict.to, { by: OWN, reason: verdict.reason });
  }

  async #refuse(entry: RegistryEntry, grounds: string): Promise<void> {
    const reason = formatMessage('any', 'refused where it was to run: {grounds}', { grounds });
    await this.#move(entry, 'rejected', { by: OWN, reason });
  }

  async #letOut(
    entry: RegistryEntry,
    { ground, reason }: { readonly ground: PromotionGround; readonly reason: string },
  ): Promise<void> {
    const { registry, settings } = this.#options;
    const { canaries, passed, failed } = await releaseOf(entry, { registry, canaryShare: settings.canaryShare });
    const promote = async (to: 'canary' | 'active', why: string): Promise<void> => {
      const moved = await this.#move(entry, to, { by: OWN, reason: why });
      if (moved.ok) this.promotions[ground]++;
    };
    if (canaries.has(entry.manifest.id)) await promote('canary', reason);
    else if (passed)
      await promote('active', formatMessage('any', '{grounds}; the canaries have passed', { grounds: reason }));
    else if (failed)
      await this.#move(entry, 'held', {
        by: OWN,
        reason: formatMessage('any', 'a canary of its release was rolled back'),
      });
  }

  #judge(entry: Pick<RegistryEntry, 'manifest' | 'role' | 'evidence'>): Promise<GateReport> {
    const { registry, measure } = this.#options;
    return judgeCandidate(entry, { registry, now: this.#now(), measure });
  }

  async #canary(entry: RegistryEntry): Promise<void> {
    if (await this.#watch(entry)) return;
    const { settings } = this.#options;
    const duel = this.#options.duel(entry.manifest.target, entry.role);
    if (duel?.answering !== entry.manifest.id || duel.n < LEAST_SCORES) return;
    if (this.#now() - entry.since < settings.canaryHours * HOUR_MS) return;
    const reason = formatMessage(
      'any',
      "as a canary its loss is {own} kW, the incumbent's {other} kW ({count} targets)",
      lossesOf(duel),
    );
    await this.#move(entry, 'active', { by: OWN, reason });
  }

  /** Rolls back a model whose error exceeds its predecessor's; returns whether it did. */
  async #watch(entry: RegistryEntry): Promise<boolean> {
    const duel = this.#options.duel(entry.manifest.target, entry.role);
    if (duel?.answering !== entry.manifest.id || duel.beside === null || duel.n < LEAST_SCORES) return false;
    if (!isWorse(duel.answeringKw, duel.besideKw, duel.standardErrorKw)) return false;
    const reason = formatMessage(
      'any',
      "rolled back: its loss is {own} kW, its predecessor's {other} kW ({count} targets)",
      lossesOf(duel),
    );
    await this.#move(entry, 'rejected', { by: OWN, reason });
    return true;
  }

  async #move(entry: RegistryEntry, to: ModelState, step: Omit<Step, 'at'>): Promise<Outcome<RegistryEntry>> {
    const { registry, apply } = this.#options;
    const moved = await registry.move(entry.manifest.id, to, { ...step, at: this.#now() });
    if (!moved.ok) return moved;
    await apply(entry.manifest.target, entry.role);
    const isBad = to === 'rejected';
    const text = formatMessage('any', 'Model {model} for {target} is {state} (was {before}), by {person}: {grounds}', {
      model: entry.manifest.id,
      target: entry.manifest.target,
      state: to,
      before: entry.state,
      person: step.by,
      grounds: step.reason,
    });
    this.#say(moved.value, { severity: isBad ? 'medium' : 'info', code: `model.${to}`, text });
    return moved;
  }

  #say(entry: RegistryEntry, { severity, code, text }: Pick<LoadstoneEvent, 'severity' | 'code' | 'text'>): void {
    const event = { time: this.#now(), kind: 'event', severity, code, subject: entry.manifest.id } as const;
    this.#options.report({ ...event, text: fitText(text, EVENT_TEXT) }, entry);
  }

  #now(): number {
    return Math.round(this.#options.clock.plant.now());
  }
}

const lossesOf = ({ answeringKw, besideKw, n }: LiveDuel): { own: string; other: string; count: number } => ({
  own: answeringKw.toFixed(1),
  other: besideKw.toFixed(1),
  count: n,
});
