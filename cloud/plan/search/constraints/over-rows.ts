import type { Layout } from '../../problem/layout.ts';
import {
  overOf,
  type At,
  type Constraint,
  type LimitRow,
  type Look,
  type Room,
  type RoomsAt,
  type Seen,
  type State,
} from './constraint.ts';

// What a constraint of few rows needs no formula of its own for: each of its rows is looked at.

/** The worst violation, in the unit of the slack. */
export function worstOf<Row extends LimitRow>(constraint: Constraint<Row>, layout: Layout, state: State & At): number {
  let worst = 0;
  for (const row of constraint.rows(layout, state)) {
    const over = overOf(constraint.reading(layout, state, row));
    worst = Math.max(worst, constraint.slack.per(layout, row) * over);
  }
  return worst;
}

export function inspectRows<Row extends LimitRow>(constraint: Constraint<Row>, look: Look, allowed: number): Seen<Row> {
  const { inputs } = look.change;
  let worst = 0;
  const rows = constraint.rows(look.layout, look).filter((row) => {
    const { value, bound, atMost, slope } = constraint.line(look.layout, look, row);
    let there = value;
    for (let input = 0; input < inputs.length; input++) there += slope({ input }) * inputs[input]!;
    const over = atMost ? there - bound : bound - there;
    worst = Math.max(worst, over);
    return over > allowed + constraint.slack.worthARow;
  });
  return { worst, rows };
}

/** `free`: breaches up to here are the arithmetic's, in the unit of the constraint. */
export function roomsOfRows<Row extends LimitRow>(constraint: Constraint<Row>, at: RoomsAt, free: number): Room[] {
  const { layout, model, x } = at;
  return constraint.rows(layout, at).map((row) => {
    const over = (solved: State['solved']): number => overOf(constraint.reading(layout, { x, solved }, row));
    const here = over(model.solved);
    const per = constraint.slack.per(layout, row);
    return {
      element: constraint.element(layout, row),
      constraint: constraint.name(row),
      room: -here,
      per: (around) => {
        const { slope, atMost } = constraint.line(layout, { model: around, x }, row);
        return (input) => ((atMost ? 1 : -1) * slope({ input })) / per;
      },
      broken: (solved) => over(solved) - Math.max(0, here) - free,
    };
  });
}
