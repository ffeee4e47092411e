/** Bytes of a serial number that say when it was drawn. */
const TIME_BYTES = 6;
const CHANCE_BYTES = 10;
/** Certificates that begin before were issued with the serial number below; others tell by their start. */
const FIRST_YEAR_MS = 8.64e7;
const TWO_THIRDS = 2 / 3;

/**
 * A serial number: the time of issue in ms, then 80 random bits. Our certificates begin in 1970, for gateways whose clock is wrong; so
 * the time of issue stands here, and a revocation counts for all that was issued before it, whether or not a list of it is at hand.
 */
export function serialNumber(issuedAt: number): string {
  const time = Math.round(issuedAt)
    .toString(16)
    .padStart(2 * TIME_BYTES, '0');
  return time + crypto.getRandomValues(new Uint8Array(CHANCE_BYTES)).toHex();
}

export interface Dates {
  /** Hexadecimal, with or without leading zeros. */
  readonly serialNumber: string;
  readonly validFromMs: number;
  readonly validToMs: number;
}

/** When a certificate was issued, ms UTC. */
export function issuedAt({ serialNumber: serial, validFromMs }: Dates): number {
  if (validFromMs > FIRST_YEAR_MS) return validFromMs;
  return Number.parseInt(serial.padStart(2 * (TIME_BYTES + CHANCE_BYTES), '0').slice(0, 2 * TIME_BYTES), 16);
}

/** From when on it is to be renewed: at two thirds of its time. */
export function renewFrom(dates: Dates): number {
  const from = issuedAt(dates);
  return from + TWO_THIRDS * (dates.validToMs - from);
}
