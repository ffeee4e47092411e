import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gaussian, SeededRandom } from '../../../shared/ports/random.ts';
import { fitHours, predictHours, type HourLayout } from './hour-member.ts';

const LEVELS = [0.1, 0.5, 0.9];
/** Columns: a recent load, the temperature, sine and cosine of the time of day, and how near the target lies. */
const LAYOUT: HourLayout = { origin: 1, sin: 2, cos: 3, near: 4 };
const COLUMNS = 5;

/** The temperature counts by day alone, the recent load where the target is near, and errors are wider by day. */
const expected = (recent: number, degrees: number, hour: number, near: number): number =>
  (hour >= 8 && hour < 20 ? 3 * degrees : 0) + 2 * near * recent;
const spreadAt = (hour: number): number => (hour >= 8 && hour < 20 ? 2 : 0.5);

function rows(count: number, hourOf: (i: number) => number) {
  const random = new SeededRandom(5);
  const values = new Float32Array(count * COLUMNS);
  const targets = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const hour = hourOf(i);
    const angle = (2 * Math.PI * hour) / 24;
    const [recent, degrees, near] = [gaussian(random), gaussian(random), random.next()];
    values.set([recent, degrees, Math.sin(angle), Math.cos(angle), near], i * COLUMNS);
    targets[i] = expected(recent, degrees, hour, near) + spreadAt(hour) * gaussian(random);
  }
  return { table: { rows: count, columns: COLUMNS, values }, targets };
}

const { table, targets } = rows(24 * 3000, (i) => i % 24);
const fit = fitHours(table, targets, { layout: LAYOUT, levels: LEVELS });

test('each hour follows what drives it, and its band is as wide as its errors', () => {
  const said = predictHours(fit, table);
  for (const [hour, isDay] of [
    [3, false],
    [12, true],
  ] as const) {
    let [error, inside, n] = [0, 0, 0];
    for (let row = hour; row < table.rows; row += 24) {
      const [recent, degrees, , , near] = table.values.subarray(row * COLUMNS, (row + 1) * COLUMNS);
      error += Math.abs(said[row * 3 + 1]! - expected(recent!, degrees!, hour, near!));
      inside += Number(targets[row]! >= said[row * 3]! && targets[row]! <= said[row * 3 + 2]!);
      n++;
    }
    assert.ok(error / n < (isDay ? 0.35 : 0.15), `hour ${hour}: ${error / n}`);
    assert.ok(Math.abs(inside / n - 0.8) < 0.04, `hour ${hour}: ${inside / n}`);
  }
});

test('between two hours the answer lies between theirs', () => {
  const at = (hour: number): number[] => {
    const angle = (2 * Math.PI * hour) / 24;
    const values = Float32Array.of(0.5, 1, Math.sin(angle), Math.cos(angle), 0.3);
    return [...predictHours(fit, { rows: 1, columns: COLUMNS, values })];
  };
  const [seven, half, eight] = [at(7), at(7.5), at(8)];
  for (const q of LEVELS.keys()) {
    assert.ok(Math.abs(half[q]! - (seven[q]! + eight[q]!) / 2) < 1e-3, `${half[q]}`);
    assert.notEqual(seven[q], eight[q]);
  }
});

test('an hour with next to no rows answers what came in them', () => {
  const few = rows(23 * 400 + 20, (i) => (i < 23 * 400 ? i % 23 : 23));
  const small = fitHours(few.table, few.targets, { layout: LAYOUT, levels: LEVELS });
  const last = predictHours(small, few.table).slice(-3);
  const own = few.targets.slice(-20).sort();
  assert.ok(last[0]! >= own[0]! && last[0]! <= last[1]! && last[1]! <= last[2]! && last[2]! <= own.at(-1)!);
});
