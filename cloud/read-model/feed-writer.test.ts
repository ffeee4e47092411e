import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { testRegion } from '../plan/testing/fixture.ts';
import { ChangeFeed } from './change-feed.ts';
import { FeedWriter } from './feed-writer.ts';
import type { RoleNotice } from './notice.ts';

test('an unreadable entry is reported and delays neither notices nor waiting answers', async () => {
  const feed = new ChangeFeed<RoleNotice>();
  const failures: unknown[] = [];
  let speed = 1;
  const writer = new FeedWriter({
    feed,
    region: testRegion('owd'),
    clock: new VirtualClock(0),
    targets: [],
    live: { takeChanged: () => [], device: () => new Map() },
    estimate: () => undefined,
    findings: () => [],
    plan: () => {
      throw new Error('the disk does not answer');
    },
    forecast: () => undefined,
    link: () => ({ state: 'never', since: null, lastFrame: null }),
    health: () => undefined,
    alarmCount: () => 0,
    ledger: () => ({ storedFrames: 0, missingFrames: 0, refusedFrames: 0 }),
    alarms: () => ({}) as never,
    areas: () => ({ held: [], absent: [], losses: [] }),
    overrides: () => [],
    people: () => ({ users: [], sessions: [], tokens: [], withPasskey: [] }),
    presence: () => ({}),
    pace: () => ({ speed, speedReached: 1, simulated: false }),
    timeLine: () => ({ plantOriginMs: 0, monotonicOriginMs: 0, speed }),
    onFailure: (error) => failures.push(error),
  });
  const waits = feed.after(0);
  speed = 2;
  writer.tell({ kind: 'rights', data: null });
  assert.deepEqual((await waits).notices, [{ kind: 'rights', data: null }]);
  assert.match(String(failures), /the disk does not answer/);
});
