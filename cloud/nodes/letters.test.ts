import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { Inbox, KEY_BYTES, MOST_PARTS, opened, Outbox, OWNER, sealed, type Letter } from './letters.ts';
import type { FromNode, FromOwner } from './messages.ts';

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

/**
 * Sealed by the first version with letters, under the bytes 0 to 31. A node and an owner of different versions must be able to read why
 * they do not work together; all else that they exchange is of one version.
 */
const HELLO =
  '004a7b2266726f6d223a226e6f64652d31222c22746f223a226f776e6572222c226c696e65223a22222c227175657565223a22712d31222c226e756d626572223a312c226d6f7265223a307df12f1977209f2c8dd298e1b6685179e631ded7ba82e6de886f60cc1319ee372e93cec8f08a1e672ea2bf69dde9eeb10a75355642960e6280d1a0fd05e414';
const REFUSED =
  '00477b2266726f6d223a226f776e6572222c22746f223a226e6f64652d31222c226c696e65223a22222c227175657565223a22222c226e756d626572223a312c226d6f7265223a307d0d78a69ad1f3d03eb66c9c4d2e4c251d36bacf007be5616e913d1ab66e64b647a37b8548e0d86e231caa48d21b00b2b8a1e1dc8a4a97b91f883f5d9d3901854b2fb7e550c37802018900';

test('the letters by which versions find that they differ keep their form', () => {
  const known = Uint8Array.from({ length: KEY_BYTES }, (_, at) => at);
  const read = (hex: string) => {
    const letter = opened(known, Buffer.from(hex, 'hex')) ?? assert.fail('a letter');
    return [letter.envelope, new Inbox().take(letter)];
  };
  const hello: FromNode = { kind: 'hello', version: '0.2.0' };
  const refused: FromOwner = { kind: 'refused', why: 'other version', at: 5 };
  assert.deepEqual(read(HELLO), [
    { from: 'node-1', to: OWNER, line: '', queue: 'q-1', number: 1, more: 0 },
    { message: hello },
  ]);
  assert.deepEqual(read(REFUSED), [
    { from: OWNER, to: 'node-1', line: '', queue: '', number: 1, more: 0 },
    { message: refused },
  ]);
});
