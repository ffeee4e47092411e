/** What to do about a reason, by what it says; the first that fits counts. */
export type Remedies = readonly (readonly [says: RegExp, remedy: string])[];

/** A reason with its remedy, if one is known. */
export function withRemedy(reason: string, remedies: Remedies): string {
  const found = remedies.find(([says]) => says.test(reason));
  return found === undefined ? reason : `${reason}; ${found[1]}`;
}
