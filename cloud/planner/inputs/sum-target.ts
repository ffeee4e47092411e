import { Type, type Static } from 'typebox';

const PREFIX = 'sum:';

/** Canonical name of a sum of targets, internally and in the store, independent of the requested order. */
export const sumTarget = (members: readonly string[]): string =>
  `${PREFIX}${[...new Set(members)].toSorted((a, b) => (a < b ? -1 : 1)).join('+')}`;

export const isSum = (target: string): boolean => target.startsWith(PREFIX);

/** The members of a sum; undefined if the target is not a sum. */
export const membersOf = (target: string): readonly string[] | undefined =>
  isSum(target) ? target.slice(PREFIX.length).split('+') : undefined;

export const MOST_MEMBERS = 200;

/** A target, or a sum of targets, in a request body. */
export const TargetOrSum = Type.Union([
  Type.String({ maxLength: 200, description: 'substation:owd, feeder:owd-1 or region:north' }),
  Type.Object(
    { sumOf: Type.Array(Type.String({ maxLength: 200 }), { minItems: 1, maxItems: MOST_MEMBERS }) },
    { additionalProperties: false, description: 'sum of targets, none of which contains another' },
  ),
]);
export type TargetOrSum = Static<typeof TargetOrSum>;
