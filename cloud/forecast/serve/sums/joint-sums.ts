import type { Forecast } from '../../../../shared/contracts/forecast.ts';
import { endOf, type LoadSeries } from '../../../../shared/forecast/series.ts';
import { SeededRandom } from '../../../../shared/ports/random.ts';
import type { JointPaths } from '../../reconcile/coherent.ts';
import type { ForecastHead, ForecastStore } from '../forecast-store.ts';
import {
  choosePaths,
  forecastPath,
  hourOfPath,
  naivePaths,
  PATH_DAYS,
  PATH_EVERY_MS,
  PATH_HOURS,
  pathOrigins,
  type ChosenPath,
} from './error-paths.ts';
import { jointRanks, sumQuantiles, type JointRanks } from '../../reconcile/sum-quantiles.ts';

export type PathStore = Pick<ForecastStore, 'get' | 'heads' | 'errorPaths' | 'putErrorPath' | 'pruneErrorPaths'>;

/** A sum's quantiles and their source. */
export interface JointSum {
  /** [step x level] step-major, kW. */
  readonly raw: Float64Array;
  /** Paths of the parts' own forecasts; of the mean of the week if there are too few. */
  readonly of: 'forecasts' | 'mean of the week';
  readonly paths: number;
}

const HOUR_MS = 3_600_000;
const STEPS_PER_HOUR = 4;
/** Share of the targets that must have a known value on a path. */
const MOST_KNOW = 0.9;
const DAY_MS = 86_400_000;
/** Telemetry arrives late, so a path is taken this long after its end. */
const LATE_MS = PATH_EVERY_MS;
/** Fewer joint paths give no information on tails. */
const LEAST_PATHS = 40;
const ENOUGH_PATHS = 60;
/** Most paths made per issue, if many are missing. */
const MOST_AT_ONCE = 16;
/** Days of load that the mean of the week needs before an origin. */
const NAIVE_DAYS = 8;

/** Joint paths of several targets and their source. */
export interface TogetherPaths extends JointPaths, Pick<JointSum, 'of' | 'paths'> {}

type Paths = Map<number, Float32Array>;

/** Keeps the joint errors of forecasts over the last weeks, and derives quantiles of sums from them. */
export class JointSums {
  readonly #store: PathStore | undefined;
  readonly #own = new Map<string, Paths>();
  readonly #naive = new Map<string, Paths>();
  /** The last origin processed for each target. */
  readonly #looked = new Map<string, number>();

  /** `store`: source of the issued forecasts, and store of their paths; without it only errors of the mean of the week are used. */
  constructor(store?: PathStore) {
    this.#store = store;
  }

