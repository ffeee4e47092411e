import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { TrendView } from '../../../../shared/contracts/trend.ts';
import type { ValueView } from '../../../../shared/contracts/view.ts';
import type { Dot } from '../lib/plot.ts';
import { getJson } from './api.ts';
import { hasPlantTime, moment } from './store.ts';

/** Span of a small trend, ms of plant time. */
export const SMALL_SPAN_MS = 30 * 60_000;
const POINTS = 90;
const MOST_DOTS = 400;
/** Maximum series of one request. */
const AT_ONCE = 60;

const dots = signal<Readonly<Record<string, readonly Dot[]>>>({});
let asked = new Set<string>();
let waiting = new Set<string>();

/** Requests within a short time are combined. */
function ask(series: string): void {
  if (asked.has(series)) return;
  asked.add(series);
  waiting.add(series);
  if (waiting.size === 1) window.setTimeout(() => void readWaiting(), 50);
}

async function readWaiting(): Promise<void> {
  if (!hasPlantTime.peek()) return void window.setTimeout(() => void readWaiting(), 500);
  const names = [...waiting].slice(0, AT_ONCE);
  waiting = new Set([...waiting].slice(AT_ONCE));
  if (waiting.size > 0) window.setTimeout(() => void readWaiting(), 50);
  const end = Math.ceil(moment.peek().now / 1000) * 1000;
  const span = `start=${new Date(end - SMALL_SPAN_MS).toISOString()}&end=${new Date(end).toISOString()}`;
  const answer = await getJson<TrendView>(`/v1/trends?series=${names.join(',')}&${span}&points=${POINTS}`);
  if (answer.state !== 'good') return void (asked = asked.difference(new Set(names)));
  const { start, stepS, items } = answer.value;
  const found = items.map(({ series, mean }) => {
    const past = mean.map((value, at) => ({ time: start + (at + 0.5) * stepS * 1000, value }));
    const newer = (dots.peek()[series] ?? []).filter(({ time }) => time > start + mean.length * stepS * 1000);
    return [series, [...past.filter(({ time }) => time <= end), ...newer]] as const;
  });
  dots.value = { ...dots.peek(), ...Object.fromEntries(found) };
}

function add(series: string, { value, time }: ValueView): void {
  const known = dots.peek()[series] ?? [];
  if (time === null || value === null || (known.at(-1)?.time ?? -Infinity) >= time) return;
  const recent = known.filter((dot) => dot.time > time - 2 * SMALL_SPAN_MS).slice(-MOST_DOTS);
  dots.value = { ...dots.peek(), [series]: [...recent, { time, value }] };
}

/** The last half hour of a value, from the store and continued with live values. */
export function useSmallTrend(series: string | undefined, live: ValueView): readonly Dot[] {
  useEffect(() => {
    if (series === undefined) return;
    ask(series);
    add(series, live);
  }, [series, live]);
  return series === undefined ? [] : (dots.value[series] ?? []);
}
