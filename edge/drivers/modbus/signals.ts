import type { RegisterSignal } from './schema.ts';
import type { Block, RegisterImage } from './blocks.ts';
import { decode, wordsOf } from './registers.ts';

/** The registers of one value. */
export const spanOf = ({ table, register, type }: RegisterSignal): Block => ({
  table,
  address: register,
  count: wordsOf(type),
});

/** Their value in the unit of its key; undefined if they were not read or the device has no value. */
export function valueOf(signal: RegisterSignal, image: RegisterImage): number | undefined {
  const words = image.get(spanOf(signal));
  if (words === undefined) return undefined;
  const raw = decode(signal.type, words, signal.wordOrder);
  // Most devices report a missing float as NaN.
  return raw === signal.absent || Number.isNaN(raw) ? undefined : raw * signal.scale + signal.offset;
}
