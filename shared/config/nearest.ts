/** The known word with the smallest Levenshtein distance to `word`, if it is close enough to be a typo. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const limit = Math.max(2, Math.floor(word.length / 3));
  let best: { readonly each: string; readonly far: number } | undefined;
  for (const each of known) {
    const far = distance(word.toLowerCase(), each.toLowerCase(), best === undefined ? limit : best.far - 1);
    if (far !== undefined) best = { each, far };
  }
  return best?.each;
}

/** Levenshtein distance; undefined if it exceeds `most`. */
function distance(a: string, b: string, most: number): number | undefined {
  if (Math.abs(a.length - b.length) > most) return undefined;
  const row = Uint32Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const letter = a.charCodeAt(i - 1);
    let [before, least] = [row[0]!, i];
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const changed = before + (letter === b.charCodeAt(j - 1) ? 0 : 1);
      before = row[j]!;
      row[j] = Math.min(before + 1, row[j - 1]! + 1, changed);
      least = Math.min(least, row[j]!);
    }
    if (least > most) return undefined;
  }
  const far = row[b.length]!;
  return far <= most ? far : undefined;
}
