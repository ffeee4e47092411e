/** So many times in its span a curve is read anew. */
const LOOKS = 60;
const LEAST_LOOK_MS = 4_000;

/** The end to which a curve of so long a span is read: it moves on seldom enough that each reading is answered. */
export function lookedTo(now: number, { spanMs, speed }: { readonly spanMs: number; readonly speed: number }): number {
  let lookMs = LEAST_LOOK_MS * Math.max(1, speed);
  // In doublings: a span that grows does not move each end.
  while (lookMs < spanMs / LOOKS) lookMs *= 2;
  return Math.ceil(now / lookMs) * lookMs;
}
