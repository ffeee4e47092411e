import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { spawn } from 'node:child_process';
import type { Worker } from 'node:worker_threads';
import { TOKEN } from '../testing/api-fixture.ts';
import { served } from '../testing/served.ts';

const root = await mkdtemp(join(tmpdir(), 'front-life-'));
const was = process.env['TMPDIR'];
process.env['TMPDIR'] = root;
afterEach(() => (process.env['TMPDIR'] = root));
after(async () => {
  if (was === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = was;
  await rm(root, { recursive: true, force: true });
});

const headers = { authorization: `Bearer ${TOKEN}` };

/** Served, with its front's thread. */
async function withThread() {
  const started = once(process, 'worker') as Promise<[Worker]>;
  const all = await served();
  return { ...all, worker: (await started)[0] };
}

test('a thread that dies is started anew on the port that it had, also where any was wanted, with the rates as they stand', async () => {
  const { front, url, worker, state } = await withThread();
  assert.equal((await fetch(`${url}/v1/gateways`, { headers })).status, 200);
  const taken = state.rates.find((cell) => cell > 0n);
  const started = once(process, 'worker') as Promise<[Worker]>;
  await worker.terminate();
  const [next] = await started;
  await once(next, 'message');
  const { status } = await fetch(`${url}/v1/gateways`, { headers });
  assert.equal(status, 200);
  assert.ok(state.rates.find((cell) => cell > 0n)! > taken!);
  await front.close();
  await assert.rejects(fetch(`${url}/v1/gateways`, { headers }));
});

test('a stop does not wait for who says nothing, asks without an end, or looks on; and leaves nothing behind', async () => {
  const { front, port, app } = await withThread();
  const silent = connect(port, '127.0.0.1');
  const half = connect(port, '127.0.0.1');
  half.write('POST /v1/session HTTP/1.1\r\n');
  const streaming = connect(port, '127.0.0.1');
  const inner = connect(app.server.address() as string);
  const all = [silent, half, streaming, inner];
  for (const each of all) each.on('error', () => undefined);
  streaming.write(`GET /v1/stream?topics=region HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
  await Promise.all([
    once(streaming, 'data'),
    ...[silent, half, inner].map((each) => (each.readyState === 'open' ? undefined : once(each, 'connect'))),
  ]);
  const closed = all.map((each) => once(each.resume(), 'close'));
  const folder = dirname(app.server.address() as string);
  assert.ok(existsSync(folder));
  await front.close();
  await Promise.all(closed);
  assert.equal(existsSync(folder), false);
  await front.close();
});

test('where the port is taken, the socket and its folder go as well', async () => {
  const { front, port } = await withThread();
  const before = await readdir(root);
  await assert.rejects(served({}, { port }), { code: 'LS-PORT-001' });
  assert.deepEqual(await readdir(root), before);
  await front.close();
});

test('a folder that cannot be used, or whose path is too long, is named with a code', async () => {
  process.env['TMPDIR'] = join(root, 'nothing');
  await assert.rejects(served(), { code: 'LS-PORT-002', message: /nothing/ });
  const long = join(root, 'a'.repeat(100));
  await mkdir(long);
  process.env['TMPDIR'] = long;
  await assert.rejects(served(), { code: 'LS-PORT-002', message: /too long/ });
  assert.deepEqual(await readdir(long), []);
});

test('what a killed cloud left behind goes at the next start; another that runs keeps its own', async () => {
  const other = await served();
  const left = join(root, 'loadstone-front-killed');
  const starting = join(root, 'loadstone-front-starts');
  const foreign = join(root, 'loadstone-front-foreign');
  for (const each of [left, starting, foreign]) await mkdir(each);
  await writeFile(join(foreign, 'http.sock'), 'no socket');
  await writeFile(join(foreign, 'kept'), '');
  const code = `require('node:net').createServer().listen(${JSON.stringify(join(left, 'http.sock'))}, () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', code]), 'exit');
  assert.ok(existsSync(join(left, 'http.sock')));
  const next = await served();
  assert.deepEqual([left, starting].map(existsSync), [false, true]);
  assert.ok(existsSync(join(foreign, 'kept')));
  for (const { url } of [other, next]) assert.equal((await fetch(`${url}/v1/gateways`, { headers })).status, 200);
  await Promise.all([other.front.close(), next.front.close()]);
});
