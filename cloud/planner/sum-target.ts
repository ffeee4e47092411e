import { Type, type Static } from 'typebox';

const PREFIX = 'sum:';

/** How a sum of targets is named inside and in the store: the same whatever the order that was asked for. */
export const sumTarget = (members: readonly string[]): string =>
  `${PREFIX}${[...new Set(members)].toSorted((a, b) => (a < b ? -1 : 1)).join('+')}`;

export const isSum = (target: string): boolean => target.startsWith(PREFIX);

/** The members of a sum; undefined where a target is none. */
export const membersOf = (target: string): readonly string[] | undefined =>
  isSum(target) ? target.slice(PREFIX.length).split('+') : undefined;

export const MOST_MEMBERS = 200;

/** A target, or a sum of targets, in a body. */
export const TargetOrSum = Type.Union([
  Type.String({ maxLength: 200, description: 'substation:owd, feeder:owd-1 or region:north' }),
  Type.Object(
    { sumOf: Type.Array(Type.String({ maxLength: 200 }), { minItems: 1, maxItems: MOST_MEMBERS }) },
    { additionalProperties: false, description: 'the sum of targets of which none is a part of another' },
  ),
]);
export type TargetOrSum = Static<typeof TargetOrSum>;
