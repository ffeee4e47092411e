import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from '../../../../shared/sentences/said.ts';
import { buildLayout } from '../build-layout.ts';
import { evaluate, newBench, type Evaluation } from '../evaluate.ts';
import { inputChange, modelAround, movedBy } from '../model.ts';
import { aroundOf } from '../network-rows.ts';
import { batteryAt, pvPlant, smallProblem } from '../../testing/small-feeder.ts';
import { overOf, slackOf, slacksOf, type LimitRow, type State } from './constraint.ts';
import { constraints } from './table.ts';

/** Two steps with a limit of each kind: much load, then much sun; far off both, reactive power flows too. */
const { limits, ...posed } = smallProblem({
  loadKw: [420, 60],
  spread: 0.2,
  devices: [pvPlant('b5', [300, 2600], 600), batteryAt('b3', { maxReactiveKvar: 300 })],
  importKw: 1500,
  connectionPoints: [
    {
      id: 'cp-b5',
      devices: ['pv-b5'],
      importKw: [100, 100],
      exportKw: [1200, 1200],
      loadKw: { mid: [200, 30], lowSun: [240, 36], highSun: [160, 24] },
    },
  ],
});
const problem = { ...posed, limits: { ...limits, heads: [{ feeder: 'f', importKw: 1200, exportKw: 900 }] } };
const layout = buildLayout(problem);
const { controls } = layout;

/** Each control above the middle of its range, so that reactive power is not zero. */
const x = layout.start.map((_, at) => 0.4 * layout.lower[at]! + 0.6 * layout.upper[at]!);
const at = evaluate(layout, x, newBench(layout));
const network = modelAround(layout, at);
const places = layout.scenarios.flatMap((_, scenario) =>
  Array.from({ length: layout.steps }, (__, step) => ({ scenario, step })),
);
const stateOf = ({ solved }: Pick<Evaluation, 'solved'>, of: Float64Array, place: (typeof places)[number]): State => ({
  x: of,
  solved: solved[place.scenario]![place.step]!,
});

/** What a constraint says of a proposal at the model's own point, with all that comes near its limit. */
function seenAt(constraint: (typeof constraints)[number], place: (typeof places)[number]) {
  const { model } = aroundOf(network, place);
  const change = movedBy(model, inputChange(layout, network, model, x));
  const over = new Float64Array(layout.grid.parent.length);
  return constraint.inspect(
    { layout, model, x, ...place, change, proposed: x, every: true, over },
    Array.from({ length: slacksOf(constraint, problem) }, () => -1e3),
  );
}

test('each constraint has a unique kind', () => {
  assert.equal(new Set(constraints.map(({ kind }) => kind)).size, constraints.length);
});

for (const constraint of constraints) {
  const overAt = (state: State, row: LimitRow): number =>
    constraint.slack.per(layout, row) * overOf(constraint.reading(layout, state, row));

  test(`${constraint.kind}: the worst excess is the violation, in the check and in the programme`, () => {
    for (const place of places) {
      const state = stateOf(at, x, place);
      const rows = constraint.rows(layout, place);
      assert.ok(rows.length > 0, 'it has rows');
      const keys = rows.map((row) => `${constraint.place(row)} ${constraint.tangent?.(row) ?? ''}`);
      assert.equal(new Set(keys).size, rows.length, 'rows are distinct');
      const worst = Array.from({ length: slacksOf(constraint, problem) }, () => 0);
      for (const row of rows) {
        const slack = slackOf(constraint, row);
        worst[slack] = Math.max(worst[slack]!, overAt(state, row));
      }
      const digits = (each: readonly number[]): string => each.map((by) => (by + 0).toFixed(9)).join(' ');
      assert.equal(digits(constraint.violation(layout, { ...state, ...place })), digits(worst));
      assert.equal(digits(seenAt(constraint, place).worst), digits(worst));
    }
  });

  test(`${constraint.kind}: its row matches the power flow and its slope`, () => {
    let tried = 0;
    for (const place of places) {
      const around = aroundOf(network, place);
      for (const row of seenAt(constraint, place).rows) {
        const { value, bound, atMost, slope } = constraint.line(layout, around, row);
        const over = atMost ? value - bound : bound - value;
        assert.ok(Math.abs(over - overAt(stateOf(at, x, place), row)) < 1e-9, 'at the point');
        for (const [index, control] of controls.entries()) {
          const part = control.sign * around.model.share[index]! * (atMost ? 1 : -1);
          const moved = x.slice();
          moved[place.step * controls.length + index]! += 1e-4;
          const there = overAt(stateOf(evaluate(layout, moved, newBench(layout)), moved, place), row);
          assert.ok(Math.abs((there - over) / 1e-4 - part * slope(control)) < 0.1, `${control.role} moves it`);
          tried++;
        }
      }
    }
    assert.ok(tried > 0);
  });

  test(`${constraint.kind}: it has a name, and envelopes get no room that is already broken`, () => {
    for (const place of places) {
      const rows = constraint.rows(layout, place);
      const state = stateOf(at, x, place);
      for (const row of rows) {
        const [subject, rest] = constraint.words(layout, row, '42').map(textOf);
        assert.ok(subject!.endsWith(constraint.element(layout, row)) && rest!.includes('42'), `${subject} ${rest}`);
        assert.ok(constraint.name(row).length > 0);
        assert.ok(textOf(constraint.passed(constraint.reading(layout, state, row))).length > 0);
      }
      const behind = new Float64Array(layout.grid.parent.length).fill(10);
      const rooms = constraint.rooms({ layout, ...aroundOf(network, place), ...place, behind });
      for (const { broken } of rooms)
        assert.ok(broken(state.solved) <= 0, 'a limit already broken is not counted as a breach');
      assert.ok(rooms.length > 0 || constraint.meter !== undefined, 'it bounds envelopes');
    }
  });
}
