/**
 * The (epsilon, delta) differential privacy that the noise gives, by zero-concentrated privacy (Bun and Steinke, 2016): a Gaussian
 * mechanism of sensitivity s and deviation sigma costs rho = s^2 / (2 sigma^2), rounds add up, and rho costs epsilon = rho + 2 sqrt(rho
 * ln(1/delta)). Neighbours are two whole histories of one gateway, so the sensitivity of a delta is twice its clip. It covers the deltas
 * only: the other data that a gateway sends (samples, losses of the models, control telemetry) has no budget.
 */
export interface PrivacyTerms {
  /** Rounds in which the gateway took part. */
  readonly rounds: number;
  /** Deviation of the noise as a multiple of the clip; 0: no noise. */
  readonly noiseMultiplier: number;
  /** Probability that the bound may fail. */
  readonly delta: number;
  /**
   * 1: privacy towards the cloud, which sees the single delta (local privacy). More: towards a party that sees only the mean of this many
   * equally weighted deltas, each with its own noise.
   */
  readonly averagedOver?: number;
}

/** Infinity without noise: clipping alone gives no formal privacy. */
export function epsilonOf({ rounds, noiseMultiplier, delta, averagedOver = 1 }: PrivacyTerms): number {
  if (rounds === 0) return 0;
  if (noiseMultiplier === 0) return Number.POSITIVE_INFINITY;
  const rho = (2 * rounds) / (noiseMultiplier ** 2 * averagedOver);
  return rho + 2 * Math.sqrt(rho * Math.log(1 / delta));
}
