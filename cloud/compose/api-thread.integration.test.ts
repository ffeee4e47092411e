import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { until } from '../../shared/testing/until.ts';
import { systemTimeBase } from '../../shared/time/system-clock.ts';
import type { GuardedOwner } from '../api/owner-acts.ts';
import { testRegion } from '../plan/testing/fixture.ts';
import { ChangeFeed } from '../read-model/change-feed.ts';
import type { RoleNotice } from '../read-model/notice.ts';
import { dataFiles } from '../telemetry/data-files.ts';
import { ApiThread, type ApiThreadOptions } from './api-thread.ts';
import { closeStores, makeStores, openStores } from './stores.ts';
import { apiStart } from './testing/api-start.ts';

const data = await mkdtemp(join(tmpdir(), 'api-thread-'));
const files = dataFiles(data);
const stores = makeStores(data, files, () => undefined);
await openStores(stores);
const region = testRegion('owd');
const feed = new ChangeFeed<RoleNotice>();
feed.set('pace', '', { speed: 1, speedReached: 1, simulated: false });
const failures: string[] = [];
const threads: Worker[] = [];
process.on('worker', (worker: Worker) => threads.push(worker));
let wroteDown: unknown[] = [];
const beforeAct = Promise.withResolvers<void>();
const act = Promise.withResolvers<void>();
const time = systemTimeBase(() => undefined);
/** How far the beat of the owner's thread is behind. */
let behindMs = 0;
const options: ApiThreadOptions = {
  start: { ...apiStart(region), data },
  owner: {
    grid: { metrics: async () => 'metrics' },
    alarms: { list: () => [{ id: 1, target: 'substation:owd' }] },
    areas: { all: () => [{ target: 'substation:owd', holder: 'anna' }] },
    people: {
      removeUser: async () => {
        beforeAct.resolve();
        await act.promise;
      },
    },
    audit: { append: (facts: unknown) => void (wroteDown = [...wroteDown, facts]) },
  } as unknown as GuardedOwner,
  answers: stores.idempotency,
  feed,
  writer: { look: () => feed.release() },
  time: { ...time, elapsed: () => time.elapsed() - behindMs },
  onFailure: (error) => failures.push(String(error)),
};
const thread = new ApiThread(options);
const port = await thread.open();
after(async () => {
  act.resolve();
  await thread.close();
  closeStores(stores);
  await rm(data, { recursive: true, force: true });
});
const ask = (path: string, method = 'GET') =>
  fetch(`http://127.0.0.1:${port}${path}`, { method, headers: { authorization: 'Bearer own' } });
const answersAgain = () =>
  until('it answers', async () => {
    try {
      return (await ask('/metrics')).status === 200;
    } catch {
      return false;
    }
  });

test('alarms of my areas follow the current holder, not the last feed update', async () => {
  const { items } = (await (await ask('/v1/alarms?area=mine')).json()) as { items: unknown[] };
  assert.deepEqual(items, []);
});

test('a thread that fails to start leaves nothing that keeps the process alive', async () => {
  const failing = new ApiThread({ ...options, start: { ...options.start, data: (() => 'no data') as never } });
  await assert.rejects(failing.open(), { name: 'DataCloneError' });
});

test('/livez answers 503 while the owner thread is blocked', async () => {
  const tells = (status: number) => until(`it answers ${status}`, async () => (await ask('/livez')).status === status);
  await tells(200);
  behindMs = 61_000;
  await tells(503);
  behindMs = 0;
  await tells(200);
});

test('a thread that cannot follow the state is restarted', async () => {
  assert.equal((await ask('/metrics')).status, 200);
  feed.changed('alarmCount', 'owd-01', (() => 1) as never);
  feed.release();
  await until('it is started again', () => failures.some((each) => each.includes('started again')));
  feed.set('alarmCount', 'owd-01', 3);
  await answersAgain();
});

test('a thread that fails while starting is restarted', async () => {
  let deaths = 0;
  const kill = (worker: Worker): void => {
    if (++deaths > 1) return;
    // The error of a thread that is out of memory.
    worker.emit('error', new Error('out of memory'));
    void worker.terminate();
  };
  process.on('worker', kill);
  await threads.at(-1)!.terminate();
  await until('it died at its start', () => deaths > 0);
  await answersAgain();
  process.off('worker', kill);
});

test('an act in progress at the stop is audited', async () => {
  void ask('/v1/users/somebody', 'DELETE').catch(() => undefined);
  await beforeAct.promise;
  const closed = thread.close();
  // The connection is closed; the act is completed afterwards.
  await until('new connections are rejected', async () => ask('/metrics').then(() => false, () => true)); // prettier-ignore
  act.resolve();
  await closed;
  assert.deepEqual(
    wroteDown.map((facts) => (facts as { what: string }).what),
    ['DELETE /v1/users/:id'],
  );
});
