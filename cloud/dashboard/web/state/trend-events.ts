import { useEffect, useState } from 'preact/hooks';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import type { EventView } from '../../../../shared/contracts/view.ts';
import { mergeEvents } from '../lib/alarms.ts';
import { eventsOf, gatewaysOf, type Span } from '../lib/trend-events.ts';
import { getJson } from './api.ts';
import { comebacks } from './settings.ts';
import { events } from './store.ts';

const PAGE = 1000;
/** Pages that are read for each gateway: each looks through thousands of events. */
const MOST_PAGES = 5;
const HOUR_MS = 3_600_000;
const MOST = PAGE * MOST_PAGES;

interface Page {
  readonly items: readonly EventView[];
  readonly nextCursor: string | null;
  readonly searchedTo: number | null;
}

export interface TrendEvents {
  readonly items: readonly EventView[];
  /** ms UTC: what happened before was not looked at; null: all was. */
  readonly from: number | null;
  readonly problem: ProblemAnswer | null;
}

const NOTHING: TrendEvents = { items: [], from: null, problem: null };

/** What happened at the gateways of series within a span, and on with what comes live. */
export function useTrendEvents(series: readonly string[], span: Span): TrendEvents {
  const [found, setFound] = useState(NOTHING);
  const gateways = gatewaysOf(series).join(',');
  // A span that moves on with the time is read once an hour: what is newer comes over the stream.
  const start = Math.floor(span.start / HOUR_MS) * HOUR_MS;
  useEffect(() => {
    const abort = new AbortController();
    void readAll(gateways.split(','), start, abort.signal).then((read) => {
      if (!abort.signal.aborted) setFound(read);
    });
    return () => abort.abort();
  }, [gateways, start, comebacks.value]);
  const items = eventsOf(mergeEvents(found.items, events.value, MOST), series, span);
  return { ...found, items };
}

async function readAll(gateways: readonly string[], start: number, signal: AbortSignal): Promise<TrendEvents> {
  const each = await Promise.all(gateways.filter(Boolean).map((gateway) => read(gateway, start, signal)));
  const gaps = each.flatMap(({ from }) => (from === null ? [] : [from]));
  return {
    items: each.flatMap(({ items }) => items),
    from: gaps.length === 0 ? null : Math.max(...gaps),
    problem: each.find(({ problem }) => problem !== null)?.problem ?? null,
  };
}

/** Newest first, page by page, until the span begins. */
async function read(gateway: string, start: number, signal: AbortSignal): Promise<TrendEvents> {
  let found = NOTHING;
  let cursor = '';
  for (let page = 0; page < MOST_PAGES; page++) {
    const path = `/v1/events?q=${encodeURIComponent(gateway)}&severityFrom=low&limit=${PAGE}${cursor}`;
    const answer = await getJson<Page>(path, signal);
    if (answer.state !== 'good') return { ...found, problem: answer.state === 'bad' ? answer.problem : null };
    const { items, nextCursor, searchedTo } = answer.value;
    const isWhole = nextCursor === null || (searchedTo !== null && searchedTo < start);
    found = { items: [...found.items, ...items], from: isWhole ? null : searchedTo, problem: null };
    if (isWhole) return found;
    cursor = `&cursor=${nextCursor}`;
  }
  return found;
}
