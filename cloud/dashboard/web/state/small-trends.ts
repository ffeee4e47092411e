import { batch, signal, type Signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { TrendView } from '../../../../shared/contracts/trend.ts';
import type { ValueView } from '../../../../shared/contracts/view.ts';
import { liveForMs } from '../../../../shared/time/staleness.ts';
import type { Dot } from '../lib/plot.ts';
import { getJson } from './api.ts';
import { hasPlantTime, moment } from './store.ts';

/** Span of a small trend, ms of plant time. */
export const SMALL_SPAN_MS = 30 * 60_000;
const POINTS = 90;
const MOST_DOTS = 400;
/** Maximum series of one request. */
const AT_ONCE = 60;

interface SmallTrend {
  readonly series: string;
  readonly dots: Signal<readonly Dot[]>;
  /** False until its past was read; again after time that the page has not seen. */
  isWhole: boolean;
  /** Number of places that show it. */
  shown: number;
}

const trends = new Map<string, SmallTrend>();
let waiting = new Set<string>();
const reading = new Set<string>();

export function smallTrendOf(series: string): SmallTrend {
  const known = trends.get(series) ?? { series, dots: signal([]), isWhole: false, shown: 0 };
  trends.set(series, known);
  return known;
}

/** Requests within a short time are combined. */
function ask(series: string): void {
  if (waiting.has(series) || reading.has(series)) return;
  waiting.add(series);
  if (waiting.size === 1) window.setTimeout(() => void readWaiting(), 50);
}

async function readWaiting(): Promise<void> {
  if (!hasPlantTime.peek()) return void window.setTimeout(() => void readWaiting(), 500);
  const names = [...waiting].slice(0, AT_ONCE);
  waiting = new Set([...waiting].slice(AT_ONCE));
  if (waiting.size > 0) window.setTimeout(() => void readWaiting(), 50);
  const end = Math.ceil(moment.peek().now / 1000) * 1000;
  forgetBefore(end - SMALL_SPAN_MS);
  const span = `start=${new Date(end - SMALL_SPAN_MS).toISOString()}&end=${new Date(end).toISOString()}`;
  for (const name of names) {
    reading.add(name);
    // A gap that shows meanwhile is read with the next live value.
    smallTrendOf(name).isWhole = true;
  }
  const answer = await getJson<TrendView>(`/v1/trends?series=${names.join(',')}&${span}&points=${POINTS}`);
  for (const name of names) reading.delete(name);
  if (answer.state !== 'good') {
    for (const name of names) smallTrendOf(name).isWhole = false;
    return;
  }
  const { start, stepS, items } = answer.value;
  batch(() => {
    for (const { series, mean } of items) {
      const { dots } = smallTrendOf(series);
      const past = mean.map((value, at) => ({ time: start + (at + 0.5) * stepS * 1000, value }));
      const newer = dots.peek().filter(({ time }) => time > start + mean.length * stepS * 1000);
      dots.value = [...past.filter(({ time }) => time <= end), ...newer];
    }
  });
}

/** Forgets trends that no place shows and that have no value of the span. */
function forgetBefore(time: number): void {
  for (const { series, shown, dots } of trends.values())
    if (shown === 0 && (dots.peek().at(-1)?.time ?? 0) < time) trends.delete(series);
}

/** Continues a trend with a live value. Time without live values is a gap until it has been read. */
export function continueTrend(trend: SmallTrend, { value, time, intervalS }: ValueView): void {
  const known = trend.dots.peek();
  if (time !== null && value !== null && (known.at(-1)?.time ?? -Infinity) < time) {
    const seenAt = known.findLast((dot) => dot.value !== null)?.time;
    const isGap = seenAt !== undefined && time - seenAt > liveForMs({ intervalS, speed: moment.peek().speed });
    if (isGap) trend.isWhole = false;
    const recent = known.filter((dot) => dot.time > time - 2 * SMALL_SPAN_MS).slice(-MOST_DOTS);
    trend.dots.value = [...recent, ...(isGap ? [{ time: seenAt + 1, value: null }] : []), { time, value }];
  }
  if (!trend.isWhole) ask(trend.series);
}

/** The last half hour of a value, from the store and continued with live values. */
export function useSmallTrend(series: string | undefined, live: ValueView): readonly Dot[] {
  const trend = useMemo(() => (series === undefined ? undefined : smallTrendOf(series)), [series]);
  useEffect(() => {
    if (trend === undefined) return;
    trends.set(trend.series, trend);
    trend.shown++;
    return () => void trend.shown--;
  }, [trend]);
  useEffect(() => {
    if (trend !== undefined) continueTrend(trend, live);
  }, [trend, live]);
  return trend?.dots.value ?? [];
}
