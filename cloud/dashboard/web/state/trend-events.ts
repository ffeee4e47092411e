import { useEffect, useState } from 'preact/hooks';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import type { EventView } from '../../../../shared/contracts/view.ts';
import { mergeEvents } from '../lib/alarms.ts';
import { eventsOf, gatewaysOf, type Span } from '../lib/trend-events.ts';
import { getJson } from './api.ts';
import { rereads } from './settings.ts';
import { events, hasPlantTime } from './store.ts';

const PAGE = 1000;
/** Maximum pages read for each gateway; each one scans thousands of events. */
const MOST_PAGES = 5;
const HOUR_MS = 3_600_000;

interface Page {
  readonly items: readonly EventView[];
  readonly nextCursor: string | null;
  readonly searchedTo: number | null;
}

/** Events read for a span. */
interface Read {
  readonly items: readonly EventView[];
  /** ms UTC: nothing older was searched; null: everything was. */
  readonly from: number | null;
  readonly problem: ProblemAnswer | null;
}

export interface TrendEvents extends Read {
  /** True once the cloud has answered for this span; until then `items` are live events. */
  readonly isRead: boolean;
  /** True if some of the span was searched and holds nothing but routine. */
  readonly isQuiet: boolean;
}

const NOTHING: Read = { items: [], from: null, problem: null };

/** Events at the gateways of some series within a span, continued with live ones. `to`: end of a past span, ms UTC; null: it ends now. */
export function useTrendEvents(series: readonly string[], span: Span, to: number | null): TrendEvents {
  const [found, setFound] = useState({ asked: '', read: NOTHING });
  const gateways = gatewaysOf(series).join(',');
  // A span that moves with time is read once an hour; newer events arrive over the stream.
  const start = Math.floor(span.start / HOUR_MS) * HOUR_MS;
  const asked = hasPlantTime.value ? `${gateways} ${start} ${to}` : null;
  useEffect(() => {
    if (asked === null) return;
    const abort = new AbortController();
    void readAll(gateways.split(','), { start, to }, abort.signal).then((read) => {
      if (!abort.signal.aborted) setFound({ asked, read });
    });
    return () => abort.abort();
  }, [asked, rereads.value]);
  const isRead = found.asked === asked;
  const { from, problem } = isRead ? found.read : NOTHING;
  const items = eventsOf(mergeEvents(found.read.items, events.value, Number.POSITIVE_INFINITY), series, span);
  const isSeen = isRead && problem === null && (from === null || from < span.end);
  return { items, from, problem, isRead, isQuiet: isSeen && items.length === 0 };
}

interface Range {
  readonly start: number;
  readonly to: number | null;
}

async function readAll(gateways: readonly string[], range: Range, signal: AbortSignal): Promise<Read> {
  const each = await Promise.all(gateways.filter(Boolean).map((gateway) => read(gateway, range, signal)));
  const gaps = each.flatMap(({ from }) => (from === null ? [] : [from]));
  return {
    items: each.flatMap(({ items }) => items),
    from: gaps.length === 0 ? null : Math.max(...gaps),
    problem: each.find(({ problem }) => problem !== null)?.problem ?? null,
  };
}

/** Reads newest first from the end of the span, page by page, back to its start. */
async function read(gateway: string, { start, to }: Range, signal: AbortSignal): Promise<Read> {
  let found = NOTHING;
  let cursor = '';
  const before = to === null ? '' : `&to=${new Date(to).toISOString()}`;
  for (let page = 0; page < MOST_PAGES; page++) {
    const path = `/v1/events?q=${encodeURIComponent(gateway)}&severityFrom=low&limit=${PAGE}${before}${cursor}`;
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
