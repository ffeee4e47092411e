import { weightsByStep } from '../../../shared/forecast/member-blend.ts';
import { headValue, predictPooled, type PooledFit, type QuantileHead } from './pooled-member.ts';
import { pooledTable, type PooledLayout } from '../../../shared/forecast/learn/pooled-rows.ts';
import { predictRidge, ridgePoint, type RidgeModel } from './ridge-member.ts';

export type MemberName = 'ridge' | 'hours' | 'boosting' | 'mlp' | 'dayBefore';

/** Days of history that a member needs. */
export const LEAST_DAYS: Readonly<Record<MemberName, number>> = {
  ridge: 28,
  dayBefore: 28,
  boosting: 56,
  hours: 182,
  mlp: 182,
};
/** Share of that history that must be known; gaps are common. */
const KNOWN_SHARE = 0.95;

export const suffices = (name: MemberName, knownDays: number): boolean =>
  knownDays >= (name === 'ridge' ? 1 : KNOWN_SHARE) * LEAST_DAYS[name];

/** The blend of the linear member with the members that learn its residuals, by groups of steps. */
export interface Ensemble {
  readonly ridge: RidgeModel;
  readonly layout: PooledLayout;
  readonly pooled: readonly { readonly fit: PooledFit; readonly head: QuantileHead }[];
  /** [group][member], the linear member first; the weights of a group sum to 1. */
  readonly weights: readonly (readonly number[])[];
}

/** Last hour of each group of steps with common weights. */
const GROUP_HOURS = [1, 3, 8, 16, 24];
export const WEIGHT_GROUPS = GROUP_HOURS.length + 1;

export function weightGroup(step: number, stepS: number): number {
  const hours = ((step + 1) * stepS) / 3600;
  const found = GROUP_HOURS.findIndex((last) => hours <= last);
  return found < 0 ? GROUP_HOURS.length : found;
}

/** The step after the end of each group, for a model of `steps` steps. */
export function groupEnds(steps: number, stepS: number): number[] {
  const ends = [...GROUP_HOURS.map((hours) => Math.floor((hours * 3600) / stepS)), steps];
  return [...new Set(ends.map((end) => Math.min(end, steps)))].filter((end) => end > 0);
}

/** The weights of each group, in the form of a manifest. */
export const groupsOf = (weights: Ensemble['weights'], { steps, stepS }: { steps: number; stepS: number }) =>
  groupEnds(steps, stepS).map((to) => ({ to, weights: [...weights[weightGroup(to - 1, stepS)]!] }));

/** How sharply weights follow the losses relative to their mean. */
const SHARPNESS = 12;

/** Softmax of the negative losses relative to their mean; all equal if no loss is known. */
export function weightsOf(losses: readonly number[]): number[] {
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  const raw = losses.map((loss) => Math.exp((-SHARPNESS * (loss - mean)) / Math.max(mean, 1e-12)));
  const total = raw.reduce((sum, each) => sum + each, 0);
  return raw.map((each) => each / total);
}

export const memberNames = ({ pooled }: Pick<Ensemble, 'pooled'>): MemberName[] => [
  'ridge',
  ...pooled.map(({ fit }) => fit.kind),
];

/**
 * The members' forecasts for one row: the quantiles [step x level] and points of the linear member, and the raw triples of the others,
 * relative to these points.
 */
export interface MemberOutputs {
  readonly linear: Float64Array;
  readonly points: Float64Array;
  /** [member][step x 3] */
  readonly raws: readonly Float64Array[];
  /** [member][step]: start of a fit's triples, relative to the points. */
  readonly begins: readonly Float64Array[];
}

export function outputsOf(
  ridge: RidgeModel,
  { fits, layout }: { readonly fits: readonly PooledFit[]; readonly layout: PooledLayout },
  row: Float32Array,
): MemberOutputs {
  const table = pooledTable(row, layout, ridge.schema);
  const points = Float64Array.from({ length: table.rows }, (_, step) =>
    ridgePoint(ridge, step, table.values, step * table.columns),
  );
  const hours = fits.find((fit) => fit.kind === 'hours');
  const week = points.map((point) => (hours === undefined ? 0 : row[hours.layout.week]! - point));
  const medians = hours && predictPooled(hours, table);
  const begins = fits.map(({ kind }) => {
    if (kind === 'dayBefore') return points.map((point) => -point);
    return kind === 'boosting' ? week.map((value, step) => value + (medians?.[3 * step + 1] ?? 0)) : week;
  });
  const raws = fits.map((fit, m) => {
    const said = fit === hours ? medians! : predictPooled(fit, table);
    return said.map((value, i) => value + begins[m]![Math.floor(i / 3)]!);
  });
  return { linear: predictRidge(ridge, row), points, raws, begins };
}

/** The weighted mean of the members' quantiles, [step x level] step-major. */
export function blended(
  { linear, points, raws }: MemberOutputs,
  {
    headsAt,
    weights,
    stepS,
  }: { headsAt: (step: number) => readonly QuantileHead[]; weights: Ensemble['weights']; stepS: number },
): Float64Array {
  const count = linear.length / points.length;
  const out = new Float64Array(linear.length);
  const byStep = weightsByStep({ groups: groupsOf(weights, { steps: points.length, stepS }) }, points.length);
  for (const [step, shares] of byStep.entries()) {
    const heads = headsAt(step);
    for (let q = 0; q < count; q++) {
      let value = shares[0]! * linear[step * count + q]!;
      for (const [m, head] of heads.entries())
        value += shares[m + 1]! * (points[step]! + headValue(head, raws[m]!, step * 3, q));
      out[step * count + q] = value;
    }
  }
  return out;
}

/** Quantiles of one row, [step x level] step-major: the reference for the exported graph. */
export function predictEnsemble({ ridge, layout, pooled, weights }: Ensemble, row: Float32Array): Float64Array {
  if (pooled.length === 0) return predictRidge(ridge, row);
  const outputs = outputsOf(ridge, { fits: pooled.map(({ fit }) => fit), layout }, row);
  const heads = pooled.map(({ head }) => head);
  return blended(outputs, { headsAt: () => heads, weights, stepS: ridge.schema.stepS });
}
