import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { until } from '../../shared/testing/until.ts';
import { machineMonotonicMs } from '../../shared/time/system-clock.ts';
import { START } from '../api/testing/api-fixture.ts';
import { startCloud } from '../main.ts';
import { testRegion } from '../plan/testing/fixture.ts';
import type { FromCloud, ToCloud } from '../simulation/parent-line.ts';

const data = await mkdtemp(join(tmpdir(), 'api-role-'));
await writeFile(join(data, 'users.htpasswd'), '');
await writeFile(join(data, 'region.json'), JSON.stringify(testRegion('owd', 'whf')));

/** The process that runs the plant, as the cloud sees it. */
const messages: FromCloud[] = [];
const listeners: ((message: ToCloud) => void)[] = [];
const say = (message: ToCloud): void => listeners.forEach((listener) => listener(message));
const line = { plantOriginMs: START, monotonicOriginMs: machineMonotonicMs(), speed: 60 };
const options = (port: number, folder: string) => ({
  file: 'test',
  text: `region: ${join(data, 'region.json')}\ndata: ${folder}\napi: { port: ${port} }\nuplink: { plainPort: 0, usersFile: ${join(data, 'users.htpasswd')} }\nestimate: { everyS: 60 }\n`,
  flags: {},
  dashboardRoot: undefined,
  parent: {
    send: (message: FromCloud) => messages.push(message) > 0,
    on: (_event: 'message', listener: (message: ToCloud) => void) => {
      listeners.push(listener);
      listener({ type: 'timeline', line });
    },
  },
  log: () => undefined,
});

const threads: Worker[] = [];
process.on('worker', (worker: Worker) => threads.push(worker));
const cloud = await startCloud(options(0, join(data, 'cloud')));
/** The API's thread is the last one that starts before the cloud returns its URL. */
const apiThread = threads.at(-1)!.threadId;
after(async () => {
  await cloud.stop();
  await rm(data, { recursive: true, force: true });
});
const ready = messages.find((message) => message.type === 'ready')!;
const { url } = cloud;
const auth = { authorization: `Bearer ${ready.token}` };
const get = async (path: string, headers: Readonly<Record<string, string>> = auth) => {
  const response = await fetch(`${url}${path}`, { headers });
  return { status: response.status, body: (await response.json()) as never };
};
const send = (method: string, path: string, body: unknown, headers: Readonly<Record<string, string>> = auth) =>
  fetch(`${url}${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

test('views and store reads are answered while the control room computes', async () => {
  const done = new Int32Array(new SharedArrayBuffer(4));
  const client = new Worker(
    `const { workerData: { url, auth, done } } = require('node:worker_threads');
     (async () => {
       for (const path of ['/v1/view/region', '/v1/gateways', '/v1/devices', '/v1/events', '/v1/models', '/v1/users'])
         if ((await fetch(url + path, { headers: auth })).status !== 200) return;
       Atomics.store(done, 0, 1);
       Atomics.notify(done, 0);
     })();`,
    { eval: true, workerData: { url, auth, done } },
  );
  // Blocks the owner's thread, which is this one, until the client has its answers.
  assert.notEqual(Atomics.wait(done, 0, 0, 30_000), 'timed-out');
  await client.terminate();
});

test('a read after a write sees the write', async () => {
  for (let each = 0; each < 3; each++) {
    const name = `person-${each}`;
    const put = await send('PUT', `/v1/users/${name}`, { roles: ['operator'], areas: '*' });
    assert.equal(put.status, 200, await put.text());
    const { body } = await get('/v1/users');
    assert.ok((body as { items: { name: string }[] }).items.some((user) => user.name === name));
  }
});

test('an error of the control room arrives with its code, a bug as an internal error', async () => {
  const { status, body } = await get('/v1/alarms/figures?from=2021-01-02T00:00:00Z&to=2021-01-01T00:00:00Z');
  assert.deepEqual([status, (body as { code: string }).code], [422, 'LS-API-007']);
  const gone = await get('/v1/commands/none');
  assert.deepEqual([gone.status, (gone.body as { code: string }).code], [404, 'LS-API-004']);
});

test('plant time follows the time line the owner sets', async () => {
  const plantTime = async (): Promise<number> =>
    ((await get('/v1/view/region')).body as { clock: { plantTime: number } }).clock.plantTime;
  const later = { ...line, plantOriginMs: START + 86_400_000, speed: 1 };
  say({ type: 'timeline', line: later });
  await until('the api role has the new line', async () => (await plantTime()) > START + 86_000_000);
});

test("a stream ends with its reader's rights", async () => {
  const signedIn = await send(
    'POST',
    '/v1/session',
    { user: ready.operator.name, password: ready.operator.password },
    { origin: url },
  );
  const cookie = signedIn.headers.getSetCookie()[0]!.split(';')[0]!;
  const { csrf } = (await signedIn.json()) as { csrf: string };
  const stream = await fetch(`${url}/v1/stream?topics=region`, { headers: { cookie } });
  assert.equal(stream.status, 200);
  const ended = stream.text();
  const out = await send('DELETE', '/v1/session', undefined, { cookie, origin: url, 'x-csrf-token': csrf });
  assert.equal(out.status, 200, await out.text());
  assert.match(await ended, /event: region/);
});

test('an api thread that dies restarts on its port with the full state', async () => {
  const before = await get('/v1/gateways');
  assert.equal((before.body as { items: unknown[] }).items.length, 2);
  const [api] = threads.filter((worker) => worker.threadId === apiThread);
  await api!.terminate();
  const again = await until('it answers again', async () => {
    try {
      return await get('/v1/gateways');
    } catch {
      return undefined;
    }
  });
  assert.equal(again.status, 200);
  assert.equal((again.body as { items: unknown[] }).items.length, 2);
});

test('a port in use is named, and a cloud that cannot listen exits', async () => {
  const port = Number(new URL(url).port);
  await assert.rejects(startCloud(options(port, join(data, 'second'))), { code: 'LS-PORT-001' });
});
