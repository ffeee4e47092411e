import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';

export const MB = 1_000_000;

export const bytes = (...part: number[]): Buffer =>
  Buffer.alloc(Math.floor(MB / part.length) * part.length, Buffer.from(part));

export function varint(value: number): number[] {
  const found: number[] = [];
  for (let left = value; found.length === 0 || left > 0; left = Math.floor(left / 128))
    found.push((left % 128) | (left > 127 ? 128 : 0));
  return found;
}
/** A length-delimited field of a protobuf. */
export const message = (field: number, content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(content.length)]), content]);

/** Reads one piece repeatedly, up to a megabyte in total. */
export function again<Piece extends { readonly length: number }>(
  piece: Piece,
  read: (piece: Piece) => unknown,
): () => void {
  return () => {
    for (let left = MB; left > 0; left -= piece.length) read(piece);
  };
}

/** Accepts a refusal with a code. Any other error would end the reader. */
export function refused(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof LoadstoneError)) throw error;
  }
}

/** CPU time of this thread, ms. Garbage collector and compiler run on other threads. */
function cpuMs(read: () => void): number {
  const from = process.threadCpuUsage();
  read();
  const { user, system } = process.threadCpuUsage(from);
  return (user + system) / 1000;
}

/** 100 ms are promised. A busy machine takes up to five times as long, and quadratic cost takes more than that. */
const MOST_MS = 500;
/** Other load on the machine only adds, so the minimum of several tries is the cost. */
const TRIES = 5;

/** `title`: how much of which input each family reads. */
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
