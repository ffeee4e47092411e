import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { assertFree, ownerOf } from './busy-port.ts';

test('a busy port is named with its owner, a free one passes', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  assert.equal(ownerOf(port)?.pid, process.pid);
  await assert.rejects(
    assertFree(port, 'page and API'),
    new RegExp(`port ${port} \\(page and API\\) is held by .*\\(pid ${process.pid}\\)`),
  );
  await new Promise((resolve) => server.close(resolve));
  await assertFree(port, 'page and API');
});
