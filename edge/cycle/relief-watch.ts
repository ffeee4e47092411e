import { DEAD_PU } from '../control/image.ts';
import { eventForms, eventSays, type EventPhrase } from '../../shared/sentences/event-forms.ts';
import type { Excess, Intervention } from '../safety/guard-types.ts';
import type { Condition } from './alarms.ts';
import { RelayWatch } from './relay-watch.ts';
import { rounded, unitOf } from './figures.ts';
import type { Site, StepResult } from './step-types.ts';

interface Passed {
  /** Running time at which it was passed, ms. */
  readonly sinceMs: number;
  /** The least excess since it was passed or has jumped, and the running time at which that was heard, ms. */
  least: number;
  leastMs: number;
  /** The most since it was passed. What falls and rises again to no more than this is no other excess. */
  most: number;
  /** Of what was asked for last, how much the levers could give. */
  met: number;
  /** Running time since which they could give all of it, ms. */
  metMs: number;
  /** What is in the way of more. */
  left: Intervention['left'];
  /** Told once, it stands until the value is back. */
  words: EventPhrase | undefined;
}

/** An excess that falls by less is not on its way back. */
const FALLS = 0.98;
/** One that grows beyond this times its most is another, whose relief has only been asked for now. */
const JUMPS = 1.5;
/** The levers can give all that is asked for. */
const ALL = 0.999;
/** A tap changer answers a voltage within this time, s: its delay, and a few steps. */
const TAP_S = 120;
/** A voltage this far past its limit, pu, waits for no more than its first answer, s: what hangs on it trips. */
const FAR = { pu: 0.04, tapS: 30 } as const;
/** A load below this share of what its element may carry for good trips nothing. It may wait for readings that come slowly, s. */
const CALM = { share: 1.1, s: 15 } as const;
/** A value that falls and falls is a matter for people after this, beyond what its tap changer takes, s: it comes back too slowly. */
const LONGEST = { loadS: 60, voltageS: 30 } as const;
/** Of its way to the trip: from here on a relay waits for nobody. */
const RELAY_SHARE = 0.5;
const RELAY: EventPhrase = 'half of the time of its relay is over';
/** A sentence is told again with its value when that has moved by this share of the limit; a voltage by so much, pu. */
const TOLD_SHARE = 0.03;
const TOLD_PU = 0.002;

/** An excess that is a matter for people. */
interface Unmet {
  readonly excess: Excess;
  readonly words: EventPhrase;
}

/**
 * Reports limits that the guard cannot relieve. The guard only sees a limit after it is exceeded, and relief takes the response time to
 * reach the meter. While the excess falls, relief is coming. An excess that stays needs a person: no lever has room, or requested relief
 * does not come. Where the relay of the element is known, half of its time is all that is waited, falling or not.
 */
export class ReliefWatch {
  readonly #passed = new Map<string, Passed>();
  readonly #relays = new RelayWatch();

  /**
   * One condition for each element and what it is loaded with: power, apparent power and current say the same of it. The voltages of
   * a feeder's devices are one condition too: that of the end of the band that is passed by most. `runMs`: for how long the gateway has
   * run.
   */
  update(
    result: StepResult,
    runMs: number,
    { guard: { responseS }, specs, elements }: Pick<Site, 'guard' | 'specs' | 'elements'>,
  ): Condition[] {
    const { passed, interventions, shown, image } = result;
    const responseMs = 1000 * Math.max(responseS, 4 * image.stepS);
    const tapMs = specs.some(({ takesVoltageTarget }) => takesVoltageTarget) ? 1000 * TAP_S : 0;
    for (const key of this.#passed.keys()) if (!passed.some((each) => endOf(each) === key)) this.#passed.delete(key);
    const relays = this.#relays.update(image, elements);
    const unmet = new Map<string, Unmet[]>();
    for (const excess of passed) {
      if (isDead(excess)) continue;
      // A value not measured since then says nothing about the relief.
      const { heardS = 0 } = image.devices.get(excess.element) ?? image.elements.get(excess.element) ?? {};
      const heardMs = runMs - 1000 * heardS;
      const known = this.#seen(excess, heardMs);
      const asked = interventions.find(({ limit, bound }) => limit === excess.limit && bound === excess.bound);
      if (asked !== undefined) {
        if (known.met < ALL) known.metMs = runMs;
        [known.met, known.left] = [asked.met, asked.left];
      }
      const isVoltage = excess.quantity === 'voltagePu';
      const calmMs = !isVoltage && isCalm(excess, { image, elements }) ? 1000 * CALM.s : 0;
      const awaitedMs = excess.over < FAR.pu ? tapMs : Math.min(tapMs, 1000 * FAR.tapS);
      const leastMs = isVoltage ? Math.max(awaitedMs, responseMs) : responseMs;
      const pastMs = heardMs - known.sinceMs;
      if (!isVoltage && (relays.get(excess.element)?.share ?? 0) >= RELAY_SHARE) known.words ??= RELAY;
      if (known.words === undefined && pastMs < calmMs) continue;
      known.words ??= wordsOf(known, {
        stillMs: heardMs - known.leastMs,
        metMs: heardMs - known.metMs,
        leastMs,
        responseMs,
        shown,
        isSlow: pastMs >= (isVoltage ? tapMs + 1000 * LONGEST.voltageS : 1000 * LONGEST.loadS),
      });
      if (known.words === undefined) continue;
      const key = keyOf(excess, specs);
      unmet.set(key, [...(unmet.get(key) ?? []), { excess, words: known.words }]);
    }
    for (const [element, { share, currentA, pickUpA }] of relays) {
      // A relay sees each phase and has a pick-up of its own: no limit of its element need be passed.
      const key = `unmet:${element}`;
      if (share < RELAY_SHARE || unmet.has(key)) continue;
      const excess = {
        limit: key,
        element,
        quantity: 'currentA',
        value: currentA,
        bound: pickUpA,
        over: currentA - pickUpA,
      } as const;
      unmet.set(key, [{ excess, words: RELAY }]);
    }
    return [...unmet].map(([key, all]) => conditionOf(key, all));
  }

  #seen(excess: Excess, heardMs: number): Passed {
    const { over } = excess;
    const known = this.#passed.get(endOf(excess));
    if (known === undefined) {
      const begun = {
        sinceMs: heardMs,
        least: over,
        leastMs: heardMs,
        most: over,
        met: 1,
        metMs: heardMs,
        left: undefined,
        words: undefined,
      };
      this.#passed.set(endOf(excess), begun);
      return begun;
    }
    if (over > JUMPS * known.most || over < FALLS * known.least) [known.least, known.leastMs] = [over, heardMs];
    known.most = Math.max(known.most, over);
    return known;
  }
}

