import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { debianTool } from '../../simulators/testing/debian.ts';
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

test('a certificate of an unknown authority is rejected; one of the named authority is accepted', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-webhook-tls-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const { path, env } = debianTool('openssl');
  const made = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ${keyFile} -out ${certFile} -subj /CN=localhost -addext subjectAltName=DNS:localhost -days 10`;
  execFileSync(path, made.split(' '), { env, stdio: 'ignore' });
  const ca = readFileSync(certFile, 'utf8');
  let asked = 0;
  const server = createSecureServer({ key: readFileSync(keyFile), cert: ca }, (_request, response) => {
    asked++;
    response.writeHead(204).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `https://localhost:${(server.address() as AddressInfo).port}/in`;
  const request = { url, headers: {}, body: '{}', reach: 'any', signal: new AbortController().signal } as const;
  await assert.rejects(post(request), /certificate/);
  assert.equal(asked, 0);
  assert.equal(await post({ ...request, ca }), 204);
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});
