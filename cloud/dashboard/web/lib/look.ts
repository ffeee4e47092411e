/** Times that a curve is read again within its span. */
const LOOKS = 60;
const LEAST_LOOK_MS = 4_000;

/** Returns the end up to which a curve of this span is read. It advances rarely enough that each read finishes. */
export function lookedTo(now: number, { spanMs, speed }: { readonly spanMs: number; readonly speed: number }): number {
  let lookMs = LEAST_LOOK_MS * Math.max(1, speed);
  // Doubling keeps the end steady while the span grows.
  while (lookMs < spanMs / LOOKS) lookMs *= 2;
  return Math.ceil(now / lookMs) * lookMs;
}
