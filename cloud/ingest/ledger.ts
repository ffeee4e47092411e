import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RangeReport } from '../../shared/contracts/acknowledgement.ts';
import type { Stream } from '../../shared/contracts/frame.ts';
import type { Known, KnownRange, ReceivedAt } from '../telemetry/as-of.ts';
import { Account, type Coverage, type RunKey } from './account.ts';
import { Commits } from './commits.ts';
import { joinedReceipts, type Joined } from './compaction.ts';
import { countNew, groupByRun, spansOf, type LedgerEntry } from './entries.ts';
import type { Archive, LedgerStore, StoredPerHour } from './ledger-store.ts';
import { receiptsOf, spanOfTimes, type ReceiptGrid } from './receipts.ts';
import { bookKey, RunBook, type Totals } from './run-book.ts';
import type { Span, SpanChange, SpanState } from './spans.ts';

const HOUR_MS = 3_600_000;
/** Maximum number of spans read or joined in one turn of the main thread. */
const SPANS_AT_ONCE = 10_000;
/** Runs per stream that are kept separately: half a century of daily starts. */
const MOST_RUNS = 20_000;
/** A run that began or changed within this time is never folded, because its gateway may still send frames of it. */
const FOLD_MS = 7 * 24 * HOUR_MS;
const FOLDED_AT_ONCE = 1000;

export interface GatewayReport {
  readonly gateway: string;
  readonly report: RangeReport;
  /** Runs of the report that are known or may be opened; absent: all. */
  readonly admitted?: ReadonlySet<number>;
}

/** Accounted entries, and what gateways report about their runs. */
export interface Settlement {
  readonly entries: readonly LedgerEntry[];
  readonly reports: readonly GatewayReport[];
}

export interface Completeness extends Totals {
  readonly complete: boolean;
}

/**
 * The cloud's account of the fate of every frame and event: a union of ranges for each (gateway, stream, run), so order and repetition do
 * not matter. Memory answers and may be ahead of the store: a caller that promises something on an answer awaits `synced` first.
 */
export class Ledger implements ReceivedAt {
  readonly #store: LedgerStore;
  readonly #commits: Commits;
  #books = new Map<string, RunBook>();
  #archives = new Map<string, Archive[]>();

  constructor(store: LedgerStore) {
    this.#store = store;
    this.#commits = new Commits(store, () => this.#load());
  }

  /** Opens the store and loads it; must precede any other call. */
  async open(): Promise<void> {
    await this.#store.open();
    await this.#load();
  }

  close(): void {
    this.#store.close();
  }

