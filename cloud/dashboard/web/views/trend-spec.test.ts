import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import '../../testing/page-globals.ts';
import type { TrendView } from '../../../../shared/contracts/trend.ts';

const { specsOf } = await import('./trend-spec.ts');
const { incidents } = await import('../state/incidents.ts');

const HOUR_MS = 3_600_000;

test('a past window marks its own incidents, however many followed', () => {
  const incident = (id: number, startedAt: number) => ({ id, startedAt, gateway: 'owd-01' }) as never;
  const later = Array.from({ length: 8 }, (_, at) => incident(20 - at, (30 - at) * HOUR_MS));
  incidents.value = [...later, incident(2, 5 * HOUR_MS), incident(1, HOUR_MS / 2)];
  after(() => (incidents.value = []));
  const series = 'owd-01/feeder-1/activePowerKw';
  const items = [{ series, mean: Array.from({ length: 10 }, () => 1), min: [], max: [] }];
  const trend = { start: HOUR_MS, stepS: 3600, items } as unknown as TrendView;
  const [spec] = specsOf(trend, { now: 40 * HOUR_MS, events: [] });
  assert.deepEqual(
    spec!.marks.map(({ time }) => time),
    [5 * HOUR_MS],
  );
});
