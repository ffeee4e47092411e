import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import {
  FeatureSource,
  originFeatures,
  stepFeatures,
  type FeatureSchema,
  type WeatherSeries,
} from '../../../shared/forecast/features.ts';
import { quantilesOf } from '../../../shared/forecast/quantiles.ts';
import { stepsPerDay, type LoadSeries } from '../../../shared/forecast/series.ts';
import { between, middlesOf, mixed } from '../../../shared/forecast/between.ts';
import { featureColumn } from './feature-column.ts';
import { horizonGroups, type HorizonGroup } from './horizon-groups.ts';
import { Moments, predict, ridges, type LinearFit } from './moments.ts';

/**
 * The linear member: one ridge regression per group of horizons on the features of shared/forecast. Its spread is a second regression on
 * the absolute out-of-fold errors; its quantiles are those of errors over spread. All errors come from fits without the week of the target,
 * so the quantiles are unbiased on a short history.
 */
export interface RidgeModel {
  readonly schema: FeatureSchema;
  readonly levels: readonly number[];
  readonly groups: readonly (HorizonGroup & StepFit)[];
}

/** The fit that answers for a step. */
interface StepFit {
  /** Share of the mean of the last seven days in the blend. */
  readonly meanShare: number;
  readonly point: LinearFit;
  readonly spread: LinearFit;
  /** Lower bound of the spread, kW. */
  readonly leastSpread: number;
  /** Quantiles of error over spread, ascending, one per level. */
  readonly shape: readonly number[];
}

export interface RidgeInput {
  readonly load: LoadSeries;
  readonly weather?: WeatherSeries;
  readonly schema: FeatureSchema;
  readonly zone: string;
  readonly holidays?: readonly string[];
  readonly levels: readonly number[];
  /** Targets lie before this index; default: the whole series. */
  readonly trainTo?: number;
  /** Groups of horizons that end at or before this step are omitted; default: none. */
  readonly fromStep?: number;
}

const PENALTIES = [0.001, 0.01, 0.03, 0.1, 0.3, 1, 3];
const MEAN_SHARES = [0, 0.15, 0.3, 0.5];
const SPREAD_PENALTY = 0.03;
/** Steps between origins, coprime with the steps of a day, so that each time of day is an origin equally often. */
const ORIGIN_STRIDE = 5;
/** Most origins of a group; with more than a year of quarter-hours, origins are spaced wider. */
const MOST_ORIGINS = 7000;
/** Most blocks for leave-one-out: weeks, or several weeks each for a longer history. */
const MOST_BLOCKS = 52;
const STEPS_PER_GROUP = 6;

export function trainRidge(input: RidgeInput): RidgeModel {
  const { schema, levels, fromStep = 0 } = input;
  const source = new FeatureSource(schema, input.load, new LocalCalendar(input.zone, input.holidays), input.weather);
  const asked = horizonGroups(schema.steps, schema.stepS).filter(({ to }) => to > fromStep);
  const groups = asked.map((group) => {
    const sample = new GroupSample(input, source, group);
    return { ...group, ...fitGroup(sample, levels) };
  });
  return { schema, levels, groups };
}

/**
 * Two linear forms, each with its own penalty: the level, and the difference from the mean of the last seven days at that time. The first
 * follows the weather, the second a shift in level. Their mean is one linear fit.
 */
function fitGroup(sample: GroupSample, levels: readonly number[]): StepFit {
  const { rows, targets, width } = sample;
  const base = sample.column('mean7');
  const [level, difference] = fitForms(sample, [targets, targets.map((target, i) => target - rows[i * width + base]!)]);
  const ridge = meanOfFits(level.fit, difference.fit);
  ridge.weights[base]! += 0.5;
  const ridgeErrors = level.errors.map((error, i) => (error + difference.errors[i]!) / 2);
  const meanErrors = targets.map((target, i) => target - rows[i * width + base]!);
  const blends = MEAN_SHARES.map((share) => ridgeErrors.map((e, i) => (1 - share) * e + share * meanErrors[i]!));
  const losses = blends.map((blend) => blend.reduce((sum, error) => sum + Math.abs(error), 0));
  const chosen = losses.indexOf(Math.min(...losses));
  const meanShare = MEAN_SHARES[chosen]!;
  const errors = blends[chosen]!;
  const point = {
    intercept: (1 - meanShare) * ridge.intercept,
    weights: ridge.weights.map((weight, i) => (1 - meanShare) * weight + (i === base ? meanShare : 0)),
  };
  const absolute = sample.moments(errors.map(Math.abs)).total;
  const spread = absolute.ridge(SPREAD_PENALTY);
  const leastSpread = Math.max(1e-6, 0.2 * (absolute.targetSum / absolute.count));
  const ratios = errors.map((error, i) => error / Math.max(leastSpread, predict(spread, rows, i * width)));
  return { meanShare, point, spread, leastSpread, shape: quantilesOf(ratios, levels) };
}

