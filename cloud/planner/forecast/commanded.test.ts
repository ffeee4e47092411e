import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallRegion } from '../../api/testing/api-fixture.ts';
import { pastPower } from './commanded.ts';

const HOUR_MS = 3_600_000;

test('past power is that of the same local time of day, also after a change of daylight saving', async () => {
  // Clocks go back at 01:00 UTC.
  const start = Date.UTC(2026, 9, 25, 11);
  /** 1,000 kW from 18:00 to 20:00 in Amsterdam. */
  const siteKw = (time: number): number => {
    const offsetMs = (time < Date.UTC(2026, 9, 25, 1) ? 2 : 1) * HOUR_MS;
    const hour = ((time + offsetMs) / HOUR_MS) % 24;
    return hour >= 18 && hour < 20 ? 1000 : 0;
  };
  interface Range {
    readonly start: number;
    readonly end: number;
    readonly resolutionS: number;
  }
  const onGrid = <T>({ start: from, end, resolutionS }: Range, value: (time: number) => T): T[] =>
    Array.from({ length: (end - from) / 1000 / resolutionS }, (_, step) => value(from + step * resolutionS * 1000));
  const days = await pastPower(
    {
      region: { ...smallRegion(), timezone: 'Europe/Amsterdam' },
      net: { intervals: (range: Range) => Promise.resolve(onGrid(range, (time) => ({ mean: siteKw(time) }))) },
      uncontrolled: { intervals: (range: Range) => Promise.resolve({ values: onGrid(range, () => 0) }) },
    } as never,
    ['substation:owd'],
    { steps: { start, stepMs: HOUR_MS, count: 12 }, asOf: start },
  );
  for (const [step, found] of days.entries()) {
    const time = start + step * HOUR_MS;
    assert.ok(found.length >= 13, `${found.length} days`);
    assert.deepEqual(new Set(found), new Set([siteKw(time)]), new Date(time).toISOString());
  }
});
