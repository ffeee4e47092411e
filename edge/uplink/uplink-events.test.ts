import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { SimDisk } from '../../simulators/sim/sim-disk.ts';
import { UplinkEvents } from './uplink-events.ts';

test('events that do not fit into the journal are counted and reported once there is room', () => {
  const appended: LoadstoneEvent[] = [];
  let room = 0;
  const events = new UplinkEvents({
    clock: new VirtualClock(0),
    disk: new SimDisk(),
    journal: {
      append: (_stream, payload) => {
        if (appended.length >= room) return false;
        appended.push(JSON.parse(new TextDecoder().decode(payload)) as LoadstoneEvent);
        return true;
      },
      flush: async () => undefined,
      state: () => assert.fail('not asked'),
    },
  });
  events.heartbeatRefused();
  events.trouble('mqtt://cloud', 'timeout');
  events.turn();
  assert.deepEqual(appended, []);
  room = 10;
  events.turn();
  events.turn();
  assert.deepEqual(
    appended.map(({ text }) => text),
    ['2 events are lost: the queue for the disk was full'],
  );
});
