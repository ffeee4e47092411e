import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import type { Succession } from '../sql/postgres-hold.ts';
import { untilFree, type Free, type Place } from './stand-by.ts';

const NOBODY: Succession = { holder: undefined, term: 7, silentS: 3 };
const HELD: Succession = { holder: 'loadstone, process 1 of a', term: 7, silentS: 3 };
const SILENT: Succession = { ...HELD, silentS: 21 };
const AWAY = new LoadstoneError('LS-STORE-001', 'PostgreSQL at db:5432/loadstone: it ended');

interface World {
  database: Succession | Error;
  place?: Place | undefined;
  hindrance?: string;
}

/** A standby in a world that the test changes. */
function standsBy(t: TestContext, world: World) {
  const clock = new VirtualClock(0);
  const waits: string[] = [];
  let free: Free | undefined;
  const failed = t.mock.fn<(error: unknown) => void>();
  untilFree({
    time: clock.machine,
    succession: async () => {
      if (world.database instanceof Error) throw world.database;
      return world.database;
    },
    ...('place' in world ? { place: async () => world.place! } : {}),
    hindrance: async () => world.hindrance,
    onWait: ({ kind, why }) => waits.push(`${kind}: ${why}`),
  }).then((found) => (free = found), failed);
  return {
    waits,
    failed,
    /** What it has taken over by then, if anything. */
    after: async (seconds: number): Promise<Free | undefined> => {
      for (let second = 0; second <= seconds; second++) {
        await turn();
        if (second < seconds) await clock.advance(1000);
      }
      return free;
    },
  };
}

test('a standby takes over at once if no cloud holds the database', async (t) => {
  const never: Succession = { holder: undefined, term: undefined, silentS: undefined };
  assert.deepEqual(await standsBy(t, { database: never }).after(0), {});
  assert.deepEqual(await standsBy(t, { database: { ...NOBODY, silentS: 11 } }).after(0), {});
  assert.deepEqual(await standsBy(t, { database: NOBODY, place: 'free' }).after(0), {});
});

test('without a broker, a holder that lost its connections has 10 s to return', async (t) => {
  const { waits, after } = standsBy(t, { database: NOBODY });
  assert.equal(await after(6), undefined);
  assert.match(waits[0]!, /^held: .* may return$/);
});

test('a live holder stays; a silent one is replaced once it has left its place at the broker', async (t) => {
  const world: World = { database: HELD, place: 'free' };
  const { waits, after } = standsBy(t, world);
  assert.equal(await after(60), undefined);
  assert.deepEqual(waits, ['held: the database is held by loadstone, process 1 of a']);
  Object.assign(world, { database: SILENT, place: 'held' });
  assert.equal(await after(60), undefined);
  assert.match(waits.at(-1) ?? '', /still has its place at the broker/);
  world.place = 'free';
  assert.deepEqual(await after(2), { over: 7 });
});

test('without a broker a silent holder is replaced, but never one of an older version', async (t) => {
  assert.deepEqual(await standsBy(t, { database: SILENT }).after(0), { over: 7 });
  // The broker is the second judge: without one, a slow database does not count as a lost holder.
  const slow: Succession = { ...HELD, silentS: 12 };
  assert.equal(await standsBy(t, { database: slow }).after(60), undefined);
  assert.deepEqual(await standsBy(t, { database: slow, place: 'free' }).after(0), { over: 7 });
  const older: Succession = { holder: 'loadstone, process 1 of a', term: undefined, silentS: undefined };
  assert.equal(await standsBy(t, { database: older, place: 'free' }).after(60), undefined);
});

test('a holder that lost its database connections stays while it has its place at the broker', async (t) => {
  const world: World = { database: NOBODY, place: 'held' };
  const { after } = standsBy(t, world);
  assert.equal(await after(4), undefined);
  world.place = 'free';
  assert.deepEqual(await after(2), {});
});

test('after an outage of database or broker the holder has 20 s to return', async (t) => {
  const world: World = { database: AWAY, place: 'free' };
  const { waits, after } = standsBy(t, world);
  assert.equal(await after(60), undefined);
  assert.deepEqual(waits, [`away: ${AWAY.message}`]);
  Object.assign(world, { database: NOBODY });
  assert.equal(await after(16), undefined, 'it may return');
  Object.assign(world, { database: HELD });
  assert.equal(await after(30), undefined, 'it has returned');
  Object.assign(world, { database: SILENT, place: 'away' });
  assert.equal(await after(60), undefined, 'the broker may be away for it too');
  world.place = 'free';
  assert.equal(await after(16), undefined);
  assert.deepEqual(await after(6), { over: 7 });
});

test('if no cloud was active for a while, an unreachable broker does not prevent the start', async (t) => {
  const world: World = { database: NOBODY, place: 'away' };
  const { after } = standsBy(t, world);
  assert.equal(await after(30), undefined);
  world.database = { ...NOBODY, silentS: 21 };
  assert.deepEqual(await after(24), {});
});

test('a standby that lacks keys waits, and one whose database belongs to another cloud exits', async (t) => {
  const world: World = { database: SILENT, place: 'free', hindrance: 'it shares no keys' };
  const { waits, after } = standsBy(t, world);
  assert.equal(await after(60), undefined);
  assert.deepEqual(waits, ['hindered: it shares no keys']);
  const refused = standsBy(t, { database: new LoadstoneError('LS-STATE-002', 'another cloud') });
  await refused.after(0);
  assert.equal(refused.failed.mock.callCount(), 1);
});
