import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FeederView } from '../../../../shared/contracts/view.ts';
import { flowSeries, voltageSeries } from './series-names.ts';

const devices = [
  { id: 'tap-1', bus: 'owd-1-b1', type: 'tap-changer' },
  { id: 'battery-1', bus: 'owd-1-b7', type: 'battery' },
];

test('a voltage has the trend of the device that measures it at its bus, or none', () => {
  assert.equal(voltageSeries('owd-01', devices, 'owd-1-b7'), 'owd-01/battery-1/voltagePu');
  assert.equal(voltageSeries('owd-01', devices, 'owd-1-b1'), undefined);
  assert.equal(voltageSeries('owd-01', devices, 'owd-1-b2'), undefined);
  assert.equal(voltageSeries(undefined, devices, 'owd-1-b7'), undefined);
});

test('of the flows that at the head alone is measured', () => {
  const view = { head: { series: 'owd-01/feeder-1/activePowerKw' } } as Pick<FeederView, 'head'>;
  assert.equal(flowSeries(view, { from: 'owd-bb', to: 'owd-1-b1' }), view.head.series);
  assert.equal(flowSeries(view, { from: 'owd-1-b1', to: 'owd-1-b2' }), undefined);
});
