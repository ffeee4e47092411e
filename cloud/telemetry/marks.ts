import type { Origin, Quality } from '../../shared/contracts/ids.ts';
import { origins, qualities } from '../../shared/contracts/value-codes.ts';

/** Offsets are keyed modulo this, the number of nanoseconds in a millisecond. */
export const OFFSET_MODULUS = 1_000_000;

export const qualityRank = (quality: Quality): number => qualities.indexOf(quality);
export const qualityOf = (rank: number): Quality => qualities[rank] ?? 'bad';

/**
 * Offset, quality and origin as one integer: 16 x (offset div 10^6) + 4 x quality + origin. With the key's (offset mod 10^6) it gives the
 * whole offset. 0 is the common case: good, measured, first million.
 */
export const markOf = (offset: number, quality: Quality, origin: Origin): number =>
  Math.floor(offset / OFFSET_MODULUS) * 16 + qualities.indexOf(quality) * 4 + origins.indexOf(origin);

export const qualityOfMark = (mark: number): Quality => qualityOf(Math.floor(mark / 4) % 4);
export const originOfMark = (mark: number): Origin => origins[mark % 4] ?? 'substituted';
export const offsetOfMark = (mark: number, low: number): number => Math.floor(mark / 16) * OFFSET_MODULUS + low;
