/** One gateway's part in a round. */
export interface Contribution {
  readonly gateway: string;
  /** Rows that it learnt from, as it says. */
  readonly samples: number;
  readonly delta: Float32Array;
}

/** Counts above this multiple of the median are capped, so that a gateway's own figure cannot decide alone. */
const MOST_OVER_MEDIAN = 2;

/**
 * Shares of the gateways, summing to 1: by their samples (FedAvg; McMahan et al., 2017), bounded by twice their median. So of `n` gateways
 * none has more than 4 / n, whatever it states.
 */
export function sharesOf(samples: readonly number[]): number[] {
  if (samples.length === 0) return [];
  const sorted = samples.toSorted((a, b) => a - b);
  // The lower median: of two, the smaller counts.
  const median = sorted[Math.floor((sorted.length - 1) / 2)]!;
  const bounded = samples.map((count) => Math.min(count, MOST_OVER_MEDIAN * median));
  const total = bounded.reduce((sum, count) => sum + count, 0);
  return bounded.map((count) => (total > 0 ? count / total : 1 / samples.length));
}

/** The next network: the base and the mean of the deltas by their shares. Deltas are finite and bounded: see `decodeDelta`. */
export function averaged(base: Float32Array, contributions: readonly Contribution[]): Float32Array {
  const shares = sharesOf(contributions.map(({ samples }) => samples));
  return base.map((weight, i) => {
    let sum = weight;
    for (const [k, { delta }] of contributions.entries()) sum += shares[k]! * delta[i]!;
    return sum;
  });
}
