import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as assertProperty, integer, property } from 'fast-check';
import { LocalCalendar } from '../../../../shared/forecast/calendar.ts';
import type { LoadSeries } from '../../../../shared/forecast/series.ts';
import { gaussian, SeededRandom } from '../../../../shared/ports/random.ts';
import { defectText, timedDefect } from './defects.ts';
import { screen, type Screened } from './screen.ts';
import { maximalSegments } from './segments.ts';

const DAY = 96;
const DAYS = 28;
const calendar = new LocalCalendar('Europe/Amsterdam');

/** Four weeks of a load with a morning and an evening peak. */
function load(change: (values: Float64Array) => void = () => undefined, start = Date.UTC(2021, 8, 1)): LoadSeries {
  const random = new SeededRandom(7);
  const values = Float64Array.from({ length: DAYS * DAY }, (_, i) => {
    const hour = calendar.timeOfDayMs(start + i * 900_000) / 3_600_000;
    const shape = Math.sin((hour * Math.PI) / 12 - 2.5) + 0.6 * Math.sin((hour * Math.PI) / 6 - 1);
    return 2000 + 700 * shape + 60 * gaussian(random);
  });
  change(values);
  return { start, stepS: 900, values };
}

const found = (series: LoadSeries): Screened => screen(series, { calendar });
const kinds = ({ defects }: Screened): string[] => defects.map(({ kind }) => kind);

test('a healthy load is left alone, also across daylight saving', () => {
  for (const start of [Date.UTC(2021, 8, 1), Date.UTC(2021, 9, 15), Date.UTC(2021, 2, 14)]) {
    const series = load(undefined, start);
    const { series: clean, defects } = found(series);
    assert.deepEqual(defects, []);
    assert.deepEqual(clean.values, series.values);
  }
});

test('every fault is found, named with its times and removed', () => {
  const from = 20 * DAY + 30;
  const to = from + 2 * DAY;
  const cases: [string, (values: Float64Array) => void, number?][] = [
    ['gap', (values) => values.fill(Number.NaN, from, to)],
    ['flatLine', (values) => values.fill(1234, from, to)],
    ['flatLine', (values) => values.fill(0, from, to)],
    ['spike', (values) => (values[from] = 50_000), from + 1],
    [
      'signFlip',
      (values) =>
        values.set(
          values.slice(from, to).map((value) => -value),
          from,
        ),
    ],
    ['duplicate', (values) => values.set(values.slice(from - 3 * DAY, to - 3 * DAY), from)],
    [
      'unitChange',
      (values) =>
        values.set(
          values.slice(from, to).map((value) => value / 1000),
          from,
        ),
    ],
    [
      'unitChange',
      (values) =>
        values.set(
          values.slice(from, to).map((value) => value * 10),
          from,
        ),
    ],
  ];
  for (const [kind, change, end = to] of cases) {
    const screened = found(load(change));
    assert.deepEqual(kinds(screened), [kind]);
    const [defect] = screened.defects;
    assert.ok(Math.abs(defect!.from - from) <= 1 && Math.abs(defect!.to - end) <= 1, JSON.stringify(defect));
    assert.ok(screened.series.values.slice(defect!.from, defect!.to).every(Number.isNaN));
  }
  const { defects } = found(load((values) => values.fill(0, from, to)));
  assert.equal(
    defectText(timedDefect(defects[0]!, load())),
    'flat line from 2021-09-21T07:30Z to 2021-09-23T07:30Z: repeats 0.0 kW',
  );
});

test('a clock six hours slow for four days is found by the daily shape, its repeated part separately', () => {
  const from = 18 * DAY;
  const to = from + 4 * DAY;
  const { defects } = found(load((values) => values.set(values.slice(from - 24, to - 24), from)));
  assert.deepEqual(
    defects.map(({ kind }) => kind),
    ['duplicate', 'clockJump'],
  );
  const [twice, jump] = defects;
  assert.deepEqual([twice!.from, twice!.to], [from, from + 24]);
  assert.ok(Math.abs(jump!.from - from) <= 36 && Math.abs(jump!.to - to) <= 24, JSON.stringify(jump));
  assert.equal(jump!.text, 'fits 6 h earlier');
});

test('a fault still in progress is found live', () => {
  const from = 27 * DAY;
  const flipped = found(
    load((values) =>
      values.set(
        values.slice(from).map((value) => -value),
        from,
      ),
    ),
  );
  assert.deepEqual(kinds(flipped), ['signFlip']);
  assert.equal(flipped.defects[0]!.to, DAYS * DAY);
  const late = DAYS * DAY - 16;
  const kilo = found(
    load((values) =>
      values.set(
        values.slice(late).map((value) => value * 1000),
        late,
      ),
    ),
  );
  assert.deepEqual(kinds(kilo), ['unitChange']);
});

test('a recent step is not a spike; an impossible load is one at once', () => {
  const late = DAYS * DAY - 2;
  const lower = load((values) =>
    values.set(
      values.slice(late).map((value) => value - 1500),
      late,
    ),
  );
  assert.deepEqual(kinds(found(lower)), []);
  assert.deepEqual(kinds(found(load((values) => (values[late + 1] = 30_000)))), ['spike']);
});

test('a plant at rest every night has no frozen meter; one at rest all day has', () => {
  const night = (values: Float64Array): void => values.forEach((_, i) => i % DAY < 36 && (values[i] = 0));
  assert.deepEqual(kinds(found(load(night))), []);
  const frozen = found(
    load((values) => {
      night(values);
      values.fill(0, 20 * DAY, 21 * DAY);
    }),
  );
  assert.deepEqual(kinds(frozen), ['flatLine']);
});

test('defects found earlier are kept', () => {
  const { defects, series } = screen(load(), {
    calendar,
    misfits: [{ kind: 'signFlip', from: 10, to: 20, text: 'fits with the opposite sign' }],
  });
  assert.deepEqual(
    defects.map(({ from, to }) => [from, to]),
    [[10, 20]],
  );
  assert.ok(Number.isNaN(series.values[15]));
});

test('property: maximal segments are disjoint, ordered and cannot be extended', () => {
  assertProperty(
    property(array(integer({ min: -9, max: 9 }), { maxLength: 60 }), (scores) => {
      const segments = maximalSegments(scores);
      const sum = (from: number, to: number): number => scores.slice(from, to).reduce((a, b) => a + b, 0);
      for (const [i, { from, to, score }] of segments.entries()) {
        assert.equal(score, sum(from, to));
        assert.ok(i === 0 || from >= segments[i - 1]!.to);
        for (let at = from + 1; at < to; at++) assert.ok(sum(from, at) > 0 && sum(at, to) > 0);
      }
      const best = Math.max(0, ...scores.flatMap((_, a) => scores.map((__, b) => sum(a, b + 1))));
      assert.equal(Math.max(0, ...segments.map(({ score }) => score)), best);
      const inside = (i: number): boolean => segments.some(({ from, to }) => i >= from && i < to);
      scores.forEach((score, i) => assert.ok(score <= 0 || inside(i)));
    }),
  );
});
