import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Region } from '../../shared/contracts/region.ts';
import { testRegion } from '../plan/testing/fixture.ts';
import { regionFaults } from './check.ts';

test('last in, first out needs the date of every solar plant that plans command', () => {
  const region = testRegion('owd');
  const ordered: Region = { ...region, curtailment: 'last-in-first-out' };
  const dated = (from: Region, more: object = { connectedOn: '2019-04-01' }): Region => ({
    ...from,
    substations: from.substations.map((each) => ({
      ...each,
      devices: each.devices.map((device) => (device.type === 'pv-inverter' ? { ...device, ...more } : device)),
    })),
  });
  assert.deepEqual(regionFaults(region), [], 'fair shares need no date');
  const [fault, ...more] = regionFaults(ordered);
  assert.match(fault!, /^substations owd, device pv-1: connectedOn is missing; .* such as 2019-04-01$/);
  assert.deepEqual(more, []);
  assert.deepEqual(regionFaults(dated(ordered)), []);
  assert.deepEqual(regionFaults(dated(ordered, { authority: 'guard' })), [], 'plans do not command it');
});
