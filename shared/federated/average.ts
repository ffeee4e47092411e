/** One gateway's part in a round. */
export interface Contribution {
  readonly gateway: string;
  /** Rows it trained on, as reported by the gateway. */
  readonly samples: number;
  readonly delta: Float32Array;
}

/** Sample counts are capped at this multiple of the median, so that no gateway can dominate by its own figure. */
const MOST_OVER_MEDIAN = 2;

/**
 * Weights of the gateways, summing to 1: by samples (FedAvg; McMahan et al., 2017), capped at twice the median. So no gateway of `n` has
 * more than 4 / n, whatever it reports.
 */
export function sharesOf(samples: readonly number[]): number[] {
  if (samples.length === 0) return [];
  const sorted = samples.toSorted((a, b) => a - b);
  // The lower median: with an even count, the smaller of the two.
  const median = sorted[Math.floor((sorted.length - 1) / 2)]!;
  const bounded = samples.map((count) => Math.min(count, MOST_OVER_MEDIAN * median));
  const total = bounded.reduce((sum, count) => sum + count, 0);
  return bounded.map((count) => (total > 0 ? count / total : 1 / samples.length));
}

/** The next network: the base plus the weighted mean of the deltas. `decodeDelta` has checked that they are finite and bounded. */
export function averaged(base: Float32Array, contributions: readonly Contribution[]): Float32Array {
  const shares = sharesOf(contributions.map(({ samples }) => samples));
  return base.map((weight, i) => {
    let sum = weight;
    for (const [k, { delta }] of contributions.entries()) sum += shares[k]! * delta[i]!;
    return sum;
  });
}
