/**
 * Makes forecasts of a whole and of its parts add up, path by path: MinT (Wickramasuriya, Athanasopoulos and Hyndman, JASA 114, 2019) on
 * joint paths (Panagiotelis and others, European Journal of Operational Research 306, 2023), with correlations shrunk towards zero (Schäfer
 * and Strimmer, Statistical Applications in Genetics and Molecular Biology 4, 2005).
 * A tree is reconciled family by family, as in message passing. Upwards, each family is reconciled by itself, the families of the parts
 * before that of the whole. Downwards, each whole passes on how far it has moved since. Two families influence each other only through the
 * member they share. So each family has one equation, and the work grows with the number of series, not with its cube.
 */

/** A whole and its parts, by index. A series is a part of at most one family, and the whole of at most one. */
export interface Family {
  readonly whole: number;
  readonly parts: readonly number[];
  /**
   * The part that is left beside the other parts. If it varies, only whole and rest are adjusted: the other parts have their own meters,
   * and their share in a gap over a few weeks is mostly chance.
   */
  readonly rest?: number | undefined;
}

/** Correlation of errors around one lead time. */
export interface Correlation {
  /** Standard scores, [set][series][path]: mean 0, variance 1. All sets have equal weight. */
  readonly scores: readonly (readonly Float64Array[])[];
  /** Shrinkage of each family's correlations, 0 to 1, in the order of the families. */
  readonly shrinkage: readonly number[];
}

/**
 * The share of the correlations that sampling noise alone explains. `independent`: the number of effectively independent paths, because
 * paths that begin within a day of each other are correlated. 1 if there is no correlation at all.
 */
export function shrinkageOf({ whole, parts }: Family, scores: Correlation['scores'], independent: number): number {
  const members = sampleOf([whole, ...parts]);
  let [noise, signal] = [0, 0];
  for (const set of scores) {
    for (const [i, a] of members.entries()) {
      for (const b of members.slice(i + 1)) {
        const [x, y] = [set[a]!, set[b]!];
        let [sum, square] = [0, 0];
        for (let path = 0; path < x.length; path++) {
          const product = x[path]! * y[path]!;
          sum += product;
          square += product * product;
        }
        const mean = sum / x.length;
        signal += mean * mean;
        noise += Math.max(0, square / x.length - mean * mean) / Math.max(1, independent - 1);
      }
    }
  }
  return signal > 0 ? Math.min(1, noise / signal) : 1;
}

/** More members would not improve the estimate of the noise. */
const MOST_PAIRED = 48;

const sampleOf = (members: readonly number[]): number[] =>
  members.filter((_, at) => at % Math.ceil(members.length / MOST_PAIRED) === 0);

/**
 * Reconciles joint paths at one step in place: afterwards the parts of each family add up to its whole on every path. `paths`:
 * [series][path], kW. `families`: each before the family that its whole is a part of. Without `correlation`, errors count as independent.
 */
export function reconcile(
  paths: readonly Float64Array[],
  families: readonly Family[],
  correlation?: Correlation,
): void {
  const downwards = families.map((family, at) => {
    const shrinkage = correlation?.shrinkage[at] ?? 1;
    const members = [family.whole, ...family.parts];
    const deviations = members.map((series) => deviation(paths[series]!));
    const scores = (correlation?.scores ?? []).map((set) => members.map((series) => set[series]!));
    const covariances = (weights: readonly number[]): number[] =>
      covariance(weights, { deviations, scores, shrinkage });
    const gains = gainsOf(members, { covariances, rest: restOf(family, deviations) });
    const gaps = gapsOf(paths, family);
    for (const [m, series] of members.entries()) add(paths[series]!, gaps, -gains.equation[m]!);
    return { family, before: Float64Array.from(paths[family.whole]!), shares: gains.shares };
  });
  for (const { family, before, shares } of downwards.toReversed()) {
    const moved = Float64Array.from(paths[family.whole]!);
    add(moved, before, -1);
    for (const [p, series] of family.parts.entries()) add(paths[series]!, moved, shares[p]!);
  }
}