  async #load(): Promise<void> {
    const { runs, archives, folded } = await this.#store.load();
    this.#books = new Map();
    this.#archives = new Map();
    for (const { spans, ...run } of runs) {
      const account = new Account(run, run.openedAt);
      account.firstOffset = run.firstOffset;
      account.lastOffset = run.lastOffset;
      account.union.load(spans);
      this.#book(run).open(account);
    }
    for (const each of folded) this.#book(each).unfolded(each);
    for (const archive of archives) this.#archiveList(archive.gateway).push(archive);
  }

  /** Records what the store accepted or refused, at plant time `receivedAt`. Durable once it resolves. */
  record(entries: readonly LedgerEntry[], receivedAt: number): Promise<void> {
    return this.settle({ entries, reports: [] }, receivedAt);
  }

  /** Records a gateway's report of its runs and of what it dropped or lost, so that gaps close with a reason. */
  report(gateway: string, report: RangeReport, receivedAt: number): Promise<void> {
    return this.settle({ entries: [], reports: [{ gateway, report }] }, receivedAt);
  }

  /** Does both for many gateways, in one commit. */
  async settle({ entries, reports }: Settlement, receivedAt: number): Promise<void> {
    if (entries.length === 0 && reports.length === 0) return;
    const ready = this.#commits.ready();
    if (ready !== undefined) await ready;
    this.#settleEntries(entries, Math.ceil(receivedAt));
    for (const each of reports) this.#settleReport(each, Math.ceil(receivedAt));
    await this.synced();
  }

  /** Resolves once everything recorded before the call is on the medium; rejects with LS-STORE-001 if it cannot be. */
  synced(): Promise<void> {
    return this.#commits.stored();
  }

  #settleEntries(entries: readonly LedgerEntry[], receivedAt: number): void {
    const hours = new Map<string, StoredPerHour>();
    for (const group of groupByRun(entries)) {
      const account = this.#account(group[0]!, receivedAt);
      for (const each of spansOf(group, receivedAt)) {
        if (account.stream === 'measurements' && each.span.state === 'stored') countNew(account, each, hours);
        this.#add(account, each.span);
      }
    }
    for (const hour of hours.values()) this.#commits.add({ kind: 'hour', hour });
  }

  #settleReport({ gateway, report, admitted }: GatewayReport, receivedAt: number): void {
    const { stream } = report;
    const runs = [...report.runs].sort((a, b) => a.firstOffset - b.firstOffset);
    for (const [index, { run, firstOffset }] of runs.entries()) {
      if (admitted?.has(run) === false) continue;
      const account = this.#account({ gateway, stream, run }, receivedAt);
      const last = (runs[index + 1]?.firstOffset ?? Infinity) - 1;
      const lastOffset = Math.min(account.lastOffset ?? Infinity, last);
      this.#bound(account, Math.min(account.firstOffset ?? firstOffset, firstOffset), lastOffset);
    }
    for (const { run, from, to, reason, detail } of report.missing) {
      if (to < from || admitted?.has(run) === false) continue;
      const account = this.#account({ gateway, stream, run }, receivedAt);
      const code = this.#book(account).reason(detail);
      const range = { first: from, last: to, timeFrom: null, timeTo: null };
      this.#add(account, { ...range, state: reason, receivedAt, lagMs: 0, code });
    }
  }

  /** Records imported history; idempotent. */
  async recordArchive(archive: Archive): Promise<void> {
    const ready = this.#commits.ready();
    if (ready !== undefined) await ready;
    const list = this.#archiveList(archive.gateway);
    const index = list.findIndex((each) => each.first === archive.first && each.timeFrom === archive.timeFrom);
    list.splice(index < 0 ? list.length : index, index < 0 ? 0 : 1, archive);
    this.#commits.add({ kind: 'archive', archive });
    await this.synced();
  }

  coverage(gateway: string, stream: Stream, run: number): Coverage {
    return this.#find({ gateway, stream, run })?.coverage() ?? { upTo: -1, ranges: [] };
  }

  /** One above the highest accounted offset of a run. */
  nextOffset(gateway: string, stream: Stream, run: number): number {
    const last = this.#find({ gateway, stream, run })?.union.spans.at(-1);
    return last === undefined ? 0 : last.last + 1;
  }

  stateOf(gateway: string, stream: Stream, at: { run: number; offset: number }): SpanState | undefined {
    return this.#find({ gateway, stream, run: at.run })?.union.stateOf(at.offset);
  }

  /** The fate of all frames of a gateway, over its whole life. */
  completeness(gateway: string): Completeness {
    const totals = this.#measurements(gateway).totals();
    return { ...totals, complete: totals.missing === 0 };
  }

  /** The same for the hours that [from, to) touches. Counts of frames that are not stored may be too high at the edges. */
  async completenessBetween(
    gateway: string,
    range: { readonly from: number; readonly to: number },
  ): Promise<Completeness> {
    const from = Math.floor(range.from / HOUR_MS) * HOUR_MS;
    const to = Math.ceil(range.to / HOUR_MS) * HOUR_MS;
    const stored = await this.#store.storedBetween(gateway, from, to);
    const gaps = this.#measurements(gateway).gapsBetween(from, to);
    return { stored, ...gaps, complete: gaps.missing === 0 };
  }

  /** Stored frames, without duplicates: one number to compare with a journal or a store. */
  storedCount(gateway: string, stream: Stream = 'measurements'): number {
    return this.#held({ gateway, stream }).stored;
  }

  has(key: RunKey): boolean {
    return this.#find(key) !== undefined;
  }

  /** Plant times at which the runs of a gateway's stream were opened, in order. */
  openedAt(of: Pick<RunKey, 'gateway' | 'stream'>): number[] {
    return [...this.#held(of).accounts()].map(({ openedAt }) => openedAt).sort((a, b) => a - b);
  }

  /** Number of gaps between accounted ranges, over all runs of a gateway's stream. */
  gapCount(of: Pick<RunKey, 'gateway' | 'stream'>): number {
    return this.#held(of).gapCount;
  }

  /** Plant times at which a gateway reported gaps as dropped or lost, in order, one for each separate gap. */
  missingReportedAt(of: Pick<RunKey, 'gateway' | 'stream'>): number[] {
    const times: number[] = [];
    for (const { union } of this.#held(of).accounts())
      for (const { state, receivedAt } of union.spans)
        if (state === 'dropped' || state === 'lost') times.push(receivedAt ?? 0);
    return times.sort((a, b) => a - b);
  }

  /** True if [first, last] would add a gap to its run. */
  opensGap(key: RunKey, first: number, last: number): boolean {
    const union = this.#find(key)?.union;
    return union !== undefined && union.rangeCount > 0 && !union.touches(first, last);
  }

  /** True if the gateway reported `first` as the run's first offset. */
  beginsAt(key: RunKey, first: number): boolean {
    return this.#find(key)?.firstOffset === first;
  }

  /** True if all of [first, last] is accounted for. */
  covers(key: RunKey, first: number, last: number): boolean {
    const union = this.#find(key)?.union;
    const range = union?.rangeOf(first) ?? -1;
    return range >= 0 && union?.rangeOf(last) === range;
  }

  /** Number of runs held, over all gateways. */
  runCount(): number {
    return this.#all().length;
  }

  /** Number of spans held: memory and file grow with it. */
  spanCount(): number {
    let sum = 0;
    for (const account of this.#all()) sum += account.union.spans.length;
    return sum;
  }

  known(gateway: string, asOf: number): Known {
    const ranges: KnownRange[] = [...this.#measurements(gateway).accounts()].flatMap((account) => account.known(asOf));
    return { ranges, archives: this.#archives.get(gateway) ?? [] };
  }

  /** Plant time at which the cloud received the frame with this offset and source time; undefined: not received. */
  receivedAt(gateway: string, offset: number, time: number): number | undefined {
    const archive = this.#archives
      .get(gateway)
      ?.find((each) => offset >= each.first && offset <= each.last && time >= each.timeFrom && time <= each.timeTo);
    if (archive !== undefined) return time + archive.intervalMs;
    let receipt: number | undefined;
    for (const { union } of this.#measurements(gateway).accounts()) {
      const span = union.spanOf(offset);
      if (span?.state !== 'stored' || time < (span.timeFrom ?? 0) || time > (span.timeTo ?? Infinity)) continue;
      receipt = Math.max(receipt ?? -Infinity, span.receivedAt ?? time + span.lagMs);
    }
    return receipt;
  }

  /**
   * For each interval the plant time at which the cloud had stored the last of a gateway's measurements in it, by `asOf` if given; null:
   * none.
   */
  receipts(gateway: string, grid: ReceiptGrid, asOf?: number): (number | null)[] {
    return receiptsOf(this.#spans(gateway), this.#archives.get(gateway) ?? [], grid, asOf);
  }

  /** Bounds of the source times of a gateway's stored measurements, ms UTC. */
  timeSpan(gateway: string): { readonly from: number; readonly to: number } | undefined {
    return spanOfTimes(this.#spans(gateway), this.#archives.get(gateway) ?? []);
  }

  /**
   * Joins receipts that need not be told apart at the plant time `now`, so that the ledger stays small. Works in small atomic steps and
   * yields to other callers between them.
   */
  async compact(now: number): Promise<void> {
    let seen = 0;
    for (const { gateway, stream, run } of this.#all()) {
      for (let from: number | undefined = 0; from !== undefined;) {
        const ready = this.#commits.ready();
        if (ready !== undefined) await ready;
        // Looked up again: a reload may have replaced or removed it meanwhile.
        const account = this.#find({ gateway, stream, run });
        if (account === undefined) break;
        const at = account.union.indexOf(from);
        const slice = account.union.spans.slice(at, at + SPANS_AT_ONCE);
        const isLast = at + slice.length >= account.union.spans.length;
        this.#join(account, at, joinedReceipts(slice, now));
        from = isLast ? undefined : slice.at(-1)!.last + 1;
        seen += slice.length + 1;
        if (seen < SPANS_AT_ONCE) continue;
        seen = 0;
        await this.synced();
        await nextTurn();
      }
    }
    const ready = this.#commits.ready();
    if (ready !== undefined) await ready;
    this.#fold(now);
    await this.synced();
  }

  /**
   * Folds the oldest runs of a stream that has more than `MOST_RUNS`, a batch at a time, so that a gateway cannot open runs without end.
   */
  #fold(now: number): void {
    const isOver = ({ openedAt, union }: Account): boolean =>
      Math.max(openedAt, union.spans.at(-1)?.receivedAt ?? union.spans.at(-1)?.timeTo ?? 0) < now - FOLD_MS;
    for (const book of this.#books.values()) {
      const over = Math.min(FOLDED_AT_ONCE, book.size - MOST_RUNS);
      if (over <= 0) continue;
      const old = [...book.accounts()].filter(isOver).slice(0, over);
      for (const account of old) {
        const { gateway, stream, run } = account;
        this.#commits.add({ kind: 'fold', of: { gateway, stream, run }, frames: book.fold(account) });
      }
    }
  }

  #join(account: Account, from: number, joined: readonly Joined[]): void {
    // From the end, so that earlier indices stay valid.
    for (const { at, count, span } of joined.toReversed())
      this.#keep(account, this.#book(account).join(account, { at: from + at, count, span }));
  }

  #add(account: Account, span: Span): void {
    this.#keep(account, this.#book(account).add(account, span));
  }

  #keep({ gateway, stream, run }: Account, { removed, added }: SpanChange): void {
    const [first, last] = [removed[0], removed.at(-1)];
    if (first === undefined && added.length === 0) return;
    const range = first === undefined ? null : ([first.first, last!.first] as const);
    this.#commits.add({ kind: 'spans', of: { gateway, stream, run }, removed: range, added });
  }

  #bound(account: Account, firstOffset: number, lastOffset: number): void {
    const last = lastOffset === Infinity ? null : lastOffset;
    if (this.#book(account).bound(account, firstOffset, last)) this.#keepRun(account);
  }

  #keepRun({ gateway, stream, run, openedAt, firstOffset, lastOffset }: Account): void {
    this.#commits.add({ kind: 'run', run: { gateway, stream, run, openedAt, firstOffset, lastOffset } });
  }

  #find(key: RunKey): Account | undefined {
    return this.#held(key).get(key.run);
  }

  #account(key: RunKey, openedAt: number): Account {
    const found = this.#find(key);
    if (found !== undefined) return found;
    const account = new Account(key, openedAt);
    this.#book(key).open(account);
    this.#keepRun(account);
    return account;
  }

  #book(of: Pick<RunKey, 'gateway' | 'stream'>): RunBook {
    const key = bookKey(of);
    let book = this.#books.get(key);
    if (book === undefined) this.#books.set(key, (book = new RunBook()));
    return book;
  }

  #measurements(gateway: string): RunBook {
    return this.#held({ gateway, stream: 'measurements' });
  }

  /** The runs of a stream, for reading: a question leaves no book behind. */
  #held(of: Pick<RunKey, 'gateway' | 'stream'>): RunBook {
    return this.#books.get(bookKey(of)) ?? empty;
  }

  #all(): Account[] {
    return [...this.#books.values()].flatMap((book) => [...book.accounts()]);
  }

  *#spans(gateway: string): Generator<Span> {
    for (const { union } of this.#measurements(gateway).accounts()) yield* union.spans;
  }

  #archiveList(gateway: string): Archive[] {
    let list = this.#archives.get(gateway);
    if (list === undefined) this.#archives.set(gateway, (list = []));
    return list;
  }
}

const empty = new RunBook();
