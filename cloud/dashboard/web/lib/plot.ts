/** A value over time, for small drawings on the page and in saved files. */
export interface Dot {
  /** ms UTC */
  readonly time: number;
  readonly value: number | null;
}

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Returns a range with room for the values and for limits they come near. `least` is the smallest range, so that small changes do not fill
 * it.
 */
export function rangeOf(dots: readonly Dot[], limits: readonly number[], least: number): { low: number; high: number } {
  const values = dots.flatMap(({ value }) => (value === null ? [] : [value]));
  if (values.length === 0) return { low: 0, high: 1 };
  let [low, high] = [Math.min(...values), Math.max(...values)];
  for (const limit of limits)
    if (limit > low - (high - low) && limit < high + (high - low))
      [low, high] = [Math.min(low, limit), Math.max(high, limit)];
  const lacks = Math.max(0, least - (high - low)) / 2;
  const room = 0.06 * Math.max(high - low, least);
  return { low: low - lacks - room, high: high + lacks + room };
}

export const xOf = ({ from, to, width }: Frame, time: number): number =>
  ((time - from) / Math.max(1, to - from)) * width;
export const yOf = ({ low, high, height }: Frame, value: number): number =>
  height - ((value - low) / Math.max(1e-9, high - low)) * height;

/** Returns the line as an SVG path; a gap in the values is a gap in the line. */
export function pathThrough(dots: readonly Dot[], frame: Frame): string {
  let path = '';
  let pen = 'M';
  for (const { time, value } of dots) {
    if (time < frame.from || time > frame.to) continue;
    if (value === null) {
      pen = 'M';
      continue;
    }
    path += `${pen}${xOf(frame, time).toFixed(1)} ${yOf(frame, value).toFixed(1)}`;
    pen = 'L';
  }
  return path;
}
