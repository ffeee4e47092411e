import type { Excess, GuardSettings } from '../safety/guard-types.ts';
import type { Condition } from './alarms.ts';
import { figure, unitOf } from './figures.ts';
import type { StepResult } from './step-types.ts';

interface Passed {
  /** The least excess since it was passed, and the running time at which that was heard, ms. */
  least: number;
  leastMs: number;
  /** Of what was asked for last, how much the levers could give. */
  met: number;
  /** Told once, it stands until the value is back. */
  words: string | undefined;
}

/** An excess that falls by less is not on its way back. */
const FALLS = 0.98;

/**
 * Limits that the guard does not bring back. A limit is passed before the guard can know of it, and its relief takes the response
 * time to show at the meter; as long as the excess falls, relief is coming. Only what then stands still is a matter for people:
 * no lever has room, or what was asked for does not come.
 */
export class ReliefWatch {
  readonly #passed = new Map<string, Passed>();

  /** One condition for each element and what it is loaded with: power, apparent power and current say the same of it. `runMs`: for how long the gateway has run. */
  update(result: StepResult, runMs: number, { responseS }: Pick<GuardSettings, 'responseS'>): Condition[] {
    const { passed, interventions, shown, image } = result;
    const responseMs = 1000 * Math.max(responseS, 4 * image.stepS);
    for (const limit of this.#passed.keys())
      if (!passed.some((each) => each.limit === limit)) this.#passed.delete(limit);
    const conditions = new Map<string, Condition>();
    for (const excess of passed) {
      // A value that has not come anew since then says nothing of the relief.
      const { heardS = 0 } = image.devices.get(excess.element) ?? image.elements.get(excess.element) ?? {};
      const heardMs = runMs - 1000 * heardS;
      const known = this.#seen(excess, heardMs);
      known.met = interventions.find(({ limit }) => limit === excess.limit)?.met ?? known.met;
      const stillMs = heardMs - known.leastMs;
      known.words ??= wordsOf(known, { stillMs, responseMs, shown });
      const key = `unmet:${excess.element}${excess.quantity === 'voltagePu' ? ':voltage' : ''}`;
      if (known.words !== undefined && !conditions.has(key)) conditions.set(key, unmet(key, excess, known.words));
    }
    return [...conditions.values()];
  }

  #seen({ limit, over }: Excess, heardMs: number): Passed {
    const known = this.#passed.get(limit);
    if (known === undefined) {
      const begun = { least: over, leastMs: heardMs, met: 1, words: undefined };
      this.#passed.set(limit, begun);
      return begun;
    }
    if (over < FALLS * known.least) [known.least, known.leastMs] = [over, heardMs];
    return known;
  }
}

interface Standing {
  /** For how long the excess has not fallen. */
  readonly stillMs: number;
  readonly responseMs: number;
  readonly shown: boolean;
}

/** Why it does not come back; undefined: it may yet. */
function wordsOf({ met }: Passed, { stillMs, responseMs, shown }: Standing): string | undefined {
  if (stillMs < responseMs) return undefined;
  if (shown) return 'in monitor the guard moves no device';
  if (met < 0.999) return 'no device can relieve it further';
  // Levers that do not follow are given up for others after two response times.
  return stillMs < 2 * responseMs ? undefined : 'the relief that was asked for does not come';
}

const unmet = (key: string, { element, quantity, value, bound }: Excess, why: string): Condition => ({
  key,
  code: 'LS-CONTROL-004',
  severity: 'high',
  text: `${element} at ${figure(value)} ${unitOf(quantity)} is past its limit of ${figure(bound)}, and ${why}`,
});
