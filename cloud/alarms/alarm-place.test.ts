import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Region } from '../../shared/contracts/region.ts';
import { targetOf } from './alarm-place.ts';

const head = (device: string, feeder: string) => ({ kind: 'feeder-head', device, feeder });
const region = {
  id: 'north',
  substations: [
    {
      id: 'owd',
      gateway: 'owd-01',
      network: { feeders: [{ id: 'owd-north' }, { id: 'owd-north-2' }] },
      devices: [{ id: 'pv-1', feeder: 'owd-north' }],
      meters: [head('feeder-1', 'owd-north'), head('feeder-2', 'owd-north-2')],
    },
  ],
} as unknown as Region;

const about = (device: string | null, subject: string | null = null) =>
  targetOf(region, { source: 'owd-01', device, subject });

test('an alarm is on the feeder of its device, of the meter at the head, or of the element, by whatever name', () => {
  assert.equal(about('pv-1'), 'feeder:owd-north');
  assert.equal(about('feeder-2'), 'feeder:owd-north-2');
  assert.equal(about(null, 'guard:feeder-1'), 'feeder:owd-north');
  assert.equal(about(null, 'owd-north-2'), 'feeder:owd-north-2');
  assert.equal(about(null, 'owd-north-2-l17'), 'feeder:owd-north-2');
  assert.equal(about(null, 'owd-north-l17'), 'feeder:owd-north');
  assert.equal(about('transformer'), 'substation:owd');
});
