import { DEAD_PU } from '../control/image.ts';
import { eventForms, eventSays, type EventPhrase } from '../../shared/sentences/event-forms.ts';
import type { Excess, Intervention } from '../safety/guard-types.ts';
import type { Condition } from './alarms.ts';
import { RelayWatch } from './relay-watch.ts';
import { rounded, unitOf } from './figures.ts';
import type { Site, StepResult } from './step-types.ts';

interface Passed {
  /** Running time at which the limit was first passed, ms. */
  readonly sinceMs: number;
  /** The smallest excess since the limit was passed or the excess jumped, and the running time of that reading, ms. */
  least: number;
  leastMs: number;
  /** The largest excess since then. An excess that falls and rises again to no more than this is the same one. */
  most: number;
  /** Share of the last requested relief that the levers could give. */
  met: number;
  /** Running time since which they could give all of it, ms. */
  metMs: number;
  /** What prevents more relief. */
  left: Intervention['left'];
  /** Once reported, the reason stands until the value is back within its limit. */
  words: EventPhrase | undefined;
}

/** An excess must fall below this share of its minimum to count as falling. */
const FALLS = 0.98;
/** An excess beyond this multiple of its maximum is a new one, whose relief has only just been requested. */
const JUMPS = 1.5;
/** From this share on the levers can give all that is requested. */
const ALL = 0.999;
/** A tap changer corrects a voltage within this time, s: its delay and a few steps. */
const TAP_S = 120;
/** A voltage this far past its limit, pu, waits only for the tap changer's first step, s, because connected equipment trips. */
const FAR = { pu: 0.04, tapS: 30 } as const;
/** A load below this multiple of what its element may carry permanently trips nothing, so it may wait for slow readings, s. */
const CALM = { share: 1.1, s: 15 } as const;
/** A value that keeps falling is reported after this, beyond its tap changer's time, s: it comes back too slowly. */
const LONGEST = { loadS: 60, voltageS: 30 } as const;
/** From this progress towards the trip on, an excess is reported without further waiting. */
const RELAY_SHARE = 0.5;
const RELAY: EventPhrase = 'half of the time of its relay is over';
/** An alarm is reported again with its new value when that has moved by this share of the limit; a voltage by this many pu. */
const DEADBAND_SHARE = 0.03;
const DEADBAND_PU = 0.002;

/** An excess to report. */
interface Unmet {
  readonly excess: Excess;
  readonly words: EventPhrase;
}

/**
 * Reports limits that the guard cannot relieve. The guard only sees a limit after it is exceeded, and relief takes the response
 * time to reach the meter. While the excess falls, relief is coming. An excess that stays needs a person: no lever has room, or
 * requested relief does not come. Where the element's relay is known, the report comes at half of its trip time at the latest,
 * falling or not.
 */
export class ReliefWatch {
  readonly #passed = new Map<string, Passed>();
  readonly #relays = new RelayWatch();

  /**
   * Returns one condition per element for its load, since power, apparent power and current say the same. The voltages of a
   * feeder's devices also share one condition, for the end of the band that is exceeded most. `runMs`: how long the gateway has
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
      // A relay measures each phase and has its own pick-up, so it may pick up without any limit of its element exceeded.
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

/** A voltage that goes from above its band to below it has passed another limit. */
const endOf = (excess: Excess): string => `${excess.limit}:${isHigh(excess) ? 'high' : 'low'}`;

const isHigh = ({ value, bound }: Excess): boolean => value > bound;

/** A dead voltage is not a limit that a lever could keep. */
const isDead = ({ quantity, value }: Excess): boolean => quantity === 'voltagePu' && value < DEAD_PU;

function keyOf({ element, quantity }: Excess, specs: Site['specs']): string {
  if (quantity !== 'voltagePu') return `unmet:${element}`;
  const feeder = specs.find(({ id }) => id === element)?.feeder ?? element;
  return `unmet-voltage:${feeder}`;
}

interface Standing {
  /** How long the excess has not fallen. */
  readonly stillMs: number;
  /** How long the levers could give all requested relief. */
  readonly metMs: number;
  /** How long the excess must not have fallen before it is reported. */
  readonly leastMs: number;
  readonly responseMs: number;
  readonly shown: boolean;
  /** It has been past its limit for longer than any relief takes. */
  readonly isSlow: boolean;
}

/** What prevents the use of relief that devices still have. */
const LEFT: Readonly<Record<NonNullable<Intervention['left']>, EventPhrase>> = {
  limit: 'no device can relieve it further without passing another limit',
  reserve: 'what its batteries have left is kept for when a relay would trip',
  lost: 'devices that could relieve it do not follow',
  found: 'devices that could relieve it were found not to do so',
};

/** Why the excess does not come back; undefined while it still may. */
function wordsOf({ met, left }: Passed, standing: Standing): EventPhrase | undefined {
  const { stillMs, metMs, leastMs, responseMs, shown, isSlow } = standing;
  const slowly = isSlow ? 'it comes back too slowly' : undefined;
  if (stillMs < leastMs) return slowly;
  if (shown) return 'in monitor the guard moves no device';
  if (met < ALL) return left === undefined ? 'no device can relieve it further' : LEFT[left];
  // After two response times the guard replaces levers that do not follow.
  const isLate = Math.min(stillMs, metMs) >= Math.max(leastMs, 2 * responseMs);
  return isLate ? 'the relief that was asked for does not come' : slowly;
}

/** Whether a load stays well below the pick-up of a relay of its element; false where the element's rating is unknown. */
function isCalm(
  { element, quantity, value }: Excess,
  { image, elements }: Pick<StepResult, 'image'> & Pick<Site, 'elements'>,
): boolean {
  const { ratedKva = null, currentA = null } = elements.find(({ id }) => id === element) ?? {};
  if (quantity === 'currentA') return currentA !== null && value < CALM.share * currentA;
  const { activePowerKw, reactivePowerKvar } = image.elements.get(element) ?? {};
  return ratedKva !== null && Math.hypot(activePowerKw ?? value, reactivePowerKvar ?? 0) < CALM.share * ratedKva;
}

/** One device alone, with one more of its feeder, with several. */
const PAST = eventForms['LS-CONTROL-004'];

/** The value and the reason of the worst excess. */
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
    live: { value, bound, step: quantity === 'voltagePu' ? DEADBAND_PU : DEADBAND_SHARE * Math.abs(bound) },
  };
}

const shareOf = ({ excess: { over, bound } }: Unmet): number => over / Math.max(Math.abs(bound), 1e-9);
