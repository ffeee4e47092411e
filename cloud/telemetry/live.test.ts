import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Frame } from '../../shared/contracts/frame.ts';
import { LiveState } from './live.ts';

const frame = (time: number, value: number): Frame => ({
  device: 'pv-1',
  time,
  values: [{ metric: 'activePowerKw', value, quality: 'good', origin: 'measured' }],
});

test('the newest value is kept; a late one never overwrites it', () => {
  const live = new LiveState();
  const value = () => live.get('owd-01', 'pv-1', 'activePowerKw')?.value;
  const steps: [time: number, value: number, receivedAt: number, historical: boolean, stands: number][] = [
    [100, 1, 100, false, 1],
    [50, 2, 101, true, 1],
    [100, 3, 102, false, 3],
    [200, 4, 150, true, 4],
    // The source's clock ran ahead and was set back; the live value is the newest all the same.
    [180, 5, 181, false, 5],
    [170, 6, 182, false, 5],
    [300, 7, 301, true, 7],
  ];
  for (const [time, given, receivedAt, historical, stands] of steps) {
    live.apply('owd-01', frame(time, given), { receivedAt, historical });
    assert.equal(value(), stands, `after ${given}`);
  }
  assert.deepEqual(live.gateways(), ['owd-01']);
  assert.deepEqual(live.devices('owd-01'), ['pv-1']);
  assert.equal(live.device('owd-01', 'pv-9').size, 0);
  assert.equal(live.get('x', 'y', 'z'), undefined);
});

test('a value is uncertain after the death of its node or device, until a newer value or a rebirth', () => {
  const live = new LiveState();
  const seen = () => {
    const { value, quality, staleSince } = live.get('owd-01', 'pv-1', 'activePowerKw')!;
    return [value, quality, staleSince];
  };
  const at = { receivedAt: 100, historical: false };
  live.apply('owd-01', frame(100, 1), at);
  live.stale('owd-01', undefined, 150);
  live.stale('owd-01', 'pv-1', 160);
  live.stale('wls-01', undefined, 170);
  assert.deepEqual(seen(), [1, 'uncertain', 150]);
  live.onBirth('owd-01', undefined);
  assert.deepEqual(seen(), [1, 'uncertain', 150], 'the node is back, the device is not');
  live.onBirth('owd-01', 'pv-1');
  assert.deepEqual(seen(), [1, 'good', undefined]);
  live.stale('owd-01', 'pv-1', 180);
  live.apply('owd-01', frame(190, 2), at);
  live.onBirth('owd-01', 'pv-1');
  assert.deepEqual(seen(), [2, 'good', undefined]);
  const bad = { ...frame(200, 3), values: [{ ...frame(200, 3).values[0]!, quality: 'bad' as const }] };
  live.apply('owd-01', bad, at);
  live.stale('owd-01', 'pv-1', 210);
  assert.deepEqual(seen(), [3, 'bad', 210]);
});
