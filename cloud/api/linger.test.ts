import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { test } from 'node:test';
import { letGo } from './linger.ts';

const BYTES = 30_000_000;

test('who reads slowly gets all of the answer; who then goes on to send is cut', async () => {
  const due: (() => unknown)[] = [];
  const after = (_ms: number, task: () => unknown) => {
    due.push(task);
    return { cancel: () => undefined };
  };
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({ port: (server.address() as AddressInfo).port, allowHalfOpen: true });
  const [accepted] = (await once(server, 'connection')) as [Socket];
  accepted.write(Buffer.alloc(BYTES));
  letGo(accepted, { after });
  letGo(accepted, { after });
  // Long before the client reads, any time that was set has passed.
  for (const task of due.splice(0)) task();
  let got = 0;
  client.on('data', (bytes) => (got += bytes.length));
  await once(client, 'end');
  assert.equal(got, BYTES);
  client.write('more');
  assert.equal(due.length, 1);
  due[0]!();
  assert.equal(accepted.destroyed, true);
  client.destroy();
  server.close();
});
