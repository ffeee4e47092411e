import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import type { RegionView } from '../../../../shared/contracts/view.ts';
import { until } from '../../../../shared/testing/until.ts';
import '../../testing/page-globals.ts';

const { region } = await import('./store.ts');
const { continueTrend, smallTrendOf, SMALL_SPAN_MS } = await import('./small-trends.ts');

const MINUTE = 60_000;
const NOW = Date.parse('2021-09-25T12:00:00Z');
const live = (value: number, time: number) => ({ value, time, quality: 'good', origin: 'measured' }) as const;
const at = (plantTime: number): void => {
  region.value = { clock: { plantTime, speed: 1, speedReached: 1, simulated: true } } as unknown as RegionView;
};

/** Each read answers with a spike of 600 kW at its start. */
let asked: string[][] = [];
mock.method(globalThis, 'fetch', async (path: string) => {
  const { searchParams } = new URL(path, 'http://localhost');
  const names = searchParams.get('series')!.split(',');
  asked.push(names);
  const mean = Array.from({ length: 90 }, (_, step) => (step === 0 ? 600 : 300));
  const start = Date.parse(searchParams.get('start')!);
  return Response.json({ start, stepS: 20, items: names.map((series) => ({ series, mean })) });
});
beforeEach(() => (asked = []));

test('time in which a small trend was not shown is a gap, and read from the store', async () => {
  const trend = smallTrendOf('gap');
  at(NOW);
  continueTrend(trend, live(310, NOW));
  await until('the past is read', () => trend.isWhole);
  continueTrend(trend, live(311, NOW + MINUTE));
  assert.equal(asked.length, 1, 'seen without a gap');
  at(NOW + 20 * MINUTE);
  continueTrend(trend, live(340, NOW + 20 * MINUTE));
  assert.deepEqual(
    trend.dots.value.slice(-3).map(({ value }) => value),
    [311, null, 340],
  );
  await until('the gap is read', () => trend.isWhole);
  assert.equal(asked.length, 2);
  assert.ok(trend.dots.value.every(({ value }) => value !== null));
  assert.equal(trend.dots.value[0]!.value, 600, 'what the store holds is drawn');
});

test('trends that no place has shown for half an hour are forgotten', async () => {
  const shown = smallTrendOf('shown');
  const left = smallTrendOf('left');
  shown.shown++;
  left.dots.value = shown.dots.value = [{ time: NOW, value: 1 }];
  at(NOW + 2 * SMALL_SPAN_MS);
  continueTrend(smallTrendOf('new'), live(1, NOW + 2 * SMALL_SPAN_MS));
  await until('the new one is read', () => smallTrendOf('new').isWhole);
  assert.equal(smallTrendOf('shown'), shown);
  assert.notEqual(smallTrendOf('left'), left);
});
