import { useEffect, useState } from 'preact/hooks';
import type { EventView } from '../../../../shared/contracts/view.ts';
import { mergeEvents } from '../lib/alarms.ts';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { getJson } from './api.ts';

const AFTER_TYPING_MS = 300;
const MOST_FOUND = 2000;

interface Page {
  readonly items: readonly EventView[];
  readonly nextCursor: string | null;
  readonly searchedTo: number | null;
}

export interface EventSearch {
  readonly items: readonly EventView[];
  /** ms UTC: everything newer was searched; null: nothing yet. */
  readonly searchedTo: number | null;
  readonly isBusy: boolean;
  /** True if the whole log was searched. */
  readonly isEnd: boolean;
  readonly problem: ProblemAnswer | null;
  /** Searches further back; undefined if there is nothing older, or the result is full. */
  readonly further: (() => void) | undefined;
}

type Found = Omit<EventSearch, 'further' | 'isEnd'> & { readonly path: string; readonly cursor: string | null };

/** Searches the cloud at a path, shortly after typing stops, page by page; a null path searches nothing. */
export function useEventSearch(path: string | null): EventSearch {
  const none = { items: [], searchedTo: null, isBusy: true, problem: null, cursor: null };
  const [found, setFound] = useState<Found>({ ...none, path: '' });
  const current = path !== null && found.path === path ? found : { ...none, path: path ?? '' };
  const read = async (from: Found, signal?: AbortSignal): Promise<void> => {
    const cursor = from.cursor === null ? '' : `&cursor=${from.cursor}`;
    const answer = await getJson<Page>(`${from.path}${cursor}`, signal);
    if (signal?.aborted === true || answer.state === 'loading') return;
    const next: Found =
      answer.state === 'bad'
        ? { ...from, isBusy: false, problem: answer.problem }
        : {
            path: from.path,
            items: mergeEvents(from.items, answer.value.items, MOST_FOUND),
            searchedTo: answer.value.searchedTo ?? from.searchedTo,
            cursor: answer.value.nextCursor,
            isBusy: false,
            problem: null,
          };
    setFound((now) => (now.path === from.path || from.cursor === null ? next : now));
  };
  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    const timer = setTimeout(() => void read({ ...none, path }, abort.signal), AFTER_TYPING_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [path]);
  const canGoOn = current.cursor !== null && !current.isBusy && current.items.length < MOST_FOUND;
  return {
    ...current,
    isEnd: current.cursor === null && !current.isBusy,
    further: canGoOn
      ? () => {
          setFound({ ...current, isBusy: true });
          void read(current);
        }
      : undefined,
  };
}
