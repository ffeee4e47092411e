/**
 * What noise gives, as (epsilon, delta) of differential privacy, by zero-concentrated privacy (Bun and Steinke, 2016): a Gaussian mechanism
 * of sensitivity s and deviation sigma costs rho = s^2 / (2 sigma^2), rounds add up, and rho costs epsilon = rho + 2 sqrt(rho ln(1/delta)).
 *
 * Neighbours are two whole histories of one gateway, so the sensitivity of a delta is twice its clip. It covers the deltas alone: what
 * else a gateway sends (samples, losses of the models, control telemetry) has no budget.
 */
export interface PrivacyTerms {
  /** Rounds in which the gateway took part. */
  readonly rounds: number;
  /** Deviation of the noise over the clip; 0: no noise. */
  readonly noiseMultiplier: number;
  /** Chance with which the bound may fail. */
  readonly delta: number;
  /**
   * 1: towards the cloud, which sees the single delta (local privacy). More: towards whoever sees only the mean of so many equally
   * weighted deltas, each with its noise.
   */
  readonly averagedOver?: number;
}

/** Infinity without noise: then it is clipping, and no formal privacy. */
export function epsilonOf({ rounds, noiseMultiplier, delta, averagedOver = 1 }: PrivacyTerms): number {
  if (rounds === 0) return 0;
  if (noiseMultiplier === 0) return Number.POSITIVE_INFINITY;
  const rho = (2 * rounds) / (noiseMultiplier ** 2 * averagedOver);
  return rho + 2 * Math.sqrt(rho * Math.log(1 / delta));
}