interface Form {
  readonly fit: LinearFit;
  readonly errors: Float64Array;
}

/** For each form's targets, ridge with the penalty that has the smallest absolute error over left-out weeks, and these errors. */
function fitForms(sample: GroupSample, forms: readonly [Float64Array, Float64Array]): [Form, Form] {
  const { rows, blocks, width } = sample;
  const sums = forms.map((targets) => sample.moments(targets));
  const held = new Map(
    [...sums[0]!.perBlock.keys()].map((id) => [
      id,
      sums.map((each) => Moments.without(each.total, each.perBlock.get(id))),
    ]),
  );
  const tried = PENALTIES.map((penalty) => {
    const fits = new Map([...held].map(([id, moments]) => [id, ridges(moments, penalty)]));
    return forms.map((targets, form) => {
      const errors = targets.map((target, i) => target - predict(fits.get(blocks[i]!)![form]!, rows, i * width));
      return { penalty, errors, loss: errors.reduce((sum, error) => sum + Math.abs(error), 0) };
    });
  });
  const bestOf = (form: 0 | 1): Form => {
    const { penalty, errors } = tried
      .map((each) => each[form]!)
      .reduce((best, each) => (each.loss < best.loss ? each : best));
    return { fit: sums[form]!.total.ridge(penalty), errors };
  };
  return [bestOf(0), bestOf(1)];
}

const meanOfFits = (a: LinearFit, b: LinearFit): LinearFit => ({
  intercept: (a.intercept + b.intercept) / 2,
  weights: a.weights.map((weight, i) => (weight + b.weights[i]!) / 2),
});

/** Rows, targets and the week of each target, of one group of horizons. */
class GroupSample {
  readonly width: number;
  readonly rows: Float32Array;
  readonly targets: Float64Array;
  readonly blocks: Int32Array;
  readonly #names: readonly string[];
  #moments: { total: Moments; perBlock: Map<number, Moments> } | undefined;

  constructor(input: RidgeInput, source: FeatureSource, group: HorizonGroup) {
    const { values, stepS } = input.load;
    const day = stepsPerDay(stepS);
    const end = input.trainTo ?? values.length;
    const chosen = spreadOver(group, STEPS_PER_GROUP);
    const pairs: { origin: number; step: number }[] = [];
    const first = Math.min(8 * day, Math.max(2 * day, end - 14 * day));
    const stride = strideOver(end - first);
    for (let origin = first; origin + group.from < end; origin += stride) {
      for (const step of chosen) {
        if (origin + step < end && !Number.isNaN(values[origin + step]!)) pairs.push({ origin, step });
      }
    }
    this.width = source.originCount + source.stepCount;
    this.rows = new Float32Array(pairs.length * this.width);
    this.targets = new Float64Array(pairs.length);
    this.blocks = new Int32Array(pairs.length);
    this.#names = [...originFeatures(input.schema), ...stepFeatures(input.schema)];
    let previous = -1;
    const block = 7 * day * Math.max(1, Math.ceil(end / (7 * day * MOST_BLOCKS)));
    for (const [i, { origin, step }] of pairs.entries()) {
      const at = i * this.width;
      if (origin === previous) this.rows.copyWithin(at, at - this.width, at - this.width + source.originCount);
      else source.origin(origin, this.rows, at);
      previous = origin;
      source.step(origin, step, this.rows, at + source.originCount);
      this.targets[i] = values[origin + step]!;
      this.blocks[i] = Math.floor((end - 1 - origin - step) / block);
    }
  }

