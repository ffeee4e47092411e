import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SocketServer } from './socket-server.ts';

test('what a person asks is done once, whatever comes behind its line', async (t) => {
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
