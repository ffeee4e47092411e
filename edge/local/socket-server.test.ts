import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { askDaemon } from './socket-client.ts';
import { SocketServer } from './socket-server.ts';

test('a request runs once, and anything after its line is ignored', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-socket-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const asked: unknown[] = [];
  const server = new SocketServer(join(folder, 'edge.sock'), (request) => {
    asked.push(request);
    return { ok: true, text: 'done' };
  });
  await server.start();
  t.after(() => server.stop());
  const socket = connect({ path: join(folder, 'edge.sock'), allowHalfOpen: true });
  socket.write('{"op":"stop"}\n');
  await once(socket, 'data');
  socket.end('\n{"op":"resume"}\n');
  await once(socket, 'close');
  assert.deepEqual(asked, [{ op: 'stop' }]);
});

test('a stop is executed while many clients hang', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-socket-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'edge.sock');
  const asked: unknown[] = [];
  const server = new SocketServer(path, (request) => {
    asked.push(request);
    return { ok: true, text: 'done' };
  });
  await server.start();
  t.after(() => server.stop());
  for (let count = 0; count < 40; count++) {
    const hung = connect({ path });
    hung.on('error', () => undefined);
    t.after(() => hung.destroy());
    await once(hung, 'connect');
  }
  assert.deepEqual(await askDaemon(path, { op: 'stop', reason: 'smoke' }), { ok: true, text: 'done' });
  assert.deepEqual(asked, [{ op: 'stop', reason: 'smoke' }]);
});
