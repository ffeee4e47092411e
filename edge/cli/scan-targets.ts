import { isIPv4 } from 'node:net';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';

const MOST_HOSTS = 256;

/** Parses `10.0.0.21`, `inverter.local`, `10.0.0.20-40`, `10.0.0.20-10.0.0.40` into hosts. */
export function hostsOf(text: string): string[] {
  const [first = '', last] = text.split('-');
  if (last === undefined || !isIPv4(first)) return [text];
  const from = numberOf(first);
  const to = isIPv4(last) ? numberOf(last) : from - (from % 256) + Number(last);
  const fits = Number.isInteger(to) && to >= from && to - from < MOST_HOSTS && (isIPv4(last) || Number(last) <= 255);
  if (!fits)
    throw new LoadstoneError(
      'LS-CONFIG-002',
      `${text}: expected a range such as 192.168.10.20-40, at most ${MOST_HOSTS} hosts`,
    );
  return Array.from({ length: to - from + 1 }, (_, at) => addressOf(from + at));
}

/** Parses `3` or `1-10` into unit numbers. */
export function unitsOf(text: string): number[] {
  const match = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(text);
  const from = Number(match?.[1] ?? Number.NaN);
  const to = match?.[2] === undefined ? from : Number(match[2]);
  if (!(from >= 0 && to >= from && to <= 255))
    throw new LoadstoneError(
      'LS-CONFIG-002',
      `--unit ${text}: expected a number from 0 to 255, or a range such as 1-10`,
    );
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const addressOf = (value: number): string =>
  [24, 16, 8, 0].map((bits) => Math.floor(value / 2 ** bits) % 256).join('.');
