import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { post } from './post.ts';

test('a real receiver gets the body; a name that resolves to loopback is not reached', async () => {
  const got: { body: string; id: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += String(part)));
    request.on('end', () => {
      got.push({ body, id: String(request.headers['webhook-id']) });
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const asked = { headers: { 'webhook-id': 'msg_1' }, body: '{"a":1}', signal: new AbortController().signal };
  assert.equal(await post({ ...asked, url: `http://127.0.0.1:${port}/in`, reach: 'any' }), 302);
  assert.deepEqual(got, [{ body: '{"a":1}', id: 'msg_1' }]);
  await assert.rejects(post({ ...asked, url: `http://localhost:${port}/in`, reach: 'public' }), /no public address/);
  assert.equal(got.length, 1);
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});
