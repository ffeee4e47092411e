import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeHistory } from './meter-history.ts';

const day = Array.from({ length: 96 }, (_, quarter) => Math.max(0, Math.sin((2 * Math.PI * (quarter - 24)) / 96)));
const weeks = (value: (day: number, quarter: number) => number | null): (number | null)[] =>
  Array.from({ length: 28 * 96 }, (_, at) => value(Math.floor(at / 96), at % 96));
const cloud = (at: number): number => 0.3 + 0.7 * Math.abs(Math.sin(at * 2.7));
const radiation = weeks((at, quarter) => day[quarter]! * cloud(at));
const base = { device: 'transformer', ratedKva: 8000, start: 0, stepS: 900, radiation };
const wiggle = (at: number, quarter: number): number => 200 * Math.sin(at * 1.3 + quarter * 0.9);

test('classifies meters by their history (table)', () => {
  const cases: [string, readonly (number | null)[], string[]][] = [
    ['load and sun', weeks((at, q) => 2000 - 5000 * day[q]! * cloud(at) + wiggle(at, q)), []],
    ['the same, turned', weeks((at, q) => -2000 + 5000 * day[q]! * cloud(at) + wiggle(at, q)), ['reversed']],
    ['load by day, no sun of its own', weeks((at, q) => 1000 + 3000 * day[q]! + wiggle(at, q)), []],
    ['zero', weeks(() => 0), ['dead']],
    ['stuck at a value', weeks((at, q) => (at < 20 ? 1500 + wiggle(at, q) : 1487.3)), ['dead']],
    ['was dead, works again', weeks((at, q) => (at < 20 ? 0 : 1500 + wiggle(at, q))), []],
    ['nothing at all', weeks(() => null), []],
  ];
  for (const [name, activePowerKw, expected] of cases)
    assert.deepEqual(
      judgeHistory({ ...base, activePowerKw }).map(({ finding }) => finding),
      expected,
      name,
    );
});

test('a stuck meter is dead from the time it stuck', () => {
  const activePowerKw = weeks((at, q) => (at < 20 ? 1500 + wiggle(at, q) : 1487.3));
  const since = judgeHistory({ ...base, activePowerKw })[0]!.since / 86_400_000;
  assert.ok(Math.abs(since - 20) < 0.1, String(since));
});
