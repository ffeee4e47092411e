import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { smallRegion } from '../api/testing/api-fixture.ts';
import { DeviceLosses } from './device-losses.ts';

test('only a device that plans rely on, lost for a minute, requests a new plan', async () => {
  const clock = new VirtualClock(Date.parse('2021-09-25T00:00:00Z'));
  const region = smallRegion();
  region.substations[0]!.devices.push({
    id: 'battery-1',
    type: 'battery',
    name: 'Battery',
    bus: 'owd-1-b2',
    feeder: 'owd-1',
    connectionPoint: 'cp-1',
    authority: 'direct',
  });
  const lost: string[] = [];
  const losses = new DeviceLosses({ region, plant: clock.plant, onLost: (gateway) => lost.push(gateway) });
  losses.gone('owd-01', 'weather');
  losses.gone('owd-01', 'battery-1');
  await clock.advance(30_000);
  losses.back('owd-01', 'battery-1');
  await clock.advance(120_000);
  assert.deepEqual(lost, []);
  losses.gone('owd-01', 'battery-1');
  losses.gone('owd-01', 'battery-1');
  await clock.advance(120_000);
  assert.deepEqual(lost, ['owd-01']);
});
