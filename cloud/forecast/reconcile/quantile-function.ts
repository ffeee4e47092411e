/**
 * A quantile function given at ascending levels: linear between them, with exponential tails beyond the outermost ones that continue the
 * slope between the last two.
 */

/** A level's value as a mix of given ones: value[low] + share x (value[high] - value[low]). */
export interface Place {
  readonly low: number;
  readonly high: number;
  readonly share: number;
}

/** `level` between 0 and 1, both excluded. */
export function placeOf(levels: readonly number[], level: number): Place {
  const last = levels.length - 1;
  const [first, final] = [levels[0]!, levels[last]!];
  if (level < first) return { low: 0, high: 1, share: Math.log(level / first) / Math.log(levels[1]! / first) };
  if (level > final) {
    const [tail, inner] = [1 - final, 1 - levels[last - 1]!];
    return { low: last - 1, high: last, share: 1 + Math.log((1 - level) / tail) / Math.log(tail / inner) };
  }
  const high = Math.max(
    1,
    levels.findIndex((each) => each >= level),
  );
  const from = levels[high - 1]!;
  return { low: high - 1, high, share: (level - from) / (levels[high]! - from) };
}

export function valueAt(levels: readonly number[], column: readonly number[], level: number): number {
  const { low, high, share } = placeOf(levels, level);
  return column[low]! + share * (column[high]! - column[low]!);
}

/** The mean of the distribution: the integral of the quantile function, tails included. */
export function meanOf(levels: readonly number[], column: readonly number[]): number {
  const last = levels.length - 1;
  const [first, final] = [levels[0]!, 1 - levels[last]!];
  const low = column[0]! - (column[1]! - column[0]!) / Math.log(levels[1]! / first);
  const high = column[last]! + (column[last]! - column[last - 1]!) / Math.log((1 - levels[last - 1]!) / final);
  let sum = first * low + final * high;
  for (let q = 1; q <= last; q++) sum += (levels[q]! - levels[q - 1]!) * ((column[q]! + column[q - 1]!) / 2);
  return sum;
}

/** The level of a value, the inverse of `valueAt`. If several levels have it, the middle of the given ones. */
export function levelOf(levels: readonly number[], column: readonly number[], value: number): number {
  const last = levels.length - 1;
  const first = column.findIndex((each) => each >= value);
  const beyond = column.findIndex((each) => each > value);
  if (first >= 0 && column[first] === value) return (levels[first]! + levels[beyond < 0 ? last : beyond - 1]!) / 2;
  if (first === 0) return levels[0]! * (levels[1]! / levels[0]!) ** share(value, column[0]!, column[1]!);
  if (first < 0) {
    const [tail, inner] = [1 - levels[last]!, 1 - levels[last - 1]!];
    return 1 - tail * (tail / inner) ** share(value, column[last]!, 2 * column[last]! - column[last - 1]!);
  }
  const from = levels[first - 1]!;
  return from + share(value, column[first - 1]!, column[first]!) * (levels[first]! - from);
}

/** Fraction of the way from `low` to `high`; far outside if the two coincide. */
const share = (value: number, low: number, high: number): number =>
  high > low ? (value - low) / (high - low) : 1000 * Math.sign(value - low);
