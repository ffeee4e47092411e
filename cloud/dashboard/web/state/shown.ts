import { computed, signal } from '@preact/signals';
import type { Moment } from '../lib/staleness.ts';
import { moment } from './store.ts';

/** The moment that is played back; null: the screen is live. */
export const playedBack = signal<Moment | null>(null);
/** The moment against which a screen's values age. The frame around it stays live. */
export const shownMoment = computed(() => playedBack.value ?? moment.value);

/** Why the page went back to now by itself; empty if it did not. */
export const broughtBack = signal('');

/** Path of a place at the moment that the screen shows. */
export function placePath(substation: string, feeders: readonly string[]): string {
  const { value } = playedBack;
  return value === null ? `/substations/${substation}` : playbackPath(feeders[0] ?? '', value.now);
}

/** `/playback/owd-1?at=2021-09-25T10:31:00Z`; without a feeder, the overview. */
export const playbackPath = (feeder: string, at: number): string =>
  `/playback${feeder === '' ? '' : `/${feeder}`}?at=${atText(at)}`;

const TREND_AFTER_MS = 15 * 60_000;

/** Path of the trend of a series, `owd-01/battery-1/activePowerKw`, around the moment that the screen shows. */
export function trendPath(series: string): string {
  const { value } = playedBack;
  return `/trends?series=${series}${value === null ? '' : `&end=${atText(value.now + TREND_AFTER_MS)}`}`;
}

export const atText = (at: number): string => new Date(at).toISOString().replace('.000Z', 'Z');
