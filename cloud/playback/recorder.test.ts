import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HealthReport } from '../../shared/contracts/report.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { testRegion } from '../plan/testing/fixture.ts';
import { ChangeFeed } from '../read-model/change-feed.ts';
import { Recorder } from './recorder.ts';
import { SqliteMomentStore } from './sqlite-moment-store.ts';

const START = Date.UTC(2021, 8, 25);
const GATEWAY = 'owd-01';

function rig() {
  const clock = new VirtualClock(START);
  const feed = new ChangeFeed<never>();
  const store = new SqliteMomentStore(':memory:');
  store.open();
  const recorded: number[] = [];
  const failures: unknown[] = [];
  const counting = {
    put: async (moments: Parameters<typeof store.put>[0]) => {
      await store.put(moments);
      recorded.push(...moments.map(({ at }) => (at - START) / 1000));
    },
  };
  const recorder = new Recorder({
    region: testRegion('owd'),
    clock,
    feed,
    store: { put: (moments) => counting.put(moments), newest: (gateway, range) => store.newest(gateway, range) },
    onFailure: (error) => failures.push(error),
  });
  const report = (setpointKw: number, more: Partial<HealthReport> = {}): void =>
    feed.set('health', GATEWAY, {
      receivedAt: 0,
      heardMs: 0,
      report: {
        mode: 'automatic',
        stopped: false,
        guard: { active: false, reliefKw: 0, element: null, since: null },
        devices: [
          {
            device: 'battery-1',
            link: 'up',
            lastSeen: 0,
            source: 'cloud-plan',
            setpointKw,
            wishedKw: null,
            limitedBy: null,
          },
        ],
        ...more,
      } as HealthReport,
    });
  const at = (second: number) => store.newest(GATEWAY, { after: 0, at: START + 1000 * second });
  return { clock, feed, recorder, counting, recorded, failures, report, at };
}

test('records control changes at once, new numbers once a minute, and otherwise every 15 minutes', async () => {
  const { clock, feed, recorder, recorded, report, at } = rig();
  recorder.start();
  feed.set('link', GATEWAY, { state: 'up', since: START, lastFrame: START });
  report(10);
  await clock.advance(10_000);
  // Numbers change, and so does the time of the newest frame.
  for (let second = 10; second < 130; second++) {
    report(second);
    feed.set('link', GATEWAY, { state: 'up', since: START, lastFrame: START + 1000 * second });
    await clock.advance(1000);
  }
  assert.deepEqual(recorded, [1, 61, 121]);
  report(130, { mode: 'manual' });
  feed.set('alarmCount', GATEWAY, 2);
  await clock.advance(1000);
  assert.equal(recorded.at(-1), 131);
  await clock.advance(3_600_000);
  assert.deepEqual(recorded.slice(4), [1031, 1931, 2831, 3731]);
  await recorder.stop();
  const [before, after] = [await at(130), await at(131)];
  assert.deepEqual([before!.moment.health!.mode, before!.moment.alarms], ['automatic', 0]);
  assert.deepEqual([after!.moment.health!.mode, after!.moment.alarms], ['manual', 2]);
  assert.equal(before!.moment.health!.devices[0]!.setpointKw, 120);
  assert.equal(await at(0), undefined);
});

test('a failed write is retried and reported once', async () => {
  const { clock, recorder, counting, recorded, failures, report } = rig();
  const { put } = counting;
  recorder.start();
  counting.put = async () => {
    throw new Error('the disk is full');
  };
  report(1);
  await clock.advance(2000);
  assert.deepEqual([recorded.length, failures.length], [0, 1]);
  counting.put = put;
  await clock.advance(1000);
  assert.deepEqual(recorded, [3]);
  await recorder.stop();
});
