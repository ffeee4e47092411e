import { figure } from '../../../../shared/sentences/figure.ts';
import { language, t, translate } from '../words/t.ts';

/** Number formats of the page: a true minus sign, a narrow space between thousands, and "unknown" for a missing value. */
const MINUS = '\u2212';

export const unknown = (): string => t('unknown');

const isNumber = (value: number | null | undefined): value is number =>
  value !== null && value !== undefined && Number.isFinite(value);

/** `decimals` digits after the point; null and non-finite values read "unknown". */
export function number(value: number | null | undefined, decimals = 0): string {
  if (!isNumber(value)) return unknown();
  const plain = Math.abs(value).toFixed(decimals);
  const digits = figure(plain, language());
  return value < 0 && Number(plain) !== 0 ? `${MINUS}${digits}` : digits;
}

export const kw = (value: number | null | undefined): string =>
  number(value, isNumber(value) && Math.abs(value) < 10 && !Number.isInteger(value) ? 1 : 0);
export const pu = (value: number | null | undefined): string => number(value, 3);
export const percent = (value: number | null | undefined): string => number(value, 0);

export const withUnit = (text: string, unit: string): string =>
  text === unknown() || unit === '' ? text : `${text}\u00a0${unit}`;

/** A duration in its two largest units: 42 s, 3 min, 2 h 10 min, 3 d 4 h. */
export function duration(ms: number | null | undefined): string {
  if (!isNumber(ms)) return unknown();
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

/** Milliseconds for comparison by people: 12 ms, 1.4 s. */
export const milliseconds = (ms: number | null | undefined): string =>
  !isNumber(ms)
    ? unknown()
    : Math.abs(ms) < 1000
      ? `${number(ms, Math.abs(ms) < 10 ? 1 : 0)} ms`
      : `${number(ms / 1000, 1)} s`;

export function bytes(value: number | null | undefined): string {
  if (!isNumber(value)) return unknown();
  if (value < 1000) return `${value} B`;
  const power = value < 1e6 ? 1 : value < 1e9 ? 2 : 3;
  return `${number(value / 1000 ** power, 1)} ${['kB', 'MB', 'GB'][power - 1]!}`;
}

export const euro = (value: number | null | undefined): string => withUnit(number(value, 2), 'EUR');

/** "cloud-plan" reads "cloud plan", in the language of the page. */
export const words = (name: string): string => translate(name.replaceAll('-', ' '));
/** A plan's status. The stored word promises a least violation, which no search proves. */
export const statusWords = (status: string): string =>
  status === 'least-violation' ? t('passes limits') : words(status);

export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Relief of an active guard, and the element if it is known. */
export const guardText = ({
  reliefKw,
  element,
}: {
  readonly reliefKw: number;
  readonly element: string | null;
}): string =>
  element === null
    ? t('relieves {power} kW', { power: number(reliefKw) })
    : t('relieves {power} kW at {element}', { power: number(reliefKw), element });
