import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ControlView, DeviceView, FeederView } from '../../../../shared/contracts/view.ts';
import { controlText, heldDevices, lastSetText, ranked } from './control-words.ts';

const all: ControlView = { kind: 'guard', feeder: 'owd-1', device: null, by: null, until: null, kw: 80 };
const device = (id: string, limitedBy: string | null): DeviceView =>
  ({ id, name: id.toUpperCase(), limitedBy }) as unknown as DeviceView;
const feeder = (...devices: DeviceView[]): FeederView => ({ id: 'owd-1', devices }) as unknown as FeederView;

test('only devices held by the guard carry its mark', () => {
  const held = heldDevices(
    [all],
    feeder(device('b-1', 'guard'), device('b-2', 'grid-limit'), device('b-3', 'envelope')),
  );
  assert.deepEqual(
    [...held],
    [
      ['b-1', 'B-1: Guard acts'],
      ['b-2', 'B-2: Guard acts'],
    ],
  );
});

test('raised limits mark no device; an override is named instead of the guard', () => {
  const raised: ControlView = { ...all, kind: 'emergency', feeder: null, until: 60_000, kw: null };
  const override: ControlView = { ...all, kind: 'override', device: 'b-1', by: 'anna', kw: null };
  assert.equal(controlText(raised), 'Limits raised');
  assert.deepEqual(
    [...heldDevices([raised, all, override], feeder(device('b-1', 'guard'), device('b-2', null)))],
    [['b-1', 'B-1: Override b-1, anna']],
  );
});

test('stops, guard and raised limits rank before modes where space is short', () => {
  const kinds = ['manual', 'override', 'emergency', 'monitor', 'guard', 'stop', 'tag'] as const;
  const shown = ranked(kinds.map((kind) => ({ kind }))).map(({ kind }) => kind);
  assert.deepEqual(shown, ['stop', 'guard', 'emergency', 'override', 'tag', 'manual', 'monitor']);
});

test('the last setpoint of a device is shown with its author and time', () => {
  const time = () => '14:02';
  assert.equal(lastSetText({ source: 'override', by: 'anna', at: 1 }, time), 'goes on as anna set it at 14:02');
  assert.equal(lastSetText({ source: 'cloud-plan', at: 1 }, time), 'goes on as the plan set it at 14:02');
  assert.equal(lastSetText(undefined, time), undefined);
});
