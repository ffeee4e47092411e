import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Metric } from '../../shared/contracts/frame.ts';
import type { Sample } from '../../shared/contracts/sample.ts';
import { addReadings, meanReadings, startMeans } from './means.ts';
import { start, substation } from './testing/watch-hours.ts';

test('a busbar reading counts once in its mean, however often it is seen', () => {
  const { device } = substation.meters.find(({ kind }) => kind === 'transformer')!;
  const read = (value: number, time: number): ReadonlyMap<string, Partial<Record<Metric, Sample>>> =>
    new Map([[device, { voltagePu: { value, time, quality: 'good', origin: 'measured' } }]]);
  const [first, second] = [read(1, start + 1000), read(1.02, start + 2000)];
  const means = [first, first, first, second].reduce(
    (before, readings) => addReadings(substation, before, readings),
    startMeans(start),
  );
  const { readings, counts } = meanReadings(means, start + 3000);
  assert.equal(counts.get(device), 2);
  assert.equal(readings.get(device)!.voltagePu!.value.toFixed(6), '1.010000');
});
