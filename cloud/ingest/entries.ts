import type { Account } from './account.ts';
import type { StoredPerHour } from './ledger-store.ts';
import type { Stream } from '../../shared/contracts/frame.ts';
import { receiptOf } from './lag.ts';
import type { Span } from './spans.ts';

const HOUR_MS = 3_600_000;

/** One accounted offset: stored, or refused if it has a code. */
export interface LedgerEntry {
  readonly gateway: string;
  readonly stream: Stream;
  readonly run: number;
  readonly offset: number;
  /** Source time, ms UTC; null if unknown or implausible. */
  readonly time: number | null;
  readonly code?: string;
}

/** Entries of each (gateway, stream, run), in order of offset, without duplicates. */
export function groupByRun(entries: readonly LedgerEntry[]): LedgerEntry[][] {
  const groups = new Map<string, LedgerEntry[]>();
  let key = '';
  let group: LedgerEntry[] = [];
  let previous: LedgerEntry | undefined;
  for (const entry of entries) {
    const same =
      previous !== undefined &&
      previous.run === entry.run &&
      previous.gateway === entry.gateway &&
      previous.stream === entry.stream;
    if (!same) {
      key = `${entry.gateway}/${entry.stream}/${entry.run}`;
      const found = groups.get(key);
      group = found ?? [];
      if (found === undefined) groups.set(key, group);
    }
    group.push(entry);
    previous = entry;
  }
  return [...groups.values()].map((each) => {
    each.sort((a, b) => a.offset - b.offset);
    return each.filter((entry, index) => entry.offset !== each[index - 1]?.offset);
  });
}

export interface EntrySpan {
  readonly span: Span;
  readonly entries: readonly LedgerEntry[];
}

/** Entries of one run as spans: consecutive offsets with the same fate form one. */
export function spansOf(group: readonly LedgerEntry[], receivedAt: number): EntrySpan[] {
  const result: EntrySpan[] = [];
  let from = 0;
  for (let i = 1; i <= group.length; i++) {
    const last = group[i - 1]!;
    const next = group[i];
    const follows =
      next !== undefined &&
      next.offset === last.offset + 1 &&
      next.code === last.code &&
      (next.time === null) === (last.time === null);
    if (follows) continue;
    const entries = group.slice(from, i);
    result.push({ span: spanOf(entries, receivedAt), entries });
    from = i;
  }
  return result;
}

function spanOf(entries: readonly LedgerEntry[], receivedAt: number): Span {
  const [head, tail] = [entries[0]!, entries.at(-1)!];
  let timeFrom: number | null = head.time;
  let timeTo: number | null = head.time;
  for (const { time } of entries) {
    if (time === null) continue;
    if (timeFrom === null || time < timeFrom) timeFrom = time;
    if (timeTo === null || time > timeTo) timeTo = time;
  }
  const range = { first: head.offset, last: tail.offset, timeFrom, timeTo };
  if (head.code !== undefined) return { ...range, state: 'refused', receivedAt, lagMs: 0, code: head.code };
  // No view needs the receipt of an event.
  const receipt = head.stream === 'events' ? { receivedAt: null, lagMs: 0 } : receiptOf(timeFrom, receivedAt);
  return { ...range, state: 'stored', ...receipt, code: null };
}

/** Adds frames of a span that were not stored before to the counts of their hours. */
export function countNew(account: Account, each: EntrySpan, hours: Map<string, StoredPerHour>): void {
  const { first, last } = each.span;
  const allNew = !account.union.touchesStored(first, last);
  for (const { offset, time } of each.entries) {
    if (time === null || (!allNew && account.union.stateOf(offset) === 'stored')) continue;
    const start = Math.floor(time / HOUR_MS) * HOUR_MS;
    const key = `${account.gateway}/${start}`;
    hours.set(key, { gateway: account.gateway, start, stored: (hours.get(key)?.stored ?? 0) + 1 });
  }
}
