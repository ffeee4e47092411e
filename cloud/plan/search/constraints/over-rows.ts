import type { Layout } from '../../problem/layout.ts';
import {
  overOf,
  slackOf,
  slacksOf,
  type At,
  type Constraint,
  type LimitRow,
  type Look,
  type Reading,
  type Room,
  type RoomsAt,
  type Seen,
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

export function inspectRows<Row extends LimitRow>(
  constraint: Constraint<Row>,
  look: Look,
  allowed: readonly number[],
): Seen<Row> {
  const { layout, model, x, proposed, step } = look;
  const { controls } = layout;
  const worst = none(constraint, layout);
  const rows = constraint.rows(layout, look).filter((row) => {
    const { value, bound, atMost, slope } = constraint.line(layout, look, row);
    let there = value;
    for (const [index, control] of controls.entries()) {
      const share = model.share[index]!;
      const at = step * controls.length + index;
      // By control, since a limit may know devices at one bus apart.
      if (share !== 0) there += slope(control) * control.sign * share * (proposed[at]! - x[at]!);
    }
    const over = atMost ? there - bound : bound - there;
    const slack = slackOf(constraint, row);
    worst[slack] = Math.max(worst[slack]!, over);
    return over > allowed[slack]! + constraint.slack.worthARow;
  });
  return { worst, rows };
}

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
