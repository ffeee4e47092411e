import { language } from '../words/t.ts';
import { unknown } from './format.ts';

/**
 * Formats times in UTC or the region's local time; everything inside is ms UTC. A time may come from a gateway: one that is out of range
 * reads "unknown" and must not break a screen.
 */
const HOUR_MS = 3_600_000;
const QUARTER_MS = 900_000;

type Style = 'clock' | 'seconds' | 'day' | 'date' | 'hour' | 'zone' | 'parts';

const styles: Record<Style, Intl.DateTimeFormatOptions> = {
  clock: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  seconds: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  day: { weekday: 'short', day: 'numeric', month: 'short' },
  date: { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
  hour: { hour: 'numeric', hourCycle: 'h23' },
  zone: { timeZoneName: 'short' },
  parts: {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  },
};

/** Months and weekdays by name; European English, with the day before the month. */
const LOCALES = { en: 'en-GB', nl: 'nl-NL', de: 'de-DE' } as const;

const cache = new Map<string, Intl.DateTimeFormat>();
function formatter(style: Style, zone: string): Intl.DateTimeFormat {
  const locale = style === 'parts' ? 'en-GB' : LOCALES[language()];
  const key = `${locale} ${style} ${zone}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(locale, { ...styles[style], timeZone: zone });
  cache.set(key, made);
  return made;
}

/** The last time that a `Date` can hold, minus a day, because times an hour or a zone away are computed too. */
const MOST_MS = 8.64e15 - 24 * HOUR_MS;
const isTime = (time: number): boolean => Math.abs(time) <= MOST_MS;
const shown = (style: Style, time: number, zone: string): string =>
  isTime(time) ? formatter(style, zone).format(time) : unknown();

/** Offset of local time from UTC, ms. */
export function offsetMs(time: number, zone: string): number {
  if (!isTime(time)) return 0;
  const parts = Object.fromEntries(
    formatter('parts', zone)
      .formatToParts(time)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const local = Date.UTC(
    parts['year']!,
    parts['month']! - 1,
    parts['day'],
    parts['hour'],
    parts['minute'],
    parts['second'],
  );
  return local - Math.floor(time / 1000) * 1000;
}

/** True in the two hours with the same wall time at the end of summer time. */
export const isRepeatedHour = (time: number, zone: string): boolean => {
  const now = offsetMs(time, zone);
  return [-HOUR_MS, HOUR_MS].some((step) => offsetMs(time + step, zone) + step === now);
};

export const zoneName = (time: number, zone: string): string =>
  (isTime(time) ? formatter('zone', zone).formatToParts(time) : []).find(({ type }) => type === 'timeZoneName')
    ?.value ?? zone;

const named = (style: 'clock' | 'seconds', time: number, zone: string): string => {
  const text = shown(style, time, zone);
  return isTime(time) && isRepeatedHour(time, zone) ? `${text} ${zoneName(time, zone)}` : text;
};
/** 14:05; in a repeated hour 02:30 CEST and 02:30 CET. */
export const clock = (time: number, zone: string): string => named('clock', time, zone);
export const clockSeconds = (time: number, zone: string): string => named('seconds', time, zone);
/** For places that show the zone's name separately. */
export const wallSeconds = (time: number, zone: string): string => shown('seconds', time, zone);
/** Shortens in each language: no comma, and no full stop after an abbreviated month or weekday. */
const plain = (text: string): string => text.replaceAll(/(?<=\p{L})[.,]+/gu, '').replace('Sept', 'Sep');
/** Sat 25 Sep */
export const day = (time: number, zone: string): string => plain(shown('day', time, zone));
export const date = (time: number, zone: string): string => plain(shown('date', time, zone));
export const dayClock = (time: number, zone: string): string =>
  isTime(time) ? `${day(time, zone)} ${clock(time, zone)}` : unknown();

/** Sat 25 Sep 14:05:30 */
export const daySeconds = (time: number, zone: string): string =>
  isTime(time) ? `${day(time, zone)} ${clockSeconds(time, zone)}` : unknown();
/** Shows the day only if it differs from that of `now`. */
export const nearSeconds = (time: number, now: number, zone: string): string =>
  day(time, zone) === day(now, zone) ? clockSeconds(time, zone) : daySeconds(time, zone);

const SIX_DAYS_MS = 6 * 24 * HOUR_MS;
/** As short as unambiguous: 18:15 on the day of `now`, Sun 07:00 within six days of it, else with the date. */
export function near(time: number, now: number, zone: string): string {
  if (!isTime(time)) return unknown();
  const own = day(time, zone);
  if (own === day(now, zone)) return clock(time, zone);
  return Math.abs(time - now) < SIX_DAYS_MS ? `${own.split(' ')[0]} ${clock(time, zone)}` : dayClock(time, zone);
}

const UTC_TIME = /(?<![\w:.-])(?:(\d{4}-\d\d-\d\d)[ T])?(\d\d:\d\d)(?::\d\d)?Z\b/g;

/**
 * Replaces UTC times in a sentence (`18:30Z`, `2021-09-26 18:00Z`, `2021-09-26T18:00:00Z`) by local ones. A time without a day may be of
 * any day. Invalid times stay, because the sentence may come from a gateway.
 */
export function inZone(text: string, now: number, zone: string): string {
  if (zone === 'UTC') return text;
  return text.replace(UTC_TIME, (match, date: string | undefined, at: string) => {
    const time = Date.parse(`${date ?? new Date(now).toISOString().slice(0, 10)}T${at}Z`);
    if (Number.isNaN(time)) return match;
    return date === undefined ? clock(time, zone) : near(time, now, zone);
  });
}

const STEPS_H = [1, 2, 3, 6, 12, 24, 48, 96, 168, 336, 672, 1344, 2688, 5376] as const;

/**
 * Returns at most `most` ticks of a time axis at round local hours, ms UTC. Ticks are searched in UTC and selected by local hour, so that
 * days of 23 or 25 hours keep exactly their midnights.
 */
export function timeTicks(span: { from: number; to: number }, most: number, zone: string): number[] {
  const hours = (span.to - span.from) / HOUR_MS;
  if (hours < 2) return minuteTicks(span, most);
  const step = STEPS_H.find((each) => hours / each <= most) ?? STEPS_H.at(-1)!;
  const ticks: number[] = [];
  for (let time = Math.ceil(span.from / QUARTER_MS) * QUARTER_MS; time <= span.to; time += QUARTER_MS) {
    const local = time + offsetMs(time, zone);
    if (local % HOUR_MS !== 0) continue;
    const hour = Math.floor(local / HOUR_MS) % 24;
    if (step < 24 ? hour % step !== 0 : hour !== 0) continue;
    if (step < 24 || Math.floor(local / (24 * HOUR_MS)) % (step / 24) === 0) ticks.push(time);
    // The next midnight is at least 23 hours away.
    if (step >= 24) time += 22 * HOUR_MS;
  }
  return ticks;
}

const MINUTES = [1 / 12, 1 / 6, 1 / 2, 1, 2, 5, 10, 15, 30] as const;

function minuteTicks({ from, to }: { from: number; to: number }, most: number): number[] {
  const stepMs = 60_000 * (MINUTES.find((each) => (to - from) / 60_000 / each <= most) ?? 60);
  const first = Math.ceil(from / stepMs);
  return Array.from({ length: Math.max(0, Math.floor(to / stepMs) - first + 1) }, (_, at) => (first + at) * stepMs);
}

/** A midnight shows its day, other ticks their wall time, with seconds if needed. */
export function tickLabel(time: number, zone: string): string {
  if (time % 60_000 !== 0) return wallSeconds(time, zone);
  return (time + offsetMs(time, zone)) % (24 * HOUR_MS) === 0 ? day(time, zone) : clock(time, zone);
}
