export interface Segment {
  /** Half open: [from, to). */
  readonly from: number;
  readonly to: number;
  readonly score: number;
}

/**
 * All maximal scoring segments of a sequence, in order, disjoint, each with a positive score (Ruzzo and Tompa, A linear time algorithm for
 * finding all maximal scoring subsequences, ISMB 1999).
 */
export function maximalSegments(scores: ArrayLike<number>): Segment[] {
  /** `left` and `right`: the sum of all scores before the segment, and up to its end. */
  const found: { from: number; to: number; left: number; right: number }[] = [];
  let sum = 0;
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!;
    sum += score;
    if (!(score > 0)) continue;
    let next = { from: i, to: i + 1, left: sum - score, right: sum };
    for (;;) {
      let j = found.length - 1;
      while (j >= 0 && found[j]!.left >= next.left) j--;
      if (j < 0 || found[j]!.right >= next.right) break;
      next = { from: found[j]!.from, to: next.to, left: found[j]!.left, right: next.right };
      found.length = j;
    }
    found.push(next);
  }
  return found.map(({ from, to, left, right }) => ({ from, to, score: right - left }));
}
