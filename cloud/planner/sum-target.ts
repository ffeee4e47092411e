const PREFIX = 'sum:';

/** How a sum of targets is named inside and in the store: the same whatever the order that was asked for. */
export const sumTarget = (members: readonly string[]): string =>
  `${PREFIX}${[...new Set(members)].toSorted((a, b) => (a < b ? -1 : 1)).join('+')}`;

/** The members of a sum; undefined where a target is none. */
export const membersOf = (target: string): readonly string[] | undefined =>
  target.startsWith(PREFIX) ? target.slice(PREFIX.length).split('+') : undefined;
