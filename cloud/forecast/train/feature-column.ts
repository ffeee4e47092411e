/** The column of a feature among these names. Throws a TypeError where it is none of them: a row read at -1 is learnt from all the same. */
export function featureColumn(names: readonly string[], feature: string): number {
  const column = names.indexOf(feature);
  if (column < 0) throw new TypeError(`there is no feature ${feature} among ${names.join(', ')}`);
  return column;
}
