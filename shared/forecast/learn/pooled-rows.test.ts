import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LocalCalendar } from '../calendar.ts';
import { FeatureSource } from '../features.ts';
import { pooledSample } from './pooled-rows.ts';

const DAY = 24;

function sampled(days: number, most: number) {
  const load = { start: Date.UTC(2021, 0, 1), stepS: 3600, values: new Float64Array(days * DAY).fill(1) };
  const source = new FeatureSource({ steps: DAY, stepS: 3600, weather: false }, load, new LocalCalendar('UTC'));
  return pooledSample(source, load.values, { end: load.values.length, most });
}

test('nearly the requested number of rows is drawn from any history, at every time of day', () => {
  for (const days of [100, 160, 220, 364, 728]) {
    const { table, targets } = sampled(days, 4000);
    assert.ok(table.rows <= 4000 && table.rows > 2600, `${days} days: ${table.rows}`);
    assert.equal(new Set(targets.map((target) => target % DAY)).size, DAY);
  }
});

test('a short history gives eight steps of each origin, and one day gives no rows', () => {
  assert.ok(sampled(20, 4000).table.rows > 7 * 12 * DAY);
  assert.equal(sampled(1, 4000).table.rows, 0);
});
