import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { Inbox, KEY_BYTES, MOST_PARTS, opened, Outbox, sealed, type Letter } from './letters.ts';

const key = randomBytes(KEY_BYTES);
const address = { from: 'a', to: 'b', line: 'c', queue: 'd' };
const readBack = (letter: Buffer): Letter => opened(key, letter)!;

test('a message arrives unchanged, split into as many letters as needed', () => {
  const outbox = new Outbox(key, address);
  const inbox = new Inbox();
  const large = { bytes: randomBytes(2_500_000), map: new Map([['x', undefined]]), at: new Date(5) };
  const letters = outbox.lettersOf(large);
  assert.equal(letters.length, 3);
  const [first, second, third] = letters.map((letter) => inbox.take(readBack(letter)));
  assert.deepEqual([first, second], ['part', 'part']);
  assert.deepEqual(third, { message: large });
  const [small] = outbox.lettersOf({ small: true });
  assert.deepEqual(inbox.take(readBack(small!)), { message: { small: true } });
});

test('a letter changed at any byte or sealed with another key is rejected', () => {
  const [letter] = new Outbox(key, address).lettersOf({ act: 'stop' });
  assert.deepEqual(readBack(letter!).envelope, { ...address, number: 1, more: 0 });
  for (let at = 0; at < letter!.length; at++) {
    const changed = Buffer.from(letter!);
    changed[at]! ^= 1;
    assert.equal(opened(key, changed), undefined, `byte ${at}`);
  }
  for (let length = 0; length < letter!.length; length++)
    assert.equal(opened(key, letter!.subarray(0, length)), undefined, `${length} bytes`);
  assert.equal(opened(randomBytes(KEY_BYTES), letter!), undefined);
  assert.equal(letter!.includes('stop'), false, 'the content is encrypted in transit');
});

test('a duplicate counts once, and a gap in the letters is detected', () => {
  const outbox = new Outbox(key, address);
  const inbox = new Inbox();
  const [one, two, three] = [1, 2, 3].map((number) => readBack(outbox.lettersOf({ number })[0]!));
  assert.deepEqual(inbox.take(one!), { message: { number: 1 } });
  assert.equal(inbox.take(one!), 'copy');
  assert.equal(inbox.take(three!), 'gap');
  assert.deepEqual(inbox.take(two!), { message: { number: 2 } });
  assert.deepEqual(inbox.take(three!), { message: { number: 3 } });
});

test('an oversized message is rejected, and neither side buffers without bound', () => {
  const inbox = new Inbox();
  const part = (number: number) =>
    readBack(sealed(key, { envelope: { ...address, number, more: 1 }, part: Buffer.alloc(1) }));
  for (let number = 1; number <= MOST_PARTS; number++) assert.equal(inbox.take(part(number)), 'part');
  assert.equal(inbox.take(part(MOST_PARTS + 1)), 'gap');
});