  /** Learns the paths of a target before it is forecast from `start` on. `load`: its known values, up to four weeks. */
  async learn(target: string, start: number, load: LoadSeries): Promise<void> {
    const own = await this.#ownOf(target);
    const oldest = start - PATH_DAYS * DAY_MS;
    const newest = start - PATH_HOURS * HOUR_MS - LATE_MS;
    const before = this.#looked.get(target) ?? oldest;
    // An origin after `start` was processed under a clock that has been set back; that clock also expired all paths.
    const looked = before > start ? oldest : before;
    const due = pathOrigins(Math.max(oldest, looked + 1), newest).slice(0, MOST_AT_ONCE);
    if (due.length === 0) return;
    this.#looked.set(target, due.at(-1)!);
    const range = { from: due[0]!, to: due.at(-1)! + PATH_EVERY_MS };
    const heads = new Map<number, ForecastHead>();
    for (const head of (await this.#store?.heads({ target, kind: 'issued', ...range })) ?? [])
      heads.set(head.start, head);
    const at = (time: number): number =>
      load.values[Math.round((time - load.start) / (load.stepS * 1000))] ?? Number.NaN;
    for (const origin of due) {
      const forecast = await this.#store?.get(heads.get(origin)?.id ?? '');
      if (own.has(origin) || forecast === undefined) continue;
      const path = forecastPath(forecast, at);
      own.set(origin, path);
      await this.#store?.putErrorPath(target, origin, path);
    }
    for (const origin of own.keys()) if (origin < oldest) own.delete(origin);
    await this.#store?.pruneErrorPaths(target, oldest);
    if (own.size >= ENOUGH_PATHS) this.#naive.delete(target);
    else this.#learnNaive(target, load);
  }

  /**
   * Quantiles of the sum of forecasts with the same start, from paths that had ended by then; undefined if too little is known of their
   * joint errors. It yields between hours, so that a region of a thousand parts does not block other requests.
   */
  async sum(parts: readonly Forecast[]): Promise<JointSum | undefined> {
    const [first] = parts;
    const found = first && this.#pathsOf(parts, first.start);
    if (first === undefined || found === undefined) return undefined;
    const { quantiles } = first;
    const steps = Math.min(...parts.map(({ values }) => values[0]!.length));
    const { chosen, of } = found;
    const raw = new Float64Array(steps * quantiles.length);
    let ranks: JointRanks | undefined;
    for (let step = 0; step < steps; step++) {
      if (step % STEPS_PER_HOUR === 0) {
        const past = sighted(pastOf(found, step), columnsOf(parts, step), quantiles);
        ranks = jointRanks(past, LEAST_PATHS / 2) ?? ranks;
        await new Promise(setImmediate);
      }
      if (ranks === undefined) return undefined;
      raw.set(sumQuantiles(columnsOf(parts, step), quantiles, ranks), step * quantiles.length);
    }
    return { raw, of, paths: chosen.length };
  }

  /** Joint ranks of errors of forecasts with the same start, at each hour of lead; undefined if too little is known of them. */
  async together(parts: readonly Forecast[]): Promise<TogetherPaths | undefined> {
    const [first] = parts;
    const found = first && this.#pathsOf(parts, first.start);
    if (found === undefined) return undefined;
    const { chosen, of } = found;
    const ranks: (readonly Int32Array[])[] = [];
    for (let hour = 0; hour < PATH_HOURS; hour++) {
      const past = imputed(pastOf(found, hour * STEPS_PER_HOUR), parts);
      const known = jointRanks(past, LEAST_PATHS / 2)?.ranks ?? ranks.at(-1);
      if (known === undefined) return undefined;
      ranks.push(known);
      await new Promise(setImmediate);
    }
    const days = new Set(chosen.map(({ origin }) => Math.floor(origin / DAY_MS))).size;
    return { ranks, independent: days, areOwn: of === 'forecasts', of, paths: chosen.length };
  }

  #pathsOf(parts: readonly Forecast[], start: number): FoundPaths | undefined {
    const ended = start - PATH_HOURS * HOUR_MS;
    for (const [byTarget, of] of [
      [this.#own, 'forecasts'],
      [this.#naive, 'mean of the week'],
    ] as const) {
      const paths = parts.map(({ target }) => byTarget.get(target));
      if (!paths.every((each) => each !== undefined)) continue;
      const common = [...(paths[0]?.keys() ?? [])].filter(
        (origin) => origin <= ended && paths.every((each) => each.has(origin)),
      );
      const chosen = choosePaths(common, start, ENOUGH_PATHS);
      if (chosen.length >= LEAST_PATHS) return { chosen, paths, of };
    }
    return undefined;
  }

  async #ownOf(target: string): Promise<Paths> {
    let own = this.#own.get(target);
    if (own === undefined) {
      own = new Map(await this.#store?.errorPaths(target));
      this.#own.set(target, own);
    }
    return own;
  }

  #learnNaive(target: string, load: LoadSeries): void {
    const naive = this.#naive.get(target) ?? new Map<number, Float32Array>();
    this.#naive.set(target, naive);
    const first = load.values.findIndex((value) => !Number.isNaN(value));
    if (first < 0) return;
    const from = load.start + first * load.stepS * 1000 + NAIVE_DAYS * DAY_MS;
    const missing = pathOrigins(from, endOf(load) - PATH_HOURS * HOUR_MS).filter((origin) => !naive.has(origin));
    for (const [origin, path] of naivePaths(load, missing)) naive.set(origin, path);
    for (const origin of naive.keys()) if (origin < load.start) naive.delete(origin);
  }
}

interface FoundPaths extends Pick<JointSum, 'of'> {
  readonly chosen: readonly ChosenPath[];
  readonly paths: readonly Paths[];
}

/** [part][path] */
const pastOf = ({ chosen, paths }: FoundPaths, step: number): number[][] =>
  paths.map((each) => chosen.map((path) => each.get(path.origin)![hourOfPath(path, step)]!));

const columnsOf = (parts: readonly Forecast[], step: number): number[][] =>
  parts.map(({ values }) => values.map((row) => row[step]!));

/**
 * A part that is unknown on more than half of the paths, such as with a dead meter, takes the ranks of the part with the widest band. One
 * dead meter of many must not remove the sum, and correlated errors are the safe assumption.
 */
function sighted(
  past: readonly number[][],
  columns: readonly number[][],
  levels: readonly number[],
): readonly number[][] {
  const blind = past.map((each) => each.filter(Number.isNaN).length > each.length / 2);
  if (!blind.includes(true)) return past;
  const width = (part: number): number => columns[part]![levels.length - 1]! - columns[part]![0]!;
  const [widest] = past
    .map((_, part) => part)
    .filter((part) => !blind[part])
    .toSorted((a, b) => width(b) - width(a));
  return widest === undefined ? past : past.map((each, part) => (blind[part] ? past[widest]! : each));
}

/**
 * A part that is unknown on more than half of the paths gets random ranks: its errors count as independent. A path known by most parts
 * counts; parts that miss it get their median.
 */
function imputed(past: readonly number[][], parts: readonly Forecast[]): number[][] {
  const sight = past.map((each) => each.filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b));
  const isBlind = past.map((each, part) => sight[part]!.length < each.length / 2);
  const seen = isBlind.filter((blind) => !blind).length;
  const counts = past[0]!.map((_, path) =>
    past.reduce((sum, each, part) => sum + Number(!isBlind[part] && !Number.isNaN(each[path]!)), 0),
  );
  return past.map((each, part) => {
    const random = new SeededRandom(1, parts[part]!.target);
    const middle = sight[part]![sight[part]!.length >> 1];
    return each.map((value, path) => {
      if (counts[path]! < MOST_KNOW * seen) return Number.NaN;
      if (isBlind[part]) return random.next();
      return Number.isNaN(value) ? middle! : value;
    });
  });
}
