/**
 * The column of a feature among these names. Throws a TypeError if it is missing: an index of -1 would otherwise be trained on unnoticed.
 */
export function featureColumn(names: readonly string[], feature: string): number {
  const column = names.indexOf(feature);
  if (column < 0) throw new TypeError(`there is no feature ${feature} among ${names.join(', ')}`);
  return column;
}
