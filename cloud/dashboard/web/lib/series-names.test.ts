import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FeederView } from '../../../../shared/contracts/view.ts';
import { flowSeries, voltageSeries } from './series-names.ts';

const devices = [
  { id: 'tap-1', bus: 'owd-1-b1', type: 'tap-changer' },
  { id: 'battery-1', bus: 'owd-1-b7', type: 'battery' },
];

test('a bus voltage links to the trend of a device that measures it there, or to none', () => {
  assert.equal(voltageSeries('owd-01', devices, 'owd-1-b7'), 'owd-01/battery-1/voltagePu');
  assert.equal(voltageSeries('owd-01', devices, 'owd-1-b1'), undefined);
  assert.equal(voltageSeries('owd-01', devices, 'owd-1-b2'), undefined);
  assert.equal(voltageSeries(undefined, devices, 'owd-1-b7'), undefined);
});

test('only the flow at the head has a trend', () => {
  const view = { head: { series: 'owd-01/feeder-1/activePowerKw' } } as Pick<FeederView, 'head'>;
  assert.equal(flowSeries(view, { from: 'owd-bb', to: 'owd-1-b1' }), view.head.series);
  assert.equal(flowSeries(view, { from: 'owd-1-b1', to: 'owd-1-b2' }), undefined);
});
