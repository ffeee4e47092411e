import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Region } from '../../shared/contracts/region.ts';
import { onlyFeederOf, targetOf } from './alarm-place.ts';

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

test('an alarm belongs to the feeder of its device, its head meter or its element, whatever their names', () => {
  assert.equal(about('pv-1'), 'feeder:owd-north');
  assert.equal(about('feeder-2'), 'feeder:owd-north-2');
  assert.equal(about(null, 'guard:feeder-1'), 'feeder:owd-north');
  assert.equal(about(null, 'owd-north-2'), 'feeder:owd-north-2');
  assert.equal(about(null, 'owd-north-2-l17'), 'feeder:owd-north-2');
  assert.equal(about(null, 'owd-north-l17'), 'feeder:owd-north');
  assert.equal(about('transformer'), 'substation:owd');
});

test('without a meter in the region a head is found by its number, so one dark feeder hides no other', () => {
  const [substation] = region.substations;
  const network = { feeders: [{ id: 'owd-1' }, { id: 'owd-2' }] };
  const bare = { ...region, substations: [{ ...substation, network, devices: [], meters: [] }] } as unknown as Region;
  const head = (subject: string) => ({ source: 'owd-01', device: null, subject });
  assert.equal(targetOf(bare, head('feeder-2')), 'feeder:owd-2');
  assert.equal(onlyFeederOf(bare, head('feeder-1')), 'feeder:owd-1');
  assert.equal(onlyFeederOf(bare, head('transformer')), null);
});
