import { connectionPoint } from './connection-point.ts';
import type { Constraint, LimitRow } from './constraint.ts';
import { power } from './power.ts';
import { rating } from './rating.ts';
import { voltage } from './voltage.ts';

/** All constraints of the optimiser. What a device can do belongs to its model, in `problem`. */
export const constraints: readonly Constraint[] = [voltage, rating, power, connectionPoint];

const byKind = new Map(constraints.map((constraint) => [constraint.kind, constraint]));

export const constraintOf = ({ kind }: Pick<LimitRow, 'kind'>): Constraint => byKind.get(kind)!;
