import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { listen } from './listen.ts';

test('each fault of a listening server is reported, and none ends the process', async (t) => {
  const server = createServer();
  t.after(() => server.close());
  const reported: unknown[] = [];
  await listen(server, { host: '127.0.0.1', port: 0, key: 'uplink.plainPort' }, (error) => reported.push(error));
  const faults = [new Error('too many open files'), new Error('too many open files again')];
  for (const fault of faults) server.emit('error', fault);
  assert.deepEqual(reported, faults);
});