  /** Sums over all rows and over each week for other targets of these rows; the Gram matrices are computed once. */
  moments(targets: Float64Array): { total: Moments; perBlock: Map<number, Moments> } {
    const { rows, blocks, width } = this;
    const shared = this.#moments;
    const total = new Moments(width, shared?.total);
    const perBlock = new Map<number, Moments>();
    for (const [i, target] of targets.entries()) {
      const id = blocks[i]!;
      const block = perBlock.get(id) ?? new Moments(width, shared?.perBlock.get(id));
      perBlock.set(id, block);
      if (shared === undefined) block.add(rows, i * width, target);
      else {
        block.addTarget(rows, i * width, target);
        total.addTarget(rows, i * width, target);
      }
    }
    if (shared !== undefined) return { total, perBlock };
    for (const block of perBlock.values()) total.merge(block, 1);
    this.#moments = { total, perBlock };
    return this.#moments;
  }

  column(name: string): number {
    return featureColumn(this.#names, name);
  }
}

/** Also coprime with the steps of a day. */
function strideOver(count: number): number {
  let stride = Math.max(ORIGIN_STRIDE, Math.ceil(count / MOST_ORIGINS));
  while (stride % 2 === 0 || stride % 3 === 0) stride++;
  return stride;
}

function spreadOver(group: HorizonGroup, count: number): number[] {
  const width = group.to - group.from;
  if (width <= count) return Array.from({ length: width }, (_, i) => group.from + i);
  return Array.from({ length: count }, (_, i) => group.from + Math.floor(((i + 0.5) * width) / count));
}

const fitsOf = new WeakMap<RidgeModel, ReadonlyMap<number, StepFit>>();

/**
 * The fit of each step covered by a group: a group's own in its middle, interpolated linearly between middles. The fits are linear, so the
 * answer is interpolated too and does not jump at the end of a group.
 */
export function stepFits(model: RidgeModel): ReadonlyMap<number, StepFit> {
  const known = fitsOf.get(model);
  if (known !== undefined) return known;
  const { groups } = model;
  const first = groups[0]!.from;
  const ends = groups.map(({ to }) => to);
  const middles = middlesOf(ends, first);
  const fits = new Map<number, StepFit>();
  for (let step = first; step < ends.at(-1)!; step++) {
    const { low, high, share } = between(middles, step);
    fits.set(step, mixedFit(groups[low]!, groups[high]!, share));
  }
  fitsOf.set(model, fits);
  return fits;
}

function mixedFit(a: StepFit, b: StepFit, share: number): StepFit {
  if (share === 0) return a;
  const linear = (from: LinearFit, to: LinearFit): LinearFit => ({
    intercept: mixed(from.intercept, to.intercept, share),
    weights: from.weights.map((weight, i) => mixed(weight, to.weights[i]!, share)),
  });
  return {
    meanShare: mixed(a.meanShare, b.meanShare, share),
    point: linear(a.point, b.point),
    spread: linear(a.spread, b.spread),
    leastSpread: mixed(a.leastSpread, b.leastSpread, share),
    shape: a.shape.map((value, q) => mixed(value, b.shape[q]!, share)),
  };
}

/** The linear point of one target step, kW; `rows` holds its origin features and step features from index `at`. */
export function ridgePoint(model: RidgeModel, step: number, rows: Float32Array, at: number): number {
  return predict(stepFits(model).get(step)!.point, rows, at);
}

/** Quantiles of one row, [step x level] step-major: the reference for the exported graph. 0 at steps without a group. */
export function predictRidge(model: RidgeModel, row: Float32Array): Float64Array {
  const { schema, levels, groups } = model;
  const width = groups[0]!.point.weights.length;
  const perStep = (row.length - width) / (schema.steps - 1);
  const originCount = width - perStep;
  const input = new Float32Array(width);
  input.set(row.subarray(0, originCount));
  const out = new Float64Array(schema.steps * levels.length);
  for (const [step, fit] of stepFits(model)) {
    const at = originCount + step * perStep;
    input.set(row.subarray(at, at + perStep), originCount);
    const point = predict(fit.point, input, 0);
    const spread = Math.max(fit.leastSpread, predict(fit.spread, input, 0));
    for (let q = 0; q < levels.length; q++) out[step * levels.length + q] = point + spread * fit.shape[q]!;
  }
  return out;
}
