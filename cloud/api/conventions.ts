import { Type } from 'typebox';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';

export { SIGN_CONVENTION, Unit } from '../../shared/contracts/planner.ts';

/** The conventions of the planner API: time, duration, unit, target, format. */

/** RFC 3339, 5.6: letters in either case, and a space between date and time, as pandas writes it. */
const DATE_TIME = /^(\d{4}-\d{2}-\d{2})[Tt ]((?:[01]\d|2[0-3]):\d{2}(?::\d{2}(?:\.\d{1,9})?)?)([Zz]|[+-]\d{2}:\d{2})$/;
const LOST_PLUS = / \d{2}:\d{2}$/;

/** Parses RFC 3339 with any offset to ms UTC; throws LS-API-001. */
export function parseTime(text: string, pointer: string): number {
  const [, day = '', timeOfDay = '', offset = ''] = DATE_TIME.exec(text) ?? [];
  const time = Date.parse(`${day}T${timeOfDay}${offset.toUpperCase()}`);
  // Date.parse reads February 30 as March 2.
  if (
    Number.isNaN(time) ||
    (Number(day.slice(8)) > 28 && !new Date(`${day}T00:00:00Z`).toISOString().startsWith(day))
  ) {
    const hint = LOST_PLUS.test(text) ? ' (in a URL, write + as %2B)' : '';
    throw new LoadstoneError(
      'LS-API-001',
      `${pointer}: "${text.slice(0, 40)}" is not an RFC 3339 time such as 2021-10-02T00:00:00Z${hint}`,
      pointer,
    );
  }
  return time;
}

export const formatTime = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

const RESOLUTIONS: Readonly<Record<string, number>> = { PT15M: 900, PT30M: 1800, PT1H: 3600 };
export const Resolution = Type.Union([Type.Literal('PT15M'), Type.Literal('PT30M'), Type.Literal('PT1H')]);

export const resolutionSeconds = (name: string): number => RESOLUTIONS[name]!;
export const resolutionName = (seconds: number): string =>
  Object.keys(RESOLUTIONS).find((name) => RESOLUTIONS[name] === seconds) ?? `PT${seconds}S`;

/** Parses an ISO 8601 duration of weeks, or of days, hours, minutes and seconds, to ms; throws LS-API-001. */
export function parseDuration(text: string, pointer: string): number {
  const match = /^P(?:(\d+)W|(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?)$/.exec(text);
  const [weeks, days, hours, minutes, seconds] = (match ?? []).slice(1).map((part) => Number(part ?? 0));
  const ms = ((((weeks! * 7 + days!) * 24 + hours!) * 60 + minutes!) * 60 + seconds!) * 1000;
  if (match === null || !(ms > 0)) {
    throw new LoadstoneError(
      'LS-API-001',
      `${pointer}: "${text.slice(0, 40)}" is not a duration such as PT48H`,
      pointer,
    );
  }
  return ms;
}

/** Converts kW to the requested unit; null stays null. */
export const inUnit = (kw: number | null, unit: 'kW' | 'MW'): number | null =>
  kw === null || !Number.isFinite(kw) ? null : Math.round((unit === 'MW' ? kw / 1000 : kw) * 1e6) / 1e6;

export const quantileColumn = (quantile: number): string => `quantile_P${Math.round(quantile * 1e4) / 100}`;

/** Returns a page of a list ordered by id; the cursor is the last id of the previous page. */
export function page<T extends { readonly id: string }>(
  items: readonly T[],
  query: { readonly limit?: number; readonly cursor?: string },
): { items: readonly T[]; nextCursor: string | null } {
  const limit = query.limit ?? 100;
  const from = query.cursor === undefined ? 0 : items.findIndex(({ id }) => id > query.cursor!);
  if (from < 0) return { items: [], nextCursor: null };
  const slice = items.slice(from, from + limit);
  return { items: slice, nextCursor: from + limit < items.length ? (slice.at(-1)?.id ?? null) : null };
}

export const PageQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  cursor: Type.Optional(Type.String({ maxLength: 200 })),
});
