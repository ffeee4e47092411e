import assert from 'node:assert/strict';
import { test } from 'node:test';
import { device, element, image, START } from '../control/testing/images.ts';
import { batterySpec } from '../control/testing/specs.ts';
import type { Condition } from './alarms.ts';
import { DarkFeeders } from './dark-feeders.ts';

const specs = [batterySpec({ id: 'battery-1', feeder: 'feeder-1' })];
const site = { specs, elements: [{ id: 'feeder-1', ratedKva: 1000 }] } as unknown as Parameters<
  DarkFeeders['explain']
>[1]['site'];
const own: Condition = { key: 'device', code: 'LS-CONTROL-003', severity: 'medium', text: '', device: 'battery-1' };
const other: Condition = { ...own, key: 'other', device: 'battery-2' };

const looking = () => {
  const dark = new DarkFeeders();
  return (headKw: number | null, voltagePu: number, atS: number, measuredS = atS): string[] =>
    dark
      .explain([own, other], {
        image: image({
          time: START + 1000 * atS,
          elements: new Map([element('feeder-1', headKw)]),
          devices: new Map([device('battery-1', { voltagePu, lastSeen: START + 1000 * measuredS })]),
        }),
        site,
      })
      .map(({ code, device: about }) => `${code} ${about}`);
};

test('a head without power whose device has lost its voltage is a dark feeder, which explains the device and no other', () => {
  const look = looking();
  const both = ['LS-CONTROL-003 battery-1', 'LS-CONTROL-003 battery-2'];
  assert.deepEqual(look(400, 1, 0), both);
  assert.deepEqual(look(0, 1, 10, 8), both, 'measured before the head went to nothing');
  assert.deepEqual(look(0, 0, 20), ['LS-CONTROL-003 battery-2', 'LS-FEEDER-001 feeder-1']);
  assert.deepEqual(look(300, 1, 30), both, 'back');
});

test('a head without power whose device has voltage is no dark feeder: its meter may be dead', () => {
  const look = looking();
  look(0, 1, 0);
  assert.ok(!look(0, 1, 10).includes('LS-FEEDER-001 feeder-1'));
});

test('a dark feeder whose device has voltage again is dark no more, though the meter of its head stays silent', () => {
  const look = looking();
  look(400, 1, 0);
  look(0, 1, 10);
  assert.ok(look(0, 0, 20).includes('LS-FEEDER-001 feeder-1'));
  assert.ok(look(null, 0, 30).includes('LS-FEEDER-001 feeder-1'), 'nothing new is known');
  assert.deepEqual(look(null, 1, 40), ['LS-CONTROL-003 battery-1', 'LS-CONTROL-003 battery-2']);
});

test('a feeder that goes dark before the clock is set back by an hour is told all the same', () => {
  const look = looking();
  look(400, 1, 0);
  look(0, 1, 10, 8);
  look(0, 0, -3590, 8);
  assert.ok(look(0, 0, -3580).includes('LS-FEEDER-001 feeder-1'));
});
