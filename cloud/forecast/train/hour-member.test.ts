import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gaussian, SeededRandom } from '../../../shared/ports/random.ts';
import { fitHours, predictHours, type HourLayout } from './hour-member.ts';

const LEVELS = [0.1, 0.5, 0.9];
/** Columns: a recent load, the temperature, the sun, sine and cosine of the time of day, the mean of the week, and the lead in hours. */
const LAYOUT: HourLayout = { sin: 3, cos: 4, week: 5, lead: 6, loads: [0] };
const COLUMNS = 7;
const LEADS = [1, 11];
const WEEK_KW = 100;

const isDay = (hour: number): boolean => hour >= 8 && hour < 20;
/** Temperature matters only by day, the recent load only for near targets, and errors are wider by day. */
const expected = (recent: number, degrees: number, hour: number, lead: number): number =>
  (isDay(hour) ? 3 * degrees : 0) + (lead < 6 ? 2 : 0) * recent;

function sample(lead: number, count: number, hourOf: (i: number) => number) {
  const random = new SeededRandom(5, `${lead}`);
  const values = new Float32Array(count * COLUMNS);
  const targets = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const hour = hourOf(i);
    const angle = (2 * Math.PI * hour) / 24;
    const [recent, degrees] = [gaussian(random), gaussian(random)];
    // Almost zero at night, but correlated with the target by chance.
    const noise = (isDay(hour) ? 2 : 0.5) * gaussian(random);
    const sun = isDay(hour) ? 1 + random.next() : 1e-3 * noise;
    values.set(
      [recent + WEEK_KW, degrees, sun, Math.sin(angle), Math.cos(angle), WEEK_KW, lead + random.next() / 10],
      i * COLUMNS,
    );
    targets[i] = expected(recent, degrees, hour, lead) + noise;
  }
  return { lead, table: { rows: count, columns: COLUMNS, values }, targets };
}

const samples = LEADS.map((lead) => sample(lead, 24 * 1200, (i) => i % 24));
const fit = fitHours(samples, { layout: LAYOUT, levels: LEVELS });

function said({ week = WEEK_KW, ...at }: { hour: number; lead: number; sun?: number; week?: number }): number[] {
  const angle = (2 * Math.PI * at.hour) / 24;
  const values = Float32Array.of(week + 0.5, 1, at.sun ?? 0, Math.sin(angle), Math.cos(angle), week, at.lead);
  return [...predictHours(fit, { rows: 1, columns: COLUMNS, values })];
}

test('each hour and lead follows its drivers, and its band matches its errors', () => {
  for (const { lead, table, targets } of samples) {
    const of = predictHours(fit, table);
    for (const hour of [3, 12]) {
      let [error, inside, n] = [0, 0, 0];
      for (let row = hour; row < table.rows; row += 24) {
        const [recent, degrees] = table.values.subarray(row * COLUMNS);
        error += Math.abs(of[row * 3 + 1]! - expected(recent! - WEEK_KW, degrees!, hour, lead));
        inside += Number(targets[row]! >= of[row * 3]! && targets[row]! <= of[row * 3 + 2]!);
        n++;
      }
      assert.ok(error / n < (isDay(hour) ? 0.35 : 0.4), `hour ${hour}, lead ${lead}: ${error / n}`);
      assert.ok(Math.abs(inside / n - 0.8) < 0.05, `hour ${hour}, lead ${lead}: ${inside / n}`);
    }
  }
});

test('the forecast interpolates between two hours and between two leads', () => {
  for (const [from, middle, to] of [
    [
      { hour: 7, lead: 1 },
      { hour: 7.5, lead: 1 },
      { hour: 8, lead: 1 },
    ],
    [
      { hour: 7, lead: 1 },
      { hour: 7, lead: 6 },
      { hour: 7, lead: 11 },
    ],
  ] as const) {
    const [first, half, last] = [said(from), said(middle), said(to)];
    for (const q of LEVELS.keys()) {
      assert.ok(Math.abs(half[q]! - (first[q]! + last[q]!) / 2) < 1e-3, `${half[q]}`);
      assert.notEqual(first[q], last[q]);
    }
  }
});

test('leads outside the groups use the first or last group', () => {
  assert.deepEqual(said({ hour: 7, lead: 0.25 }), said({ hour: 7, lead: 1 }));
  assert.deepEqual(said({ hour: 7, lead: 48 }), said({ hour: 7, lead: 11 }));
});

test('quantiles are relative to the mean of the week, whatever its level', () => {
  const [usual, shifted] = [said({ hour: 7, lead: 1 }), said({ hour: 7, lead: 1, week: 900 })];
  for (const q of LEVELS.keys()) assert.ok(Math.abs(shifted[q]! - usual[q]!) < 1e-3, `${usual[q]} and ${shifted[q]}`);
});

test('a column that hardly varies at an hour in training has little effect there', () => {
  const [dark, lit] = [said({ hour: 3, lead: 1 }), said({ hour: 3, lead: 1, sun: 1.5 })];
  for (const q of LEVELS.keys()) assert.ok(Math.abs(lit[q]! - dark[q]!) < 3, `${dark[q]} and ${lit[q]}`);
});

test('an hour with very few rows predicts the values in those rows', () => {
  const few = sample(1, 23 * 400 + 20, (i) => (i < 23 * 400 ? i % 23 : 23));
  const small = fitHours([few], { layout: LAYOUT, levels: LEVELS });
  const last = predictHours(small, few.table).slice(-3);
  const own = few.targets.slice(-20).sort();
  assert.ok(last[0]! >= own[0]! && last[0]! <= last[1]! && last[1]! <= last[2]! && last[2]! <= own.at(-1)!);
});

test('an hour without rows has the quantiles of the whole day', () => {
  const gappy = LEADS.map((lead) => sample(lead, 24 * 50, (i) => (i % 24 === 3 ? 4 : i % 24)));
  const { bias } = fitHours(gappy, { layout: LAYOUT, levels: LEVELS });
  assert.ok(bias.every(Number.isFinite));
  const [low, middle, high] = bias.subarray(3 * LEVELS.length);
  assert.ok(low! < middle! && middle! < high!);
});
