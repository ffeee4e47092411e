import { judged } from './outcome.ts';
import type { ArmId, Protocol } from './protocol.ts';
import { seedsOf, type Seed } from './regret.ts';
import type { ArmRun } from './run-arm.ts';
import { isRelievable, type Relief } from './site-score.ts';
import type { Tested } from './statements.ts';

/** A target of the paper for the hybrid. */
export interface Target {
  readonly id: string;
  readonly says: string;
  /** What was found, in words, and which runs cannot be judged; empty without relevant runs. */
  readonly found: string;
  readonly verdict: 'met' | 'not met' | 'not tested';
}

interface Input {
  /** All runs, and those that are scored. */
  readonly runs: readonly ArmRun[];
  readonly scored: readonly ArmRun[];
  readonly statements: readonly Tested[];
  readonly protocol: Protocol;
}

/** Judges the targets of the hybrid, arm F. */
export function targetsOf({ runs, scored, statements, protocol }: Input): Target[] {
  const { targets, unit } = protocol;
  const { wired, access } = targets.reliefP95S;
  const own = runs.filter(({ arm }) => arm === 'F');
  const spikes = own.flatMap(({ outcome }) => outcome.relief);
  const limitS = longest95(spikes.filter(isRelievable));
  const risen = spikes.flatMap(({ overshootPu, tripped }) => (overshootPu === null || tripped ? [] : [overshootPu]));
  const bandPu = unit.planningBandPu[1];
  const highestPu = risen.length === 0 ? undefined : bandPu + Math.max(...risen);
  const ordinary = (seed: Seed): boolean => targets.ordinary.includes(seed.F?.scenario ?? '');
  const saving = seedsOf(scored).filter(({ A, F, H }) => F !== undefined && saved(A, H) > 0);
  const [calm, stressed] = [saving.filter(ordinary), saving.filter((seed) => !ordinary(seed))];
  return [
    tripsWithTime(spikes, targets.relayS),
    tripsElsewhere(runs, targets.relayS),
    confirmed(statements),
    judgedBy('regret-ordinary', `regret of ${pct(targets.regretOrdinary)} at most on ordinary days`, {
      value: calm.some(isBound) ? regretOf(calm.filter(isBound)) : undefined,
      most: targets.regretOrdinary,
      words: pct,
      except: beatenIn(calm),
    }),
    judgedBy('regret-stressed', `regret of ${pct(targets.regretStressed)} at most at the median of stressed days`, {
      value: median(stressed.filter(isBound).map((seed) => regretOf([seed]))),
      most: targets.regretStressed,
      words: pct,
      except: beatenIn(stressed),
    }),
    // Every device of the unit is behind the access network.
    judgedBy('relief-wired', `relief under the limit within ${wired} s at p95, wired devices`, {
      value: undefined,
      most: wired,
      words: seconds,
    }),
    judgedBy('relief-access', `relief under the limit within ${access} s at p95, over the access network`, {
      value: limitS,
      most: access,
      words: seconds,
    }),
    judgedBy('overshoot', `no voltage above ${targets.highestPu} pu in the minute after a spike`, {
      value: highestPu,
      most: targets.highestPu,
      // Voltages within the band are not kept.
      words: (pu) =>
        pu > bandPu ? `${pu.toFixed(4)} pu at the highest` : `none above the planning band, ${bandPu} pu`,
    }),
  ];
}

const pct = (share: number): string => `${Math.round(1000 * share) / 10} %`;
const seconds = (s: number): string => (Number.isFinite(s) ? `${s} s` : 'never for more than one spike in twenty');

function judgedBy(
  id: string,
  says: string,
  {
    value,
    most,
    words,
    except = '',
  }: {
    readonly value: number | undefined;
    readonly most: number;
    readonly words: (value: number) => string;
    /** Which runs cannot be judged. */
    readonly except?: string;
  },
): Target {
  if (value === undefined) return { id, says, found: except, verdict: 'not tested' };
  const found = [words(value), ...(except === '' ? [] : [except])].join('; ');
  return { id, says, found, verdict: value <= most ? 'met' : 'not met' };
}

const hasTime = ({ relayS }: Relief, leastS: number): boolean => relayS === null || relayS > leastS;

function tripsWithTime(spikes: readonly Relief[], leastS: number): Target {
  const those = spikes.filter((spike) => hasTime(spike, leastS));
  const tripped = those.filter((spike) => spike.tripped).length;
  return judgedBy('trips-with-time', `no trip where the relay leaves more than ${leastS} s`, {
    value: those.length === 0 ? undefined : tripped,
    most: 0,
    words: () => `${tripped} trips in ${those.length} spikes`,
  });
}

/** Trips in spikes too fast to relieve, and those that no spike explains, against C and E on the same seeds. */
function tripsElsewhere(runs: readonly ArmRun[], leastS: number): Target {
  const tripsOf = ({ outcome: { trips, relief } }: ArmRun): number =>
    trips - relief.filter((spike) => spike.tripped && hasTime(spike, leastS)).length;
  const total = (all: readonly Seed[], arm: ArmId): number => all.reduce((sum, seed) => sum + tripsOf(seed[arm]!), 0);
  const seeds = seedsOf(runs).filter(({ C, E, F }) => C !== undefined && E !== undefined && F !== undefined);
  const [c, e, f] = (['C', 'E', 'F'] as const).map((arm) => total(seeds, arm)) as [number, number, number];
  return judgedBy('trips-elsewhere', 'elsewhere no more trips than C and E', {
    value: seeds.length === 0 ? undefined : f,
    most: Math.min(c, e),
    words: () => `F ${f}, C ${c}, E ${e} in ${seeds.length} runs`,
  });
}

function confirmed(statements: readonly Tested[]): Target {
  const says = `the ${statements.length} statements fixed beforehand hold`;
  const held = statements.filter(({ verdict }) => verdict === 'holds').length;
  const isTested = statements.some(({ verdict, why }) => verdict !== 'not tested' && why === '');
  if (!isTested) return { id: 'statements', says, found: '', verdict: 'not tested' };
  const verdict = held === statements.length ? 'met' : 'not met';
  return { id: 'statements', says, found: `${held} of ${statements.length}`, verdict };
}

const saved = (A: ArmRun | undefined, H: ArmRun | undefined): number =>
  A === undefined || H === undefined ? 0 : judged(A.outcome) - judged(H.outcome);

/** Regret of F as a ratio of sums. */
const regretOf = (seeds: readonly Seed[]): number =>
  seeds.reduce((sum, { F, H }) => sum + judged(F!.outcome) - judged(H!.outcome), 0) /
  seeds.reduce((sum, { A, H }) => sum + saved(A, H), 0);

/** Foresight is the best of several rehearsals: where the hybrid costs less, it bounds nothing, and the run is left out. */
const isBound = ({ F, H }: Seed): boolean => judged(F!.outcome) >= judged(H!.outcome);

function beatenIn(seeds: readonly Seed[]): string {
  const beaten = seeds.filter((seed) => !isBound(seed)).length;
  return beaten === 0
    ? ''
    : `left out: ${beaten} of ${seeds.length} runs, in which the hybrid cost less than foresight, which is no bound there`;
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/** 95th percentile of the times under the limit; a spike that never ended counts as the longest. */
function longest95(spikes: readonly Relief[]): number | undefined {
  const sorted = spikes.map(({ limitS }) => limitS ?? Infinity).sort((a, b) => a - b);
  return sorted[Math.ceil(0.95 * sorted.length) - 1];
}