/** Whole minus the sum of its parts, on each path. */
function gapsOf(paths: readonly Float64Array[], { whole, parts }: Family): Float64Array {
  const gaps = Float64Array.from(paths[whole]!);
  for (const part of parts) add(gaps, paths[part]!, -1);
  return gaps;
}

function add(to: Float64Array, what: Float64Array, times: number): void {
  for (let path = 0; path < to.length; path++) to[path]! += times * what[path]!;
}

interface Gains {
  /** Share of a gap that each member absorbs, the whole first. */
  readonly equation: readonly number[];
  /** Each part's share of a later move of the whole; they add up to 1. */
  readonly shares: readonly number[];
}

/**
 * With W the covariance of the members and c the equation (1, -1, ..., -1): W c / c'W c, and W' e1 / e1'W' e1 with W' the covariance after
 * reconciliation. Members without variance are moved evenly.
 */
function gainsOf(
  members: readonly number[],
  {
    covariances,
    rest,
  }: { readonly covariances: (weights: readonly number[]) => number[]; readonly rest: number | undefined },
): Gains {
  const equation = members.map((_, m) => (m === 0 ? 1 : -1));
  const withGap = covariances(equation);
  const gap = withGap.reduce((sum, value, m) => sum + equation[m]! * value, 0);
  const withWhole = covariances(members.map((_, m) => Number(m === 0)));
  const least = EPSILON * (withWhole[0]! + Math.max(0, gap));
  if (!(gap > least))
    return { equation: equation.map((sign) => sign / members.length), shares: even(members.length - 1) };
  if (rest !== undefined) {
    const [whole, left] = [Math.max(0, withGap[0]!), Math.max(0, -withGap[rest]!)];
    const share = whole + left > least ? whole / (whole + left) : 0.5;
    return {
      equation: members.map((_, m) => (m === 0 ? share : m === rest ? share - 1 : 0)),
      shares: members.slice(1).map((_, m) => Number(m + 1 === rest)),
    };
  }
  const after = withWhole.map((value, m) => value - (withGap[m]! * withGap[0]!) / gap);
  const parts = after.slice(1).reduce((sum, value) => sum + value, 0);
  const isFixed = !(Math.min(after[0]!, parts) > least);
  return {
    equation: withGap.map((value) => value / gap),
    shares: isFixed ? even(members.length - 1) : after.slice(1).map((value) => value / parts),
  };
}

/** Index of the rest among the members; undefined if there is none or it does not vary. */
function restOf({ parts, rest }: Family, deviations: readonly number[]): number | undefined {
  if (rest === undefined) return undefined;
  const at = parts.indexOf(rest) + 1;
  return deviations[at]! > LEAST_REST * deviations[0]! ? at : undefined;
}

/** Share of the whole's deviation. */
const LEAST_REST = 0.01;
const EPSILON = 1e-9;
const even = (count: number): number[] => Array.from({ length: count }, () => 1 / count);

/** Covariance of each member with the weighted sum of all, from shrunk correlations and the current deviations. */
function covariance(
  weights: readonly number[],
  {
    deviations,
    scores,
    shrinkage,
  }: {
    readonly deviations: readonly number[];
    readonly scores: readonly (readonly Float64Array[])[];
    readonly shrinkage: number;
  },
): number[] {
  const scaled = weights.map((weight, m) => weight * deviations[m]!);
  const retained = scores.length === 0 ? 0 : 1 - shrinkage;
  const out = scaled.map((value, m) => (1 - retained) * value * deviations[m]!);
  if (retained === 0) return out;
  for (const set of scores) {
    const count = set[0]!.length;
    const common = new Float64Array(count);
    for (const [m, score] of set.entries()) if (scaled[m] !== 0) add(common, score, scaled[m]!);
    for (const [m, score] of set.entries()) {
      let sum = 0;
      for (let path = 0; path < count; path++) sum += score[path]! * common[path]!;
      out[m]! += (retained * deviations[m]! * sum) / count / scores.length;
    }
  }
  return out;
}

function deviation(values: Float64Array): number {
  let [sum, square] = [0, 0];
  for (const value of values) {
    sum += value;
    square += value * value;
  }
  const mean = sum / values.length;
  return Math.sqrt(Math.max(0, square / values.length - mean * mean));
}
