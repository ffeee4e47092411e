/** Leading bytes of a serial number: its time of issue. */
const TIME_BYTES = 6;
const CHANCE_BYTES = 10;
/** A certificate that starts before this carries its time of issue in its serial number. Others were issued at their start. */
const FIRST_YEAR_MS = 8.64e7;
const TWO_THIRDS = 2 / 3;

/**
 * A serial number: the time of issue in ms, then 80 random bits. Our certificates start in 1970, for gateways whose clock is wrong.
 * Therefore the serial number carries the time of issue, and a revocation can cover everything issued before it, with or without a list at
 * hand.
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

/** Time of issue, ms UTC. */
export function issuedAt({ serialNumber: serial, validFromMs }: Dates): number {
  if (validFromMs > FIRST_YEAR_MS) return validFromMs;
  return Number.parseInt(serial.padStart(2 * (TIME_BYTES + CHANCE_BYTES), '0').slice(0, 2 * TIME_BYTES), 16);
}

/** When to renew: after two thirds of the lifetime. */
export function renewFrom(dates: Dates): number {
  const from = issuedAt(dates);
  return from + TWO_THIRDS * (dates.validToMs - from);
}
