import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { FeatureSource } from '../../../shared/forecast/features.ts';
import { leadRows } from './lead-samples.ts';

const DAYS = 30;
const sourceOf = (values: Float64Array, shape: { steps: number; stepS: number }): FeatureSource =>
  new FeatureSource(
    { ...shape, weather: false },
    { start: Date.UTC(2021, 5, 1), stepS: shape.stepS, values },
    new LocalCalendar('UTC'),
  );

for (const shape of [
  { steps: 24, stepS: 3600 },
  { steps: 192, stepS: 900 },
])
  test(`each step of ${shape.stepS} s is sampled in its group, only from known targets before the end`, () => {
    const day = 86_400 / shape.stepS;
    const values = Float64Array.from({ length: DAYS * day }, (_, i) => (i % 7 === 3 ? Number.NaN : i));
    const end = 25 * day;
    const source = sourceOf(values, shape);
    const groups = leadRows(source, values, end);
    const seen = groups.map(({ steps }) => new Set(steps));
    assert.deepEqual(
      seen.flatMap((steps) => [...steps].sort((a, b) => a - b)),
      Array.from({ length: shape.steps }, (_, step) => step),
    );
    const timesOfDay = new Set<number>();
    for (const { table, steps, targets, lead } of groups) {
      const middle = [...steps].reduce((sum, step) => sum + step + 1, 0) / steps.length;
      assert.ok(Math.abs((middle * shape.stepS) / 3600 - lead) < 0.2, `${middle} and ${lead}`);
      for (const [i, target] of targets.entries()) {
        assert.ok(target < end && !Number.isNaN(values[target]!));
        timesOfDay.add(target % day);
        const row = source.row(target - steps[i]!);
        assert.equal(table.values[i * table.columns], row[0]);
        assert.equal(
          table.values[i * table.columns + source.originCount],
          row[source.originCount + steps[i]! * source.stepCount],
        );
      }
    }
    assert.equal(timesOfDay.size, day);
  });

test('a long, fine history is thinned and keeps every time of day', () => {
  const values = new Float64Array(500 * 96);
  const [first] = leadRows(sourceOf(values, { steps: 4, stepS: 900 }), values, values.length);
  assert.ok(first!.targets.length <= 20_000 && first!.targets.length > 10_000, `${first!.targets.length}`);
  assert.equal(new Set(first!.targets.map((target) => target % 96)).size, 96);
});
