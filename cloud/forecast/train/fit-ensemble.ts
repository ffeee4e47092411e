import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { FeatureSource } from '../../../shared/forecast/features.ts';
import { indexOfLevel, pinball } from '../../../shared/forecast/quantiles.ts';
import { stepsPerDay } from '../../../shared/forecast/series.ts';
import {
  blended,
  outputsOf,
  weightGroup,
  WEIGHT_GROUPS,
  weightsOf,
  type Ensemble,
  type MemberName,
  type MemberOutputs,
} from './ensemble.ts';
import { originsOf, type Predict } from '../../../shared/forecast/evaluate.ts';
import { partsOf, pruned } from './prune.ts';
import { quantizedMlp } from './quantize.ts';
import type { QuantileLoss, Reduction } from './reduction.ts';
import {
  headOf,
  headValue,
  POOLED_KINDS,
  POOLED_LEVELS,
  predictPooled,
  pooledFits,
  type PooledFit,
  type QuantileHead,
} from './pooled-member.ts';
import { pooledTable } from '../../../shared/forecast/learn/pooled-rows.ts';
import { predictRidge, trainRidge, type RidgeInput, type RidgeModel } from './ridge-member.ts';

/** Steps between scored origins: coprime with the steps of a day, so that all times of day occur. */
export const ORIGIN_STRIDE = 19;

/** Once a day begins, all targets of origins at least this many days earlier are known. */
const KNOWN_AFTER_DAYS = 3;

export interface FittedEnsemble {
  /**
   * Fits the measured recipe again on all days, unless the window stays held back. It is half of the work, which a rejected recipe is
   * spared.
   */
  readonly ship: () => Shipped;
  /** Forecasts of the window by a fit on the days before it, each day blended with the weights known when it began. */
  readonly honest: Predict;
  /** Relative increase of the loss over the window by eight-bit weights; null if the network stayed in float32 or there is none. */
  readonly int8Loss: number | null;
  /** Cost of eight-bit weights and of pruning, quantile by quantile. */
  readonly reductions: readonly Reduction[];
  /** What was pruned from the members; empty if nothing was. */
  readonly pruned: readonly Pruned[];
}

export interface Shipped {
  readonly shipped: Ensemble;
  /** The same model without pruning, to compare sizes; null if nothing was pruned. */
  readonly whole: Ensemble | null;
}

/** Trees or hidden units removed from a member. */
export interface Pruned {
  readonly member: MemberName;
  /** Trees of all quantiles, or hidden units. */
  readonly kept: number;
  readonly of: number;
  /** Mean pinball loss of its P10, P50 and P90 over the held-back window, kW. */
  readonly lossBeforeKw: number;
  readonly lossAfterKw: number;
}

const lossesOf = ({ levels, before, after }: Compared): QuantileLoss[] =>
  levels.map((level, q) => ({ level, beforeKw: before[q]!, afterKw: after[q]! }));

/** Mean loss at the levels that members learn; it decides whether a reduction is accepted. */
function learntLoss({ levels }: Compared, losses: readonly number[]): number {
  const learnt = POOLED_LEVELS.map((level) => losses[indexOfLevel(levels, level)]!);
  return learnt.reduce((sum, loss) => sum + loss, 0) / learnt.length;
}

export interface EnsembleInput extends RidgeInput {
  readonly members: readonly MemberName[];
  /** Start index of the held-back window that measures the recipe. */
  readonly from: number;
  /** True: the shipped model is not trained on the window either. */
  readonly keepHeldBack: boolean;
}

