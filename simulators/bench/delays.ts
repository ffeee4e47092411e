/** Cumulative histogram of main-thread delays since its start, or of the CPU time during them: `count` of those up to `upToS`. */
export type Delays = readonly { readonly upToS: number; readonly count: number }[];

/** Parses the cloud's metrics text. */
export const delaysIn = (metrics: string, of: 'delay' | 'cpu' = 'delay'): Delays =>
  [...metrics.matchAll(new RegExp(`^loadstone_main_thread_${of}_seconds_bucket\\{le="([^"]+)"\\} (\\d+)$`, 'gm'))].map(
    ([, upTo, count]) => ({
      upToS: upTo === '+Inf' ? Number.POSITIVE_INFINITY : Number(upTo),
      count: Number(count),
    }),
  );

/** 99th percentile of the delays between two readings, ms: interpolated within a bucket, capped at the last finite bound. */
export function p99Ms(before: Delays, after: Delays): number {
  const counts = after.map(({ upToS, count }, at) => ({ upToS, count: count - (before[at]?.count ?? 0) }));
  const wanted = 0.99 * (counts.at(-1)?.count ?? 0);
  const at = counts.findIndex(({ count }) => count >= wanted);
  const [lower, upper] = [counts[at - 1] ?? { upToS: 0, count: 0 }, counts[at]];
  if (upper === undefined || wanted === 0) return 0;
  if (upper.upToS === Number.POSITIVE_INFINITY) return Math.round(lower.upToS * 1000);
  const part = (wanted - lower.count) / (upper.count - lower.count);
  return Math.round((lower.upToS + part * (upper.upToS - lower.upToS)) * 10_000) / 10;
}
