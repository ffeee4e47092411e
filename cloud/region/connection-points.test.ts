import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testRegion } from '../plan/testing/fixture.ts';
import { connectionPointFaults } from './connection-points.ts';

test('an invalid connection point is refused with its place and a correction', () => {
  const region = testRegion('owd');
  const [owd] = region.substations;
  const faults = (...connectionPoints: NonNullable<NonNullable<typeof owd>['connectionPoints']>): string[] =>
    connectionPointFaults({ substations: [{ ...owd!, connectionPoints }] });
  assert.deepEqual(connectionPointFaults(region), []);
  assert.deepEqual(faults({ id: 'cp-pv-1', exportKw: 900, loads: ['load-1-4'] }), []);
  assert.deepEqual(faults({ id: 'cp-pv-9' }), [
    'substations owd, connectionPoints[0].id: no device is behind cp-pv-9; did you mean cp-pv-1?',
  ]);
  assert.deepEqual(faults({ id: 'cp-pv-1', loads: ['load-1-5', 'load-2-2'] }), [
    'substations owd, connectionPoints[0].loads: the network has no load load-1-5; did you mean load-1-2?',
    'substations owd, connectionPoints[0].loads: load-2-2 is at bus owd-2-b2, the devices of cp-pv-1 at owd-1-b4',
  ]);
  assert.deepEqual(faults({ id: 'cp-pv-1' }, { id: 'cp-pv-1' }), [
    'substations owd, connectionPoints[1].id: cp-pv-1 is listed twice; list it once',
  ]);
});
