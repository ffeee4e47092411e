import type { Outcome } from './outcome.ts';
import type { ArmId, Protocol } from './protocol.ts';
import type { ArmRun } from './run-arm.ts';
import { figureInWords } from './figure-names.ts';
import { regretOf, type Regrets } from './regret.ts';
import { isRelievable } from './site-score.ts';
import { differences, key, tested, type Figures, type Tested } from './statements.ts';
import { interval, type Interval } from './statistics.ts';
import { targetsOf, type Target } from './targets.ts';

/** F against one rival in one figure, over the same seeds: F minus the rival, lower is better. */
export interface Paired {
  readonly outcome: string;
  readonly rival: ArmId;
  readonly difference: Interval;
  readonly rivalMean: number;
}

export interface Lost {
  readonly outcome: string;
  readonly to: ArmId;
  readonly by: number;
  readonly rivalMean: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
  /** The interval excludes zero. */
  readonly clear: boolean;
}

export interface Summary {
  readonly sentence: string;
  readonly lost: readonly Lost[];
  readonly arms: Readonly<Record<string, ArmSummary>>;
  readonly pairs: readonly Paired[];
  readonly statements: readonly Tested[];
  readonly targets: readonly Target[];
  /** Null without runs of practice or foresight. */
  readonly regret: Regrets | null;
  /** Runs in which practice has no failure: listed, but not part of the pairs. */
  readonly notScored: readonly string[];
  /** Runs in which a feeder trips although everything was known: listed, but not part of the pairs. */
  readonly foresightFails: readonly string[];
}

export interface ArmSummary {
  readonly title: string;
  readonly outcomes: Readonly<Record<string, Interval>>;
  /** Runs with a trip, and the resulting bound on the share. */
  readonly trips: string;
  /**
   * `beyond`: spikes that all devices behind the head together could not have relieved. They count in `pickUpP95` only. `harmless`: those
   * that never passed the limit.
   */
  readonly reliefS: {
    readonly limitP95: number | null;
    readonly pickUpP95: number | null;
    readonly never: number;
    readonly beyond: number;
    readonly harmless: number;
  };
  /** Highest voltage above the planning band in the minute after a spike, at feeders that did not trip, pu. */
  readonly overshootPu: { readonly p95: number | null; readonly most: number | null };
  readonly bytesPerRun: { readonly up: number; readonly down: number } | null;
  readonly cpuS: number;
}

const secondary = [
  'trips',
  'evNotServedKwh',
  'curtailedKwh',
  'lossesKwh',
  'tapMoves',
  'inverterTrips',
  'worstCustomerMinutes',
];

export function figuresOf({ outcomes, prices }: Protocol): Figures {
  const plain = [...outcomes.primary, ...secondary].map(
    (name) => [name, (outcome: Outcome) => Number(outcome[name as keyof Outcome])] as const,
  );
  const costs = prices.lostLoad.flatMap((eur) => [
    [`costEurAt${eur}`, (outcome: Outcome) => outcome.costEur[`${eur}`]!] as const,
    [`costWithoutTripsEurAt${eur}`, (outcome: Outcome) => outcome.costWithoutTripsEur[`${eur}`]!] as const,
  ]);
  return new Map([...plain, ...costs]);
}

/** `whyNot`: why the runs confirm nothing; undefined if they do. */
export function summarise(runs: readonly ArmRun[], protocol: Protocol, whyNot: string | undefined): Summary {
  const figures = figuresOf(protocol);
  const { bootstrap, primary } = protocol.outcomes;
  const ids = (Object.keys(protocol.arms) as ArmId[]).filter((id) => runs.some(({ arm }) => arm === id));
  const fails = new Set(
    runs.filter(({ arm, outcome }) => arm === 'A' && primary.some((name) => figures.get(name)!(outcome) > 0)).map(key),
  );
  const hasPractice = ids.includes('A');
  const beyondAll = new Set(runs.filter(({ arm, outcome }) => arm === 'H' && outcome.trips > 0).map(key));
  const scored = runs.filter((run) => (!hasPractice || fails.has(key(run))) && !beyondAll.has(key(run)));
  const pairs = ids.includes('F')
    ? ids
        .filter((id) => id !== 'F' && protocol.arms[id].knows !== 'truth')
        .flatMap((rival) => [...figures].map(([outcome, of]) => paired(scored, { rival, outcome, of, bootstrap })))
        .filter(({ difference: { n } }) => n > 0)
    : [];
  const lost = pairs
    .filter(({ difference: { mean } }) => mean > 0)
    .map(({ outcome, rival, rivalMean, difference }): Lost => {
      const { mean, low, high, n } = difference;
      return { outcome, to: rival, by: mean, rivalMean, low, high, n, clear: low !== null && low > 0 };
    })
    .sort((a, b) => rank(a, primary) - rank(b, primary));
  const statements = tested(scored, { protocol, figures, whyNot });
  return {
    sentence: sentenceOf(lost, pairs, ids),
    lost,
    arms: Object.fromEntries(ids.map((id) => [id, armSummary(id, runs, { protocol, figures })])),
    pairs,
    statements,
    targets: targetsOf({ runs, scored, statements, protocol }),
    regret: regretOf(scored, protocol) ?? null,
    notScored: hasPractice ? [...new Set(runs.map(key))].filter((each) => !fails.has(each)) : [],
    foresightFails: [...beyondAll],
  };
}

