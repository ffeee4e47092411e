import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { Known, ReceivedAt } from '../as-of.ts';
import type { Interval, Point, SeriesKey, TelemetryStore } from '../store.ts';
import { readMeans, usableMeans } from '../usable-means.ts';

/** A fixture for the suite that every telemetry store passes. `make` returns an empty, closed store that uses the given ledger. */
export interface StoreFixture {
  make(receivedAt: ReceivedAt): Promise<TelemetryStore>;
  /** Removes what remains after the last test. */
  cleanUp?(): Promise<void>;
}

const T0 = Date.UTC(2021, 8, 25);
const MIN = 60_000;
const key = (metric: string, device = 'feeder-1', gateway = 'owd-01'): SeriesKey => ({ gateway, device, metric });
const at = (series: SeriesKey, time: number, value: number, rest: Partial<Point> = {}): Point => ({
  series,
  time,
  offset: 0,
  value,
  quality: 'good',
  origin: 'measured',
  ...rest,
});
const refusal = (code: string) => (error: unknown) => error instanceof LoadstoneError && error.code === code;
const brief = (interval: Interval | undefined) =>
  interval === undefined ? undefined : [interval.mean, interval.min, interval.max, interval.coverage, interval.quality];

export function telemetryConformance(name: string, fixture: StoreFixture): void {
  describe(`telemetry store: ${name}`, () => {
    const past = new Map<number, Known>();
    let store: TelemetryStore;
    before(async () => {
      store = await fixture.make({ known: (_gateway, asOf) => past.get(asOf) ?? { ranges: [], archives: [] } });
      await store.open();
    });
    after(async () => {
      await store.close();
      await fixture.cleanUp?.();
    });

    test('returns exactly what was written, in time order', async () => {
      const series = key('exact');
      const values = [0, -0.1, 1 / 3, 1e-300, -1.7976931348623157e308, 5e-324, 123456789.12345679, 2 ** 53 + 2];
      const points = values.map((value, i) => at(series, T0 + i, value, { offset: i }));
      await store.write([...points].reverse());
      const [samples] = await store.read({ series: [series], start: T0, end: T0 + values.length });
      assert.deepEqual(
        samples,
        values.map((value, i) => ({ time: T0 + i, value, quality: 'good', origin: 'measured' })),
      );
    });

    test('keeps quality and origin of every value', async () => {
      const series = key('marked');
      const points: Point[] = [];
      for (const quality of ['good', 'uncertain', 'bad'] as const) {
        for (const origin of ['measured', 'estimated', 'substituted'] as const) {
          const n = points.length;
          points.push(at(series, T0 + n * 1000, n, { offset: 7_999_999 + n, quality, origin }));
        }
      }
      await store.write(points);
      const [samples] = await store.read({ series: [series], start: T0, end: T0 + MIN });
      assert.deepEqual(
        samples,
        points.map(({ time, value, quality, origin }) => ({ time, value, quality, origin })),
      );
    });

    test('a repeated write is harmless; two offsets at the same time both count', async () => {
      const series = key('twice');
      const points = [at(series, T0, 1, { offset: 999_999 }), at(series, T0, 2, { offset: 1_000_000 })];
      await store.write(points);
      await store.write(points);
      await store.write([...points, ...points]);
      const [samples] = await store.read({ series: [series], start: T0, end: T0 + 1 });
      assert.deepEqual(samples?.map((sample) => sample.value).sort(), [1, 2]);
    });

    test('a range is half open, and series come in the requested order', async () => {
      const [a, b] = [key('a', 'range'), key('b', 'range')];
      await store.write([at(a, T0, 1), at(a, T0 + MIN, 2), at(b, T0, 3)]);
      const answer = await store.read({ series: [b, a, key('never', 'range'), a], start: T0, end: T0 + MIN });
      assert.deepEqual(
        answer.map((samples) => samples.map((sample) => sample.value)),
        [[3], [1], [], [1]],
      );
      assert.deepEqual(await store.read({ series: [], start: T0, end: T0 + MIN }), []);
    });

    test('names cannot break out of their field', async () => {
      const names = ['a b', 'a,b', 'a=b', `a'b`, 'a"b', `' OR 1=1`, 'Properties/Hardware Make', 'ω', 'value=1'];
      await store.write(names.map((metric, i) => at(key(metric, 'names'), T0, i + 1)));
      const answer = await store.read({ series: names.map((metric) => key(metric, 'names')), start: T0, end: T0 + 1 });
      assert.deepEqual(
        answer.map((samples) => samples.map((sample) => sample.value)),
        names.map((_, i) => [i + 1]),
      );
    });

    test('an invalid measurement rejects the whole batch', async () => {
      const series = key('refused');
      const wrong = [
        at(series, T0, NaN),
        at(series, T0, Infinity),
        at(series, T0, '1' as unknown as number),
        at(series, -1, 1),
        at(series, T0 + 0.5, 1),
        at(series, 1e16, 1),
        at(series, T0, 1, { offset: -1 }),
        at(key('line\nbreak'), T0, 1),
        at(key(String.raw`back\slash`), T0, 1),
        at(key('ok', '../x'), T0, 1),
        at(key('ok', 'x', ''), T0, 1),
      ];
      for (const point of wrong) {
        await assert.rejects(store.write([at(series, T0, 1), point]), refusal('LS-STORE-002'), JSON.stringify(point));
      }
      assert.deepEqual(await store.read({ series: [series], start: 0, end: T0 + MIN }), [[]]);
    });

    test('latest is the newest by source time, within a range and as known at a time', async () => {
      const [a, b] = [key('a', 'latest'), key('b', 'latest')];
      await store.write([
        at(a, T0 + 2, 2),
        at(a, T0 + 1, 1, { quality: 'bad' }),
        at(b, T0, 5, { origin: 'estimated' }),
      ]);
      const series = [key('c', 'latest'), b, a];
      assert.deepEqual(await store.latest({ series, start: 0, end: T0 + MIN }), [
        undefined,
        { time: T0, value: 5, quality: 'good', origin: 'estimated' },
        { time: T0 + 2, value: 2, quality: 'good', origin: 'measured' },
      ]);
      assert.deepEqual(await store.latest({ series, start: T0 + 1, end: T0 + 2 }), [
        undefined,
        undefined,
        { time: T0 + 1, value: 1, quality: 'bad', origin: 'measured' },
      ]);
      // All but the first came late.
      const late = key('late', 'latest');
      await store.write(Array.from({ length: 12 }, (_, n) => at(late, T0 + n, n, { offset: n })));
      past.set(T0 + 100, { ranges: [{ first: 0, last: 0, timeFrom: T0, timeTo: T0 }], archives: [] });
      const then = { series: [late], start: T0, end: T0 + MIN, asOf: T0 + 100 };
      assert.deepEqual(
        (await store.latest(then)).map((sample) => sample?.value),
        [0],
      );
      assert.deepEqual(await store.latest({ ...then, asOf: T0 + 50 }), [undefined]);
    });

    test('means are time-weighted, values held until the next', async () => {
      const series = key('mean');
      // 10 for 4 min, 40 for 1 min, then 20.
      await store.write([
        at(series, T0, 10, { offset: 1 }),
        at(series, T0 + 4 * MIN, 40, { offset: 2, quality: 'uncertain' }),
        at(series, T0 + 5 * MIN, 20, { offset: 3 }),
      ]);
      const [intervals] = await store.intervals({ series: [series], start: T0, end: T0 + 10 * MIN, resolutionS: 300 });
      assert.deepEqual(
        intervals?.map((each) => each.start),
        [T0, T0 + 5 * MIN],
      );
      assert.deepEqual(brief(intervals?.[0]), [16, 10, 40, 1, 'uncertain']);
      assert.deepEqual(brief(intervals?.[1]), [20, 20, 20, 1, 'good']);
    });

    test('a gap is null, never 0, and a held value ends when stale', async () => {
      const series = key('gap');
      // Samples a minute apart, then silence: the last one holds for 1 + 5 min.
      await store.write([0, 1, 2].map((n) => at(series, T0 + n * MIN, 5, { offset: n })));
      const [intervals] = await store.intervals({
        series: [series],
        start: T0 - 5 * MIN,
        end: T0 + 15 * MIN,
        resolutionS: 300,
      });
      assert.deepEqual(intervals?.map(brief), [
        [null, null, null, 0, 'bad'],
        [5, 5, 5, 1, 'good'],
        [5, 5, 5, 0.6, 'good'],
        [null, null, null, 0, 'bad'],
      ]);
    });

    test('a value before the range is held into any range', async () => {
      const series = key('reach');
      // An import of quarter-hour means.
      await store.write([0, 1, 2, 3].map((n) => at(series, T0 + n * 15 * MIN, n, { offset: n })));
      const ask = { series: [series], resolutionS: 300 };
      const [whole] = await store.intervals({ ...ask, start: T0, end: T0 + 60 * MIN });
      const [part] = await store.intervals({ ...ask, start: T0 + 40 * MIN, end: T0 + 60 * MIN });
      assert.deepEqual(part, whole?.slice(8));
      assert.deepEqual(
        whole?.map((each) => each.mean),
        [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3],
      );
      const [quarters] = await store.intervals({ ...ask, start: T0, end: T0 + 60 * MIN, resolutionS: 900 });
      assert.deepEqual(
        quarters?.map(brief),
        [0, 1, 2, 3].map((n) => [n, n, n, 1, 'good']),
      );
    });

    test('a single value before the range is held by the interval to its predecessor', async () => {
      const series = key('reach-alone');
      // Two minutes apart: the last one holds for 2 + 5 min.
      await store.write([21, 19].map((minutes, n) => at(series, T0 - minutes * MIN, n, { offset: n })));
      const [intervals] = await store.intervals({ series: [series], start: T0, end: T0 + 15 * MIN, resolutionS: 900 });
      assert.deepEqual(intervals?.map(brief), [[null, null, null, 0, 'bad']]);
    });

    test('usable means are those with enough coverage', async () => {
      const series = key('usable');
      await store.write([0, 1, 2, 21].map((minute) => at(series, T0 + minute * MIN, minute, { offset: minute })));
      const range = { start: T0, end: T0 + 60 * MIN, resolutionS: 900 };
      const query = { series: [series, key('nothing')], ...range };
      for (const leastCoverage of [0.01, 0.9]) {
        const expected = (await store.intervals(query)).map((each) => [...usableMeans(each, leastCoverage)]);
        const means = await readMeans(store, { ...query, leastCoverage });
        assert.deepEqual(
          means.map((each) => [...each]),
          expected,
        );
        assert.ok(expected[1]!.every(Number.isNaN));
      }
    });

    test('an empty series has all its intervals, empty', async () => {
      const [intervals] = await store.intervals({
        series: [key('nothing')],
        start: T0,
        end: T0 + 30 * MIN,
        resolutionS: 900,
      });
      assert.deepEqual(
        intervals?.map((each) => [each.start, each.mean]),
        [
          [T0, null],
          [T0 + 15 * MIN, null],
        ],
      );
    });

    test('asOf sees only what the ledger knew then', async () => {
      const series = key('as-of');
      await store.write([
        at(series, T0, 1, { offset: 5_000_001 }),
        at(series, T0 + MIN, 2, { offset: 5_000_002 }),
        at(series, T0 + 2 * MIN, 3, { offset: 5_000_003 }),
        at(series, T0 - 20 * MIN, -1, { offset: 1 }),
        at(series, T0 - 5 * MIN, -2, { offset: 2 }),
      ]);
      const asOf = T0 + 4 * MIN;
      // Offset 2 was backfilled later; the archive's second quarter was not over at asOf - 10 min.
      const archive = { first: 1, last: 2, timeFrom: T0 - 20 * MIN, timeTo: T0 - 5 * MIN, intervalMs: 15 * MIN };
      const ranges = [5_000_001, 5_000_003].map((n) => ({ first: n, last: n, timeFrom: T0, timeTo: T0 + 2 * MIN }));
      past.set(asOf, { ranges, archives: [archive] });
      const query = { series: [series], start: T0 - 30 * MIN, end: T0 + 5 * MIN };
      const values = async (moment?: number) =>
        (await store.read(moment === undefined ? query : { ...query, asOf: moment }))[0]?.map((sample) => sample.value);
      assert.deepEqual(await values(), [-1, -2, 1, 2, 3]);
      assert.deepEqual(await values(asOf), [-1, 1, 3]);
      assert.deepEqual(await values(T0), [], 'a time of which the ledger knows nothing');
      const [intervals] = await store.intervals({ ...query, start: T0, asOf, resolutionS: 300 });
      // 1 for 2 min, then 3 until asOf, and nothing after.
      assert.deepEqual(brief(intervals?.[0]), [2, 1, 3, 0.8, 'good']);
    });

    test('many points and series at once', async () => {
      const keys = Array.from({ length: 90 }, (_, n) => key('many', `device-${n}`));
      const points = keys.flatMap((series, s) =>
        Array.from({ length: 150 }, (_, n) => at(series, T0 + n * 1000, s * 1000 + n, { offset: s * 150 + n })),
      );
      await store.write(points);
      const answer = await store.read({ series: keys, start: T0, end: T0 + 150_000 });
      for (const [s, samples] of answer.entries()) {
        assert.equal(samples.length, 150);
        assert.equal(samples[149]?.value, s * 1000 + 149);
      }
    });
  });
}
