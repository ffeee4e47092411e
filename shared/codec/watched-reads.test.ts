import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { watchReads } from './watched-reads.ts';

test('one read returns all data that has arrived, after the watcher has seen it', () => {
  const stream = new PassThrough();
  const seen: string[] = [];
  watchReads(stream, (bytes) => seen.push(Buffer.from(bytes).toString()) > 0);
  for (const piece of ['one ', 'two ', 'three']) stream.write(piece);
  assert.equal(String(stream.read()), 'one two three');
  assert.deepEqual(seen, ['one two three']);
  assert.equal(stream.read(), null);
  assert.deepEqual(seen.length, 1, 'an empty read is not reported');
});

test('data that the watcher rejects is not delivered', () => {
  const stream = new PassThrough();
  watchReads(stream, () => false);
  stream.write('large');
  assert.equal(stream.read(), null);
});

test('a reader that reads once per event is notified of later data', async () => {
  const stream = new PassThrough();
  watchReads(stream, () => true);
  for (const piece of ['one', 'two']) {
    const readable = once(stream, 'readable');
    stream.write(piece);
    stream.write(piece);
    await readable;
    assert.equal(String(stream.read()), piece + piece);
  }
});