/** A voltage that goes from above its band to below it is past another limit. */
const endOf = (excess: Excess): string => `${excess.limit}:${isHigh(excess) ? 'high' : 'low'}`;

const isHigh = ({ value, bound }: Excess): boolean => value > bound;

/** No voltage at all is no limit that a lever could keep. */
const isDead = ({ quantity, value }: Excess): boolean => quantity === 'voltagePu' && value < DEAD_PU;

function keyOf({ element, quantity }: Excess, specs: Site['specs']): string {
  if (quantity !== 'voltagePu') return `unmet:${element}`;
  const feeder = specs.find(({ id }) => id === element)?.feeder ?? element;
  return `unmet-voltage:${feeder}`;
}

interface Standing {
  /** For how long the excess has not fallen. */
  readonly stillMs: number;
  /** For how long all that was asked for could be given. */
  readonly metMs: number;
  /** For how long it must not have fallen. */
  readonly leastMs: number;
  readonly responseMs: number;
  readonly shown: boolean;
  /** It has been past its limit for longer than anything that relieves it takes. */
  readonly isSlow: boolean;
}

/** What is in the way of relief that devices still have. */
const LEFT: Readonly<Record<NonNullable<Intervention['left']>, EventPhrase>> = {
  limit: 'no device can relieve it further without passing another limit',
  reserve: 'what its batteries have left is kept for when a relay would trip',
  lost: 'devices that could relieve it do not follow',
  found: 'devices that could relieve it were found not to do so',
};

/** Why it does not come back; undefined: it may yet. */
function wordsOf({ met, left }: Passed, standing: Standing): EventPhrase | undefined {
  const { stillMs, metMs, leastMs, responseMs, shown, isSlow } = standing;
  const slowly = isSlow ? 'it comes back too slowly' : undefined;
  if (stillMs < leastMs) return slowly;
  if (shown) return 'in monitor the guard moves no device';
  if (met < ALL) return left === undefined ? 'no device can relieve it further' : LEFT[left];
  // Levers that do not follow are given up for others after two response times.
  const isLate = Math.min(stillMs, metMs) >= Math.max(leastMs, 2 * responseMs);
  return isLate ? 'the relief that was asked for does not come' : slowly;
}

/** Whether a load stays well below what a relay of its element picks up at; never where what it may carry is not known. */
function isCalm(
  { element, quantity, value }: Excess,
  { image, elements }: Pick<StepResult, 'image'> & Pick<Site, 'elements'>,
): boolean {
  const { ratedKva = null, currentA = null } = elements.find(({ id }) => id === element) ?? {};
  if (quantity === 'currentA') return currentA !== null && value < CALM.share * currentA;
  const { activePowerKw, reactivePowerKvar } = image.elements.get(element) ?? {};
  return ratedKva !== null && Math.hypot(activePowerKw ?? value, reactivePowerKvar ?? 0) < CALM.share * ratedKva;
}

/** Alone, with one more device of its feeder, with several. */
const PAST = eventForms['LS-CONTROL-004'];

/** The value and the words of the worst of them. */
function conditionOf(key: string, all: readonly Unmet[]): Condition {
  const { excess, words } = all.reduce((worst, each) => (shareOf(each) > shareOf(worst) ? each : worst));
  const { element, quantity, value, bound } = excess;
  const alike = all.filter((each) => isHigh(each.excess) === isHigh(excess));
  const others = new Set(alike.map((each) => each.excess.element)).size - 1;
  return {
    key,
    severity: 'high',
    ...eventSays('LS-CONTROL-004', PAST[Math.min(others, 2)]!, {
      element,
      value: rounded(value),
      bound: rounded(bound),
      unit: unitOf(quantity),
      others,
      why: words,
    }),
    live: { value, bound, step: quantity === 'voltagePu' ? TOLD_PU : TOLD_SHARE * Math.abs(bound) },
  };
}

const shareOf = ({ excess: { over, bound } }: Unmet): number => over / Math.max(Math.abs(bound), 1e-9);
