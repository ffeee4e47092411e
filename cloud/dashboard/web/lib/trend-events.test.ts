import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventView } from '../../../../shared/contracts/view.ts';
import { eventsOf, gatewaysOf, newest } from './trend-events.ts';

const event = (id: number, more: Partial<EventView> = {}): EventView => ({
  id,
  time: 1000 * id,
  source: 'owd-01',
  kind: 'alarm',
  severity: 'low',
  code: 'LS-CONTROL-001',
  text: '',
  device: null,
  subject: null,
  active: true,
  ...more,
});

const SERIES = ['owd-01/battery-1/activePowerKw', 'owd-01/battery-1/socPct'];
const idsOf = (events: readonly EventView[]): number[] =>
  eventsOf(events, SERIES, { start: 0, end: 100_000 }).map(({ id }) => id);

test('events of the gateway and the shown devices are listed in order, within the span', () => {
  assert.deepEqual(idsOf([event(3), event(1), event(2, { device: 'battery-1' })]), [1, 2, 3]);
  assert.deepEqual(idsOf([event(1, { device: 'pv-1' }), event(2, { source: 'lls-01' }), event(100)]), []);
});

test('routine events are left out, and of very many the newest are kept', () => {
  assert.deepEqual(idsOf([event(1, { severity: 'info' })]), []);
  const many = Array.from({ length: 50 }, (_, id) => event(id));
  assert.deepEqual([newest(many).length, newest(many).at(-1)!.id], [30, 49]);
  assert.deepEqual(gatewaysOf([...SERIES, 'lls-01/transformer/activePowerKw']), ['owd-01', 'lls-01']);
});