/** Fits the members before the window and weights them within it. */
export function fitEnsemble(input: EnsembleInput): FittedEnsemble {
  const { load, schema, zone, holidays, weather, from, members } = input;
  const source = new FeatureSource(schema, load, new LocalCalendar(zone, holidays), weather);
  const kinds = POOLED_KINDS.filter((kind) => members.includes(kind));
  const ridge = trainRidge({ ...input, trainTo: from });
  if (kinds.length === 0) {
    const ship = (): Shipped => ({
      shipped: alone(input.keepHeldBack ? ridge : trainRidge(input), source),
      whole: null,
    });
    return { ship, honest: (row) => predictRidge(ridge, row), int8Loss: null, reductions: [], pruned: [] };
  }
  const all = pooledFits(kinds, source, { values: load.values, end: from, ridge });
  const first = new Trial({ ...input, ridge, fits: all, source });
  const cuts = all.map((_, m) => first.cut(m));
  const fits = all.map((fit, m) => pruned(fit, cuts[m]?.share ?? 1));
  const trial = cuts.every((cut) => cut === undefined) ? first : new Trial({ ...input, ridge, fits, source });
  const int8 = trial.int8();
  const isSmall = int8 !== undefined && int8.loss < INT8_LOSS;
  const reduced = (fit: PooledFit): PooledFit =>
    fit.kind === 'mlp' && isSmall ? { ...fit, fitted: quantizedMlp(fit.fitted) } : fit;
  const ship = (): Shipped => {
    const last = input.keepHeldBack ? ridge : trainRidge(input);
    const end = load.values.length;
    const refitted = input.keepHeldBack ? all : pooledFits(kinds, source, { values: load.values, end, ridge: last });
    const { originCount, stepCount } = source;
    const ensembleOf = (shipped: readonly PooledFit[]): Ensemble => ({
      ridge: last,
      layout: { originCount, stepCount },
      pooled: shipped.map((fit, m) => ({ fit: reduced(fit), head: trial.heads[m]! })),
      weights: trial.weights(),
    });
    return {
      shipped: ensembleOf(refitted.map((fit, m) => pruned(fit, cuts[m]?.share ?? 1))),
      whole: cuts.every((cut) => cut === undefined) ? null : ensembleOf(refitted),
    };
  };
  const left = cuts.flatMap((cut, m): Pruned[] => {
    if (cut === undefined) return [];
    const { lossBeforeKw, lossAfterKw } = cut;
    return [{ member: kinds[m]!, kept: partsOf(fits[m]!), of: partsOf(all[m]!), lossBeforeKw, lossAfterKw }];
  });
  return {
    ship,
    honest: (_row, next) => trial.honest(next),
    int8Loss: isSmall ? int8.loss : null,
    reductions: [
      ...cuts.flatMap((cut, m): Reduction[] =>
        cut === undefined ? [] : [{ member: kinds[m]!, how: 'pruned', quantiles: cut.quantiles }],
      ),
      ...(isSmall ? [{ member: 'mlp' as const, how: 'int8' as const, quantiles: int8.quantiles }] : []),
    ],
    pruned: left,
  };
}

const alone = (ridge: RidgeModel, { originCount, stepCount }: FeatureSource): Ensemble => ({
  ridge,
  layout: { originCount, stepCount },
  pooled: [],
  weights: Array.from({ length: WEIGHT_GROUPS }, () => [1]),
});

/** Eight-bit weights are accepted if they raise the loss by less than this share. */
const INT8_LOSS = 1e-3;

/** Shares of trees or units to try, smallest first; the first that raises the loss by less than `PRUNED_LOSS` is accepted. */
const SHARES = [0.25, 0.5, 0.75, 0.9];
const PRUNED_LOSS = 1e-3;

interface TrialOptions extends EnsembleInput {
  readonly ridge: RidgeModel;
  readonly fits: readonly PooledFit[];
  readonly source: FeatureSource;
}

interface Compared {
  readonly levels: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** One origin of the window: the members' forecasts and the actual values, NaN where unknown. */
interface Said extends MemberOutputs {
  readonly day: number;
  readonly actual: Float64Array;
  readonly next: number;
}

/** The held-back window, forecast by members that were not trained on it. */
class Trial {
  readonly heads: readonly QuantileHead[];
  readonly #options: TrialOptions;
  readonly #said = new Map<number, Said>();
  /**
   * Cross-fitting: the errors of a target's day must not shape the quantiles that score it, so targets on even days use the heads of the
   * odd days and vice versa.
   */
  readonly #folds: readonly (readonly QuantileHead[])[];
  /** Losses of each day's origins: [day][group x member]. */
  readonly #losses = new Map<number, Float64Array>();

