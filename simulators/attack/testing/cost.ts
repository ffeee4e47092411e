import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';

export const MB = 1_000_000;

/** `text` again and again between `head` and `tail`, to `size` characters. */
export const filled = (text: string, head = '', tail = '', size = MB): string =>
  head + text.repeat(Math.floor((size - head.length - tail.length) / text.length)) + tail;
export const bytes = (...part: number[]): Buffer =>
  Buffer.alloc(Math.floor(MB / part.length) * part.length, Buffer.from(part));

export function varint(value: number): number[] {
  const found: number[] = [];
  for (let left = value; found.length === 0 || left > 0; left = Math.floor(left / 128))
    found.push((left % 128) | (left > 127 ? 128 : 0));
  return found;
}
/** A field of a protobuf. */
export const message = (field: number, content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(content.length)]), content]);

/** Reads one piece again and again, until a megabyte has been read. */
export function again<Piece extends { readonly length: number }>(
  piece: Piece,
  read: (piece: Piece) => unknown,
): () => void {
  return () => {
    for (let left = MB; left > 0; left -= piece.length) read(piece);
  };
}

/** A refusal with a code is what is meant; any other error would end whoever reads. */
export function refused(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof LoadstoneError)) throw error;
  }
}

/** Milliseconds of this thread: collector and compiler run on others. */
function cpuMs(read: () => void): number {
  const from = process.threadCpuUsage();
  read();
  const { user, system } = process.threadCpuUsage(from);
  return (user + system) / 1000;
}

/** 100 ms are promised. A busy machine takes up to five times as much, and no square takes so little. */
const MOST_MS = 500;
/** What else runs on the machine only adds: the least of some tries is the cost. */
const TRIES = 5;

/** `title`: how much of what is read for each family. */
export function holds(title: string, families: Readonly<Record<string, () => void>>): void {
  test(`${title} costs less than ${MOST_MS} ms of CPU`, () => {
    const slow = Object.entries(families).flatMap(([name, read]) => {
      let least = Infinity;
      for (let n = 0; n < TRIES && least > MOST_MS; n++) least = Math.min(least, cpuMs(read));
      return least > MOST_MS ? [`${name}: ${least.toFixed(0)} ms`] : [];
    });
    assert.deepEqual(slow, []);
  });
}