interface Pairing {
  readonly rival: ArmId;
  readonly outcome: string;
  readonly of: (outcome: Outcome) => number;
  readonly bootstrap: Protocol['outcomes']['bootstrap'];
}

function paired(runs: readonly ArmRun[], { rival, outcome, of, bootstrap }: Pairing): Paired {
  const theirs = new Map(runs.filter(({ arm }) => arm === rival).map((run) => [key(run), of(run.outcome)]));
  const rows = differences(runs, rival, of);
  const mean = rows.length === 0 ? NaN : [...theirs.values()].reduce((sum, value) => sum + value, 0) / theirs.size;
  return { outcome, rival, difference: interval(rows, bootstrap), rivalMean: mean };
}

/** Sorts clear losses first, then primary figures, then by the loss relative to the rival's figure. */
function rank({ outcome, by, rivalMean, clear }: Lost, primary: readonly string[]): number {
  const size = by / (by + Math.abs(rivalMean));
  return (clear ? 0 : 100) + (primary.includes(outcome) ? 0 : 10) - size;
}

function sentenceOf(lost: readonly Lost[], pairs: readonly Paired[], ids: readonly ArmId[]): string {
  if (!ids.includes('F') || ids.length < 2) return 'The hybrid was not run beside a rival, so there is no comparison.';
  if (pairs.length === 0)
    return 'No run is compared: practice has no failure, or a feeder trips even with perfect foresight.';
  const worst = lost[0];
  if (worst === undefined) return `The hybrid lost in none of ${pairs.length} comparisons.`;
  const { outcome, to, by, rivalMean, low, high, n, clear } = worst;
  const range = low === null || high === null ? 'too few days for an interval' : `${short(low)} to ${short(high)}`;
  const clearly = lost.filter((each) => each.clear).length;
  return (
    `The hybrid lost to ${to} in ${figureInWords(outcome)}, by ${short(by)} over ${short(rivalMean)} per run (${range}, n = ${n}` +
    `${clear ? '' : ', inconclusive'}); overall it is worse in ${lost.length} of ${pairs.length} comparisons, clearly in ${clearly}.`
  );
}

export const short = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 1 ? value.toFixed(1) : value.toFixed(3);

interface Means {
  readonly protocol: Protocol;
  readonly figures: Figures;
}

function armSummary(id: ArmId, runs: readonly ArmRun[], { protocol, figures }: Means): ArmSummary {
  const own = runs.filter(({ arm }) => arm === id);
  const tripped = own.filter(({ outcome }) => outcome.trips > 0).length;
  const relief = own.flatMap(({ outcome }) => outcome.relief);
  const risen = relief.flatMap(({ overshootPu, tripped: cut }) => (cut ? [] : [overshootPu]));
  const within = relief.filter(isRelievable);
  const harmless = relief.filter(({ limitS }) => limitS === 0).length;
  const bytes = own.flatMap((run) => (run.bytes === null ? [] : [run.bytes]));
  const total = (of: Readonly<Record<string, number>>): number =>
    Object.values(of).reduce((sum, each) => sum + each, 0);
  return {
    title: protocol.arms[id].title,
    outcomes: Object.fromEntries(
      [...figures].map(([name, of]) => [
        name,
        interval(
          own.map(({ day, outcome }) => ({ day, value: of(outcome) })),
          protocol.outcomes.bootstrap,
        ),
      ]),
    ),
    trips:
      tripped === 0
        ? `0 of ${own.length} runs: less than ${short(Math.min(1, 3 / own.length))}`
        : `${tripped} of ${own.length} runs`,
    reliefS: {
      limitP95: quantile(
        within.map(({ limitS }) => limitS),
        0.95,
      ),
      pickUpP95: quantile(
        relief.flatMap(({ pickUpS }) => (pickUpS === 0 ? [] : [pickUpS])),
        0.95,
      ),
      never: within.filter(({ limitS }) => limitS === null).length,
      beyond: relief.length - within.length - harmless,
      harmless,
    },
    overshootPu: { p95: quantile(risen, 0.95), most: quantile(risen, 1) },
    bytesPerRun:
      bytes.length < own.length
        ? null
        : {
            up: Math.round(bytes.reduce((sum, { up }) => sum + total(up), 0) / own.length),
            down: Math.round(bytes.reduce((sum, { down }) => sum + total(down), 0) / own.length),
          },
    cpuS: own.reduce((sum, run) => sum + run.cpuS, 0),
  };
}

/** Quantile of the values that are not null. */
function quantile(values: readonly (number | null)[], level: number): number | null {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  return known[Math.ceil(level * known.length) - 1] ?? null;
}
