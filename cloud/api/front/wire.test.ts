import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { AnswerReader, wholeRead, withHeader } from './wire.ts';

const HEAD = 'GET /v1/feeders HTTP/1.1\r\nHost: localhost\r\n\r\n';

test('a whole read of the API and nothing behind it is understood; all else is left to the HTTP server', () => {
  assert.equal(wholeRead(Buffer.from(HEAD)), HEAD);
  for (const other of [
    '',
    HEAD.slice(0, -1),
    HEAD + HEAD,
    `${HEAD}x`,
    HEAD.replace('GET', 'HEAD'),
    HEAD.replace('/v1/', '/metrics/'),
    HEAD.replace('Host: localhost', 'Host: localhost\r\nContent-Length: 5'),
    HEAD.replace('Host: localhost', 'Host: localhost\nContent-Length: 5'),
    HEAD.replace('Host: localhost', 'Host: localhost\r\ntransfer-encoding: chunked'),
    HEAD.replace('Host: localhost', 'Host: localhost\r\nExpect: 100-continue'),
    HEAD.replace('Host: localhost', 'Host: localhost\r\nUpgrade: websocket'),
    HEAD.replace('Host: localhost', `X-Long: ${'y'.repeat(20_000)}`),
  ])
    assert.equal(wholeRead(Buffer.from(other)), undefined, other.slice(0, 80));
});

test('a header is added as the last one', () => {
  assert.equal(String(withHeader(HEAD, 'x-mark', 'one')), HEAD.replace('\r\n\r\n', '\r\nx-mark: one\r\n\r\n'));
});

const OURS = 'x-ours';
const answer = (lines: readonly string[], body = ''): string => `${lines.join('\r\n')}\r\n\r\n${body}`;

/** Feeds a text in pieces that end at `cuts`; the state at the end and all that went on. */
function read(text: string, cuts: readonly number[] = []) {
  const reader = new AnswerReader(OURS);
  let passed = '';
  let state = 'going';
  const ends = [...cuts.filter((cut) => cut < text.length).toSorted((a, b) => a - b), text.length];
  ends.forEach((end, index) => {
    const { pass, ...rest } = reader.take(Buffer.from(text.slice(ends[index - 1] ?? 0, end), 'latin1'));
    passed += pass.toString('latin1');
    state = rest.state;
  });
  return { passed, state, reader };
}

test('an answer of a known length ends where it says, however it is cut; our line is taken out', () => {
  const bodies = fc.string({ maxLength: 60 }).map((text) => Buffer.from(text).toString('latin1'));
  fc.assert(
    fc.property(bodies, fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 6 }), (body, cuts) => {
      const lines = ['HTTP/1.1 200 OK', 'etag: "a"', `content-length: ${body.length}`];
      const { passed, state, reader } = read(answer([...lines, `${OURS}: kept`], body), cuts);
      assert.equal(passed, answer(lines, body));
      assert.equal(state, 'done');
      assert.equal(reader.note, 'kept');
      assert.equal(reader.answer.body.toString('latin1'), body);
      assert.equal(reader.answer.lines.join(''), lines.map((line) => `${line}\r\n`).join(''));
    }),
  );
});

for (const [what, text, state] of [
  ['not modified', answer(['HTTP/1.1 304 Not Modified', 'etag: "a"']), 'done'],
  ['chunks', answer(['HTTP/1.1 200 OK', 'transfer-encoding: chunked'], '0\r\n\r\n'), 'unclear'],
  ['no length', answer(['HTTP/1.1 200 OK'], 'x'), 'unclear'],
  ['two lengths in one', answer(['HTTP/1.1 200 OK', 'content-length: 1, 2'], 'x'), 'unclear'],
  ['the end of the connection', answer(['HTTP/1.1 200 OK', 'content-length: 1', 'Connection: close'], 'x'), 'unclear'],
  ['an interim answer', answer(['HTTP/1.1 100 Continue']), 'unclear'],
  ['more than it says', answer(['HTTP/1.1 200 OK', 'content-length: 1'], 'xy'), 'unclear'],
  ['an older protocol', answer(['HTTP/1.0 200 OK', 'content-length: 1'], 'x'), 'unclear'],
  ['a head without an end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}`, 'unclear'],
  ['less than it says', answer(['HTTP/1.1 200 OK', 'content-length: 2'], 'x'), 'going'],
] as const)
  test(`${what}: ${state}, and every byte goes on`, () => {
    const all = read(text);
    assert.deepEqual([all.passed, all.state], [text, state]);
  });
