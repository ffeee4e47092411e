import { gzipSync } from 'node:zlib';
import { judged, type Attack, type Group } from '../attack.ts';
import { endOf } from '../end-of.ts';
import { codeIn, shown, type Door } from '../door.ts';

const SMALL = { cpuMs: 4000, memoryMb: 150 };
const POST = 'POST /v1/session HTTP/1.1';
const JSON_BODY = 'Content-Type: application/json';

/** Status and code of each answer to a raw request. */
async function answersTo(door: Door, lines: readonly string[], body: string | Buffer = ''): Promise<string> {
  const [first = '', ...rest] = lines;
  const answers = await door.raw([first, door.host, ...rest, 'Connection: close', '', ''].join('\r\n'), body);
  if (answers.length === 0) return 'the connection is closed';
  return answers.map((text) => shown({ status: Number(text.split(' ')[1]), code: codeIn(text) })).join(', ');
}

/** A Buffer is gzip-compressed. */
const sent = (body: string | Buffer) => [
  POST,
  JSON_BODY,
  `Content-Length: ${Buffer.byteLength(body)}`,
  ...(Buffer.isBuffer(body) ? ['Content-Encoding: gzip'] : []),
];

const smuggling = (name: string, title: string, headers: readonly string[], body: string): Attack => ({
  id: `http/${name}`,
  title,
  requirements: ['CR 3.5', 'CR 3.1'],
  expected: '400 LS-API-001, and only one answer',
  run: async ({ door }) => judged(await answersTo(door, [POST, JSON_BODY, ...headers], body), /^400 LS-API-001$/),
});

const bodyOf = (name: string, title: string, expected: RegExp, make: () => string | Buffer): Attack => ({
  id: `http/${name}`,
  title,
  requirements: ['CR 3.5', 'CR 7.1', 'CR 7.2'],
  expected: 'an error at little cost',
  within: SMALL,
  run: async ({ door }) => {
    const body = make();
    return judged(await answersTo(door, sent(body), body), expected);
  },
});

/** The server sees a request whose header never ends. */
const slowly = (name: string, title: string, start: string): Attack => ({
  id: `http/${name}`,
  title,
  requirements: ['CR 7.1', 'CR 2.6'],
  expected: 'the connection is closed',
  isPatient: true,
  run: async ({ door }) => {
    const socket = (await door.socket()).resume();
    const closed = endOf(socket);
    socket.write(start);
    return judged(await closed, /closed/);
  },
});

/** HTTP that no honest client sends. */
export const httpHostile: Group = {
  id: 'http',
  title: 'Slowloris, Content-Length and Transfer-Encoding at once, deep JSON, zip bomb, quadratic text',
  asset: 'page and API for all other users',
  from: 'a client of page and API',
  defence:
    'strict parsing, bodies up to 1 MB, timeouts: cloud/api/app.ts, cloud/api/request-form.ts, cloud/api/http-limits.ts',
  attacks: [
    slowly(
      'slow-headers',
      'begins a request and never completes it',
      'GET /v1/session HTTP/1.1\r\nHost: localhost\r\nX-',
    ),
    slowly('silence', 'connects and sends nothing', ''),
    smuggling(
      'length-and-chunks',
      'sends both Content-Length and chunks, with a second request behind',
      ['Content-Length: 5', 'Transfer-Encoding: chunked'],
      '0\r\n\r\nGET /v1/gateways HTTP/1.1\r\n\r\n',
    ),
    smuggling('two-lengths', 'sends two lengths', ['Content-Length: 2', 'Content-Length: 40'], '{}'),
    smuggling('odd-chunks', 'names an unknown transfer encoding', ['Transfer-Encoding: xchunked'], '0\r\n\r\n'),
    bodyOf(
      'deep-json',
      'sends JSON of 100,000 levels',
      /^400 LS-API-001$/,
      () => `${'['.repeat(1e5)}${']'.repeat(1e5)}`,
    ),
    bodyOf(
      'prototype-json',
      'sends the key __proto__',
      /^400 LS-API-001$/,
      () => '{"__proto__":{"user":"x"},"user":"x","password":"x"}',
    ),
    bodyOf('zip-bomb', 'sends 50 MB, compressed to 50 kB', /^400 LS-API-001$/, () =>
      gzipSync(Buffer.alloc(50_000_000, ' ')),
    ),
    bodyOf(
      'quadratic-text',
      'sends 900 kB of escaped quotes',
      /^4\d\d LS-API-\d+$/,
      () => `{"user":"${'\\"'.repeat(450_000)}"`,
    ),
    bodyOf('large-body', 'sends a body above 1 MB', /^(413 LS-API-006|the connection is closed)$/, () =>
      'x'.repeat(1_000_001),
    ),
    {
      id: 'http/long-header',
      title: 'sends a header of 100 kB',
      requirements: ['CR 3.5', 'CR 7.2'],
      expected: '413 LS-API-006',
      within: SMALL,
      run: async ({ door }) =>
        judged(await answersTo(door, ['GET /v1/session HTTP/1.1', `X-Long: ${'y'.repeat(1e5)}`]), /^413 LS-API-006/),
    },
  ],
};
