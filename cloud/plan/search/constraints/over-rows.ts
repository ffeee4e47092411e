import type { Layout } from '../../problem/layout.ts';
import {
  overOf,
  slackOf,
  slacksOf,
  type At,
  type Constraint,
  type LimitRow,
  type Reading,
  type Room,
  type RoomsAt,
  type State,
} from './constraint.ts';

// Generic parts for constraints of few rows: they look at each row.

export function worstOf<Row extends LimitRow>(
  constraint: Constraint<Row>,
  layout: Layout,
  state: State & At,
): readonly number[] {
  const worst = none(constraint, layout);
  for (const row of constraint.rows(layout, state)) {
    const over = constraint.slack.per(layout, row) * overOf(constraint.reading(layout, state, row));
    const slack = slackOf(constraint, row);
    worst[slack] = Math.max(worst[slack]!, over);
  }
  return worst;
}

const none = <Row extends LimitRow>(constraint: Constraint<Row>, { problem }: Layout): number[] =>
  Array.from({ length: slacksOf(constraint, problem) }, () => 0);

/** `free`: breaches up to here are numerical error, in the unit of the constraint. `whole`: as in `Room`; default: the limit. */
export function roomsOfRows<Row extends LimitRow>(
  constraint: Constraint<Row>,
  at: RoomsAt,
  { free, whole }: { readonly free: number; readonly whole?: number },
): Room[] {
  const { layout, model, x } = at;
  return constraint.rows(layout, at).map((row) => {
    const read = (solved: State['solved']): Reading => constraint.reading(layout, { x, solved }, row);
    const over = (solved: State['solved']): number => overOf(read(solved));
    const here = over(model.solved);
    const per = constraint.slack.per(layout, row);
    return {
      element: constraint.element(layout, row),
      constraint: constraint.name(row),
      room: -here,
      whole: whole ?? Math.abs(read(model.solved).limit),
      per: (around) => {
        const { slope, atMost } = constraint.line(layout, { model: around, x }, row);
        const place = { input: 0 };
        return (input) => {
          place.input = input;
          return ((atMost ? 1 : -1) * slope(place)) / per;
        };
      },
      broken: (solved) => over(solved) - Math.max(0, here) - free,
    };
  });
}
