/** A term of a sum on its grid, with a mask of estimated values. */
export interface Bridged {
  readonly values: Float64Array;
  /** 1 where the value was not measured but estimated. */
  readonly estimated: Uint8Array;
}

/** Gaps up to an hour are interpolated linearly. */
const SHORT_S = 3600;
const DAYS = 7;

/**
 * Fills the gaps of one term: short ones by linear interpolation, others by the mean of the same time of day up to a week before and after.
 * Values before the first known one stay unknown, because the device may not have existed. `earlier`: the days before the series, on the
 * same grid, ending where it begins.
 */
export function bridged(values: Float64Array, stepS: number, earlier: Float64Array = new Float64Array(0)): Bridged {
  const out = Float64Array.from(values);
  const estimated = new Uint8Array(values.length);
  const day = Math.round(86_400 / stepS);
  const at = (index: number): number => (index >= 0 ? values[index] : earlier[earlier.length + index]) ?? Number.NaN;
  const put = (index: number, value: number): void => {
    if (Number.isNaN(value)) return;
    out[index] = value;
    estimated[index] = 1;
  };
  // A device that was added later has no values to look for before its first one.
  const first = earlier.length > 0 ? 0 : values.findIndex((value) => !Number.isNaN(value));
  if (first < 0) return { values: out, estimated };
  for (let from = first; from < values.length; from++) {
    if (!Number.isNaN(values[from]!)) continue;
    let to = from + 1;
    while (to < values.length && Number.isNaN(values[to]!)) to++;
    const [left, right] = [at(from - 1), at(to)];
    const short = (to - from) * stepS <= SHORT_S && !Number.isNaN(left) && !Number.isNaN(right);
    for (let i = from; i < to; i++) {
      if (short) put(i, left + ((right - left) * (i - from + 1)) / (to - from + 1));
      else
        put(
          i,
          meanNear((days) => at(i + days * day)),
        );
    }
    from = to;
  }
  return { values: out, estimated };
}

/** NaN if no earlier day has a value. */
function meanNear(at: (days: number) => number): number {
  let sum = 0;
  let count = 0;
  let before = 0;
  for (let days = -DAYS; days <= DAYS; days++) {
    const value = days === 0 ? Number.NaN : at(days);
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
    if (days < 0) before++;
  }
  return before === 0 ? Number.NaN : sum / count;
}

/**
 * Sums terms, some of them estimated. The sum is known where the measured terms usually make up at least `leastShare` of the whole, by
 * their mean magnitude. One dead meter of many must not make the sum unknown.
 */
export function summed(
  terms: readonly (Bridged & { readonly factor: number; readonly from: number })[],
  count: number,
  leastShare: number,
): Float64Array {
  const sizes = terms.map(({ values }) => meanMagnitude(values));
  const out = new Float64Array(count);
  const measured = new Float64Array(count);
  const all = new Float64Array(count);
  // One pass per term: this runs over long histories on a shared thread.
  for (const [t, { values, estimated, factor, from }] of terms.entries()) {
    const size = sizes[t]!;
    for (let i = from; i < count; i++) {
      out[i]! += factor * values[i]!;
      all[i]! += size;
      if (estimated[i] === 0) measured[i]! += size;
    }
  }
  for (let i = 0; i < count; i++) if (!(measured[i]! >= leastShare * all[i]!)) out[i] = Number.NaN;
  return out;
}

function meanMagnitude(values: Float64Array): number {
  let sum = 0;
  let known = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    sum += Math.abs(value);
    known++;
  }
  return known === 0 ? 0 : sum / known;
}
