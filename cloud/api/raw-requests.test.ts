import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { memoryAudit, TOKEN } from './testing/api-fixture.ts';
import { served } from './testing/served.ts';

const audit = memoryAudit();
const { close, port } = await served({ audit, guests: true });
after(close);

/** Writes raw bytes and reads until the server closes the connection. */
async function raw(...parts: readonly (string | Buffer)[]): Promise<{ status: number; code: string | undefined }> {
  const socket = connect(port, '127.0.0.1');
  for (const part of parts) socket.write(part);
  let text = '';
  for await (const bytes of socket) text += String(bytes);
  return { status: Number(text.split(' ')[1]), code: /"code":"(LS-[A-Z]+-\d+)"/.exec(text)?.[1] };
}

/** Sends a request made of lines; the server closes the connection after its answer. */
const ask = (start: string, headers: readonly string[], body: string | Buffer = '') =>
  raw([start, ...headers, 'connection: close', '', ''].join('\r\n'), body);

const HOST = 'Host: localhost';
const AUTH = `Authorization: Bearer ${TOKEN}`;
const REFUSED = { status: 400, code: 'LS-API-001' };
const GET = 'GET /v1/gateways HTTP/1.1';
const POST = 'POST /v1/session HTTP/1.1';
const JSON_BODY = 'Content-Type: application/json';

test('a plain request over the same socket is answered', async () => {
  assert.equal((await ask(GET, [HOST])).status, 200);
  assert.equal((await ask(GET, ['Host: LOCALHOST:8080', AUTH])).status, 200);
});

for (const [what, headers] of [
  ['two Host headers, the foreign one last', [HOST, 'Host: evil.example']],
  ['two Host headers, the foreign one first', ['Host: evil.example', HOST]],
  ['two Host headers of one name', [HOST, 'hOST: localhost']],
  ['no Host header', []],
  ['an empty Host header', ['Host:']],
  ['two hosts in one header', ['Host: localhost, evil.example']],
  ['a host behind a user', ['Host: localhost:80@evil.example']],
  ['a host with a path', ['Host: localhost/evil']],
  ['two tokens', [HOST, AUTH, 'Authorization: Bearer other']],
  ['two origins', [HOST, AUTH, 'Origin: http://localhost', 'Origin: http://evil.example']],
  ['a folded header', [HOST, 'X-Long: one', ' two']],
  ['a space before the colon', ['Host : localhost']],
] as const)
  test(`${what}: rejected with a code`, async () => {
    assert.deepEqual(await ask(GET, headers), REFUSED);
  });

for (const target of ['http://evil.example/v1/gateways', 'http://localhost/v1/gateways', '*', 'v1/gateways'])
  test(`the target ${target} is not a path: rejected with a code`, async () => {
    assert.deepEqual(await ask(`GET ${target} HTTP/1.1`, [HOST, AUTH]), REFUSED);
  });

test('a foreign Host is rejected, also over HTTP/1.0 and for a file', async () => {
  const foreign = { status: 403, code: 'LS-API-003' };
  assert.deepEqual(await ask(GET, ['Host: evil.example']), foreign);
  assert.deepEqual(await ask('GET /openapi.json HTTP/1.1', ['Host: evil.example']), foreign);
  assert.deepEqual(await ask('GET /v1/gateways HTTP/1.0', ['Host: evil.example']), foreign);
  assert.deepEqual(await ask('GET /v1/gateways HTTP/1.0', []), REFUSED);
});

for (const [what, headers, body] of [
  [
    'a length and chunks',
    ['Content-Length: 5', 'Transfer-Encoding: chunked'],
    '0\r\n\r\nGET /v1/gateways HTTP/1.1\r\n\r\n',
  ],
  ['two lengths', ['Content-Length: 2', 'Content-Length: 40'], '{}'],
  ['a length that is not a number', ['Content-Length: +2'], '{}'],
  ['chunks under another name', ['Transfer-Encoding: xchunked'], '0\r\n\r\n'],
  ['chunks that are not the last coding', ['Transfer-Encoding: chunked, identity'], '0\r\n\r\n'],
  ['a chunk with an invalid length', ['Transfer-Encoding: chunked'], 'zz\r\n{}\r\n0\r\n\r\n'],
] as const)
  test(`${what}: rejected with a code, and nothing after it is read as a request`, async () => {
    assert.deepEqual(await ask(POST, [HOST, JSON_BODY, ...headers], body), REFUSED);
  });

test('bodies that are 100,000 levels deep, compressed or hold prototype keys are rejected; the server survives', async () => {
  const send = (body: string | Buffer, ...more: readonly string[]) =>
    ask(POST, [HOST, JSON_BODY, `Content-Length: ${Buffer.byteLength(body)}`, ...more], body);
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  assert.deepEqual(await send(deep), REFUSED);
  assert.deepEqual(await send(`{"user":${deep},"password":"x"}`), REFUSED);
  assert.deepEqual(await send('{"__proto__":{"user":"x"},"user":"x","password":"x"}'), REFUSED);
  assert.deepEqual(await send('{"constructor":{"prototype":{}},"user":"x","password":"x"}'), REFUSED);
  const bomb = gzipSync(Buffer.alloc(50_000_000, ' '));
  assert.deepEqual(await send(bomb, 'Content-Encoding: gzip'), REFUSED);
  assert.deepEqual(await send('x'.repeat(1_000_001)), { status: 413, code: 'LS-API-006' });
  assert.equal((await ask(GET, [HOST])).status, 200);
  assert.deepEqual(audit.entries, []);
});

test('overlong headers are rejected with a code', async () => {
  const answer = await ask(GET, [HOST, `X-Long: ${'y'.repeat(20_000)}`]);
  assert.deepEqual(answer, { status: 413, code: 'LS-API-006' });
});
