import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildRegion } from '../../simulators/region/region.ts';
import { HeadWatch, type JumpChange } from './head-watch.ts';

const T0 = Date.UTC(2021, 8, 25);

/** Feeder 2 of Hoofddorp, read each second; devices answer with what `devices` says. */
function watched(loads: (second: number) => number, seconds: number, devices: (second: number) => number = () => 0) {
  let second = 0;
  const watch = new HeadWatch(buildRegion(['hfdp']), (_gateway, device) =>
    device === 'ev-1' ? { value: devices(second), time: T0 + 1000 * second } : undefined,
  );
  const changes: (JumpChange & { readonly feeder: string })[] = [];
  for (; second < seconds; second++) {
    const kw = loads(second) + devices(second);
    const found = watch.reading('hfdp-01', 'feeder-2', { time: T0 + 1000 * second, kw });
    if (found !== undefined) changes.push({ feeder: found.feeder, ...found.change });
  }
  return changes;
}

test('a load that doubles is told within three seconds with what it was and what it became, and when it ends', () => {
  const changes = watched((second) => (second >= 100 && second < 400 ? 2200 : 1100), 500);
  assert.deepEqual(changes, [
    { feeder: 'hfdp-2', kind: 'began', at: T0 + 100_000, beforeKw: 1100, peakKw: 2200 },
    { feeder: 'hfdp-2', kind: 'ended', at: T0 + 400_000, kw: 1100 },
  ]);
});

test('neither an evening that rises, noise, a device that is switched on nor a second of a fault is a spike', () => {
  assert.deepEqual(
    watched((second) => 1100 + second, 3600),
    [],
  );
  assert.deepEqual(
    watched((second) => 1100 + 60 * Math.sin(second * 7.3), 3600),
    [],
  );
  assert.deepEqual(
    watched(
      () => 1100,
      600,
      (second) => (second > 300 ? 500 : 0),
    ),
    [],
  );
  assert.deepEqual(
    watched((second) => (second === 300 ? 3000 : 1100), 600),
    [],
  );
});

test('a load that stays up is the load from then on, and a gap in the readings tells nothing', () => {
  const changes = watched((second) => (second >= 100 ? 2200 : 1100), 4000);
  assert.deepEqual(
    changes.map(({ kind }) => kind),
    ['began', 'absorbed'],
  );
  const watch = new HeadWatch(buildRegion(['hfdp']), () => undefined);
  const read = (second: number, kw: number) => watch.reading('hfdp-01', 'feeder-2', { time: T0 + 1000 * second, kw });
  for (let second = 0; second < 100; second++) assert.equal(read(second, 1100), undefined);
  for (let second = 500; second < 600; second++) assert.equal(read(second, 2200), undefined);
});
