/** What each substation is expected to take, kW per step; load convention. */
export interface Expected {
  readonly substation: string;
  readonly netKw: readonly number[];
  /** Weight with which it takes part in what is left: its transformer's rating. */
  readonly weight: number;
}

export interface Share {
  readonly importKw: number[];
  readonly exportKw: number[];
}

/**
 * Shares the region's limit out among its substations. Rule: each gets what it is expected to take, plus its part by rating of
 * what the limit leaves (less its part of what is missing, where the limit is below what is expected). Shares sum to the limit.
 */
export function shareOut(
  limits: { readonly importKw: number; readonly exportKw: number },
  expected: readonly Expected[],
): Map<string, Share> {
  const whole = expected.reduce((sum, { weight }) => sum + weight, 0);
  const steps = expected[0]?.netKw.length ?? 0;
  const shares = new Map<string, Share>(expected.map(({ substation }) => [substation, { importKw: [], exportKw: [] }]));
  for (let step = 0; step < steps; step++) {
    const net = expected.reduce((sum, { netKw }) => sum + netKw[step]!, 0);
    for (const { substation, netKw, weight } of expected) {
      const part = weight / whole;
      const share = shares.get(substation)!;
      share.importKw.push(netKw[step]! + part * (limits.importKw - net));
      share.exportKw.push(-netKw[step]! + part * (limits.exportKw + net));
    }
  }
  return shares;
}