  constructor(options: TrialOptions) {
    this.#options = options;
    const { load, schema, source, fits, ridge } = options;
    const perDay = stepsPerDay(load.stepS);
    for (const next of originsOf({ load, from: options.from, stride: ORIGIN_STRIDE })) {
      const actual = Float64Array.from({ length: schema.steps }, (_, step) => load.values[next + step] ?? Number.NaN);
      const outputs = outputsOf(ridge, { fits, layout: source }, source.row(next));
      this.#said.set(next, { ...outputs, actual, next, day: Math.floor(next / perDay) });
    }
    this.heads = this.#headsOf(() => true);
    this.#folds = [1, 0].map((other) => this.#headsOf((target) => this.#foldOf(target) === other));
    for (const said of this.#said.values()) this.#score(said);
  }

  /** Weights over the whole window. */
  weights(): number[][] {
    return this.#weightsOf([...this.#losses.values()]);
  }

  honest(next: number): Float64Array {
    const said = this.#said.get(next)!;
    const known = [...this.#losses].filter(([day]) => day + KNOWN_AFTER_DAYS <= said.day).map(([, losses]) => losses);
    const { stepS } = this.#options.schema;
    const headsAt = (step: number): readonly QuantileHead[] => this.#folds[this.#foldOf(next + step)]!;
    return blended(said, { headsAt, weights: this.#weightsOf(known), stepS });
  }

  /** Relative increase of the network's loss over the window by eight-bit weights; undefined if there is no network. */
  int8(): { loss: number; quantiles: QuantileLoss[] } | undefined {
    const { fits } = this.#options;
    const m = fits.findIndex(({ kind }) => kind === 'mlp');
    const fit = fits[m];
    if (fit?.kind !== 'mlp') return undefined;
    const compared = this.#compared(m, { ...fit, fitted: quantizedMlp(fit.fitted) });
    const [before, after] = [learntLoss(compared, compared.before), learntLoss(compared, compared.after)];
    return { loss: after / Math.max(1e-9, before) - 1, quantiles: lossesOf(compared) };
  }

  /** The smallest share of a member's trees or units that is as good over the window; undefined if all are needed. */
  cut(m: number): { share: number; lossBeforeKw: number; lossAfterKw: number; quantiles: QuantileLoss[] } | undefined {
    const { kind } = this.#options.fits[m]!;
    if (kind === 'hours' || kind === 'dayBefore') return undefined;
    for (const share of SHARES) {
      const compared = this.#compared(m, pruned(this.#options.fits[m]!, share));
      const [before, after] = [learntLoss(compared, compared.before), learntLoss(compared, compared.after)];
      if (after < before * (1 + PRUNED_LOSS))
        return { share, lossBeforeKw: before, lossAfterKw: after, quantiles: lossesOf(compared) };
    }
    return undefined;
  }

  /** Mean losses of a member and of its replacement at each level, kW. */
  #compared(m: number, other: PooledFit): Compared {
    const { source, schema, levels } = this.#options;
    const head = this.heads[m]!;
    const [before, after] = [levels.map(() => 0), levels.map(() => 0)];
    let n = 0;
    for (const said of this.#said.values()) {
      const raw = predictPooled(other, pooledTable(source.row(said.next), source, schema));
      for (const [step, actual] of said.actual.entries()) {
        if (Number.isNaN(actual)) continue;
        const point = said.points[step]!;
        const begin = point + said.begins[m]![step]!;
        n++;
        for (const [q, level] of levels.entries()) {
          before[q]! += pinball(level, actual, point + headValue(head, said.raws[m]!, step * 3, q));
          after[q]! += pinball(level, actual, begin + headValue(head, raw, step * 3, q));
        }
      }
    }
    const mean = (sum: number): number => sum / Math.max(1, n);
    return { levels, before: before.map(mean), after: after.map(mean) };
  }

  /** Fold of a target (an index of the load): 0 on even days, 1 on odd ones. */
  #foldOf(target: number): number {
    return Math.floor(target / stepsPerDay(this.#options.load.stepS)) % 2;
  }

  #headsOf(isIn: (target: number) => boolean): QuantileHead[] {
    const left: number[] = [];
    const raws = this.#options.fits.map((): number[] => []);
    for (const said of this.#said.values()) {
      for (const [step, actual] of said.actual.entries()) {
        if (Number.isNaN(actual) || !isIn(said.next + step)) continue;
        left.push(actual - said.points[step]!);
        for (const [m, raw] of said.raws.entries()) raws[m]!.push(...raw.subarray(step * 3, step * 3 + 3));
      }
    }
    return raws.map((raw) => headOf(raw, left, this.#options.levels));
  }

  #score(said: Said): void {
    const { fits, levels, schema } = this.#options;
    const members = fits.length + 1;
    const losses = this.#losses.get(said.day) ?? new Float64Array(WEIGHT_GROUPS * members);
    this.#losses.set(said.day, losses);
    this.#each(said, ({ step, level, q, actual, point }) => {
      const heads = this.#folds[this.#foldOf(said.next + step)]!;
      const at = weightGroup(step, schema.stepS) * members;
      losses[at]! += pinball(level, actual, said.linear[step * levels.length + q]!);
      for (const [m, head] of heads.entries())
        losses[at + m + 1]! += pinball(level, actual, point + headValue(head, said.raws[m]!, step * 3, q));
    });
  }

  #each(
    { actual, points }: Said,
    visit: (at: { step: number; level: number; q: number; actual: number; point: number }) => void,
  ): void {
    for (const level of POOLED_LEVELS) {
      const q = indexOfLevel(this.#options.levels, level);
      for (const [step, value] of actual.entries())
        if (!Number.isNaN(value)) visit({ step, level, q, actual: value, point: points[step]! });
    }
  }

  #weightsOf(days: readonly Float64Array[]): number[][] {
    const members = this.#options.fits.length + 1;
    return Array.from({ length: WEIGHT_GROUPS }, (_, group) =>
      weightsOf(
        Array.from({ length: members }, (_, m) => days.reduce((sum, losses) => sum + losses[group * members + m]!, 0)),
      ),
    );
  }
}
