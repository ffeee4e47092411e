import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { assertFree, portFault } from './taken-port.ts';

test('a busy port is named with its owner, a free one passes', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await assert.rejects(
    assertFree(port, 'page and API'),
    new RegExp(`port ${port} \\(page and API\\) is in use by .*\\(pid ${process.pid}\\)`),
  );
  assert.match(
    portFault('EADDRINUSE', { host: '127.0.0.1', port, key: 'api.port' })!.message,
    new RegExp(
      `^port ${port} on 127\\.0\\.0\\.1 is in use by .*\\(pid ${process.pid}\\); choose another for api\\.port$`,
    ),
  );
  await new Promise((resolve) => server.close(resolve));
  await assertFree(port, 'page and API');
});

test('of two listeners on a port the one at the address is named', async (context) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  const { port } = server.address() as { port: number };
  const held = `require('node:net').createServer().listen(${port}, '127.0.0.2', () => console.log('listens'))`;
  const child = spawn(process.execPath, ['--eval', held], { stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(() => child.kill());
  await once(child.stdout, 'data');
  const pidAt = (host: string): number => {
    const { message } = portFault('EADDRINUSE', { host, port, key: 'api.port' })!;
    return Number(/\(pid (\d+)\)/.exec(message)?.[1]);
  };
  assert.deepEqual([pidAt('127.0.0.1'), pidAt('127.0.0.2')], [process.pid, child.pid]);
  assert.ok([process.pid, child.pid].includes(pidAt('0.0.0.0')));
  assert.equal(pidAt('127.0.0.3'), Number.NaN, 'neither blocks that address');
});

test('a port that this user may not open and an address of another machine are rejected with the key', () => {
  const at = { host: '192.0.2.1', port: 443, key: 'api.port' };
  assert.match(portFault('EACCES', at)!.message, /^api\.port 443: this user may not open a port below 1024/);
  assert.equal(portFault('EADDRNOTAVAIL', at)?.message, 'api.port: 192.0.2.1 is not an address of this machine');
  assert.equal(portFault('EMFILE', at), undefined);
});
