import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as holds, double, integer, property, tuple, type Arbitrary } from 'fast-check';
import { isLive, isUsableForPlanning, liveForMs, REPORT_INTERVAL_S, reportIntervalS } from './staleness.ts';

const interval = double({ min: 0, max: 7200, noNaN: true });
const speed = double({ min: 0, max: 60, noNaN: true });
const age = integer({ min: -60_000, max: 20_000_000 });
const pairOf = <T>(each: Arbitrary<T>): Arbitrary<[T, T]> => tuple(each, each);

test('a value is live for twice its report interval plus two seconds of transit', () => {
  const rows: [intervalS: number | undefined, speed: number | undefined, liveS: number, why: string][] = [
    [undefined, undefined, 122, 'reports by exception, in real time'],
    [1, 1, 122, 'a fast meter is not reported more often while nothing changes'],
    [600, 1, 1202, 'a slow meter'],
    [600, 60, 1320, 'transit takes 120 s of plant time'],
    [60, 0, 122, 'a stopped time line'],
  ];
  for (const [intervalS, at, liveS, why] of rows) assert.equal(liveForMs({ intervalS, speed: at }), 1000 * liveS, why);
  assert.equal(reportIntervalS(10), REPORT_INTERVAL_S);
});

test('property: stale stays stale with age; a slower source or faster time never makes a value stale sooner', () => {
  holds(
    property(pairOf(age), pairOf(interval), pairOf(speed), (ages, intervals, speeds) => {
      const [younger, older] = [Math.min(...ages), Math.max(...ages)];
      const quick = { intervalS: Math.min(...intervals), speed: Math.min(...speeds) };
      const slow = { intervalS: Math.max(...intervals), speed: Math.max(...speeds) };
      for (const rule of [isLive, isUsableForPlanning]) {
        assert.ok(rule(younger, quick) || !rule(older, quick), 'age');
        assert.ok(rule(older, slow) || !rule(older, quick), 'source');
      }
      assert.ok(isUsableForPlanning(older, quick) || !isLive(older, quick), 'a live value is usable');
    }),
  );
});

test('property: the bounds are inclusive, and an unknown age is never live or usable', () => {
  holds(
    property(interval, speed, (intervalS, at) => {
      const source = { intervalS, speed: at };
      const live = liveForMs(source);
      assert.deepEqual([isLive(live, source), isLive(live + 1, source)], [true, false]);
      const usable = live + 900_000;
      assert.deepEqual([isUsableForPlanning(usable, source), isUsableForPlanning(usable + 1, source)], [true, false]);
      assert.deepEqual([isLive(Number.NaN, source), isUsableForPlanning(Number.NaN, source)], [false, false]);
    }),
  );
});
