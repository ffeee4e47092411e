import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RangeReport } from '../../shared/contracts/acknowledgement.ts';
import type { Stream } from '../../shared/contracts/frame.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Known, KnownRange, ReceivedAt } from '../telemetry/as-of.ts';
import type { Where } from '../telemetry/database.ts';
import type { Account, Coverage, RunKey } from './account.ts';
import { joinedReceipts, type Joined } from './compaction.ts';
import { countNew, groupByRun, spansOf, type LedgerEntry } from './entries.ts';
import { receiptsOf, spanOfTimes, type ReceiptGrid } from './receipts.ts';
import { LedgerFile, type Archive, type StoredPerHour } from './ledger-file.ts';
import { bookKey, RunBook, type Totals } from './run-book.ts';
import type { Span, SpanChange, SpanState } from './spans.ts';

const HOUR_MS = 3_600_000;
/** Receipts are told apart exactly for this long, then to the quarter of an hour in which they fall. */
const EXACT_MS = 2 * HOUR_MS;
const GRID_MS = 900_000;
/** Spans that are looked at, or joined, in one go of the main thread. */
const SPANS_AT_ONCE = 10_000;

export interface GatewayReport {
  readonly gateway: string;
  readonly report: RangeReport;
  /** Runs of it that may be opened or are known; absent: all. */
  readonly admitted?: ReadonlySet<number>;
}

/** What is accounted for, and what gateways tell of their runs. */
export interface Settlement {
  readonly entries: readonly LedgerEntry[];
  readonly reports: readonly GatewayReport[];
}

export interface Completeness extends Totals {
  readonly complete: boolean;
}

/**
 * The cloud's account of what became of every frame and event: a union of ranges for each (gateway, stream, run), so neither
 * order nor repetition matters. What is told of it may be ahead of the medium: who promises on it awaits `synced` first.
 */
export class Ledger implements ReceivedAt {
  readonly #at: Where;
  readonly #books = new Map<string, RunBook>();
  readonly #archives = new Map<string, Archive[]>();
  #file: LedgerFile | undefined;

  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    this.#at = at;
  }

  open(): void {
    if (this.#file !== undefined) return;
    const file = new LedgerFile(this.#at);
    this.#file = file;
    this.#load(file);
  }

  #load(file: LedgerFile): void {
    for (const account of file.accounts()) this.#book(account).add(account);
    for (const archive of file.archives()) this.#archiveList(archive.gateway).push(archive);
  }

  close(): void {
    this.#file?.close();
    this.#forget();
  }

  #forget(): void {
    this.#file = undefined;
    this.#books.clear();
    this.#archives.clear();
  }

  /** Accounts for what the store has taken or what was refused, at plant time `receivedAt`. Durable when it resolves. */
  record(entries: readonly LedgerEntry[], receivedAt: number): Promise<void> {
    return this.settle({ entries, reports: [] }, receivedAt);
  }

  /** Takes a gateway's word on its runs and on what it dropped or lost, so that gaps close and say why. */
  report(gateway: string, report: RangeReport, receivedAt: number): Promise<void> {
    return this.settle({ entries: [], reports: [{ gateway, report }] }, receivedAt);
  }

  /** Both for many gateways at once, in one commit. */
  async settle({ entries, reports }: Settlement, receivedAt: number): Promise<void> {
    if (entries.length === 0 && reports.length === 0) return;
    this.#commit(() => {
      this.#settleEntries(entries, Math.ceil(receivedAt));
      for (const each of reports) this.#settleReport(each, Math.ceil(receivedAt));
    });
    await this.synced();
  }

  /** Resolves once all that was accounted for before the call is on the medium; LS-STORE-001 where it cannot be. */
  synced(): Promise<void> {
    return this.#opened().synced();
  }

  #settleEntries(entries: readonly LedgerEntry[], receivedAt: number): void {
    const hours = new Map<string, StoredPerHour>();
    for (const group of groupByRun(entries)) {
      const account = this.#account(group[0]!, receivedAt);
      for (const each of spansOf(group, receivedAt)) {
        if (account.stream === 'measurements' && each.span.state === 'stored') countNew(account, each, hours);
        this.#persist(account, account.union.add(each.span));
      }
    }
    this.#opened().countHours([...hours.values()]);
  }

  #settleReport({ gateway, report, admitted }: GatewayReport, receivedAt: number): void {
    const file = this.#opened();
    const { stream } = report;
    const runs = [...report.runs].sort((a, b) => a.firstOffset - b.firstOffset);
    for (const [index, { run, firstOffset }] of runs.entries()) {
      if (admitted?.has(run) === false) continue;
      const account = this.#account({ gateway, stream, run }, receivedAt);
      account.firstOffset = Math.min(account.firstOffset ?? firstOffset, firstOffset);
      const next = runs[index + 1]?.firstOffset;
      if (next !== undefined) account.lastOffset = Math.min(account.lastOffset ?? next - 1, next - 1);
      file.saveBounds(account);
      this.#book(account).changed(account, { removed: [], added: [] });
    }
    for (const { run, from, to, reason, detail } of report.missing) {
      if (to < from || admitted?.has(run) === false) continue;
      const account = this.#account({ gateway, stream, run }, receivedAt);
      const span = { first: from, last: to, state: reason, receivedAt, code: detail };
      this.#persist(account, account.union.add({ ...span, timeFrom: null, timeTo: null }));
    }
  }

  /** Imported history. The same archive again is harmless. */
  async recordArchive(archive: Archive): Promise<void> {
    this.#commit(() => this.#opened().addArchive(archive));
    const list = this.#archiveList(archive.gateway);
    const index = list.findIndex((each) => each.first === archive.first && each.timeFrom === archive.timeFrom);
    list.splice(index < 0 ? list.length : index, index < 0 ? 0 : 1, archive);
    await this.synced();
  }

  coverage(gateway: string, stream: Stream, run: number): Coverage {
    return this.#find({ gateway, stream, run })?.coverage() ?? { upTo: -1, ranges: [] };
  }

  /** One above the highest offset of a run that is accounted for. */
  nextOffset(gateway: string, stream: Stream, run: number): number {
    const covered = this.#find({ gateway, stream, run })?.union.covered.at(-1);
    return covered === undefined ? 0 : covered[1] + 1;
  }

  stateOf(gateway: string, stream: Stream, at: { run: number; offset: number }): SpanState | undefined {
    return this.#find({ gateway, stream, run: at.run })?.union.stateOf(at.offset);
  }

  /** Of all time, or of the hours that [from, to) touches. `missing` errs to the side of too many at the edges of an hour. */
  completeness(gateway: string, range?: { readonly from: number; readonly to: number }): Completeness {
    const book = this.#measurements(gateway);
    if (range === undefined) {
      const totals = book.totals();
      return { ...totals, complete: totals.missing === 0 };
    }
    const from = Math.floor(range.from / HOUR_MS) * HOUR_MS;
    const to = Math.ceil(range.to / HOUR_MS) * HOUR_MS;
    const counts = { missing: 0, refused: 0, dropped: 0, lost: 0 };
    const reasons = new Map<string, number>();
    for (const { state, frames, code, timeFrom, timeTo } of book.gaps()) {
      if (timeFrom >= to || timeTo < from) continue;
      counts[state] += frames;
      if (code !== null) reasons.set(code, (reasons.get(code) ?? 0) + frames);
    }
    const stored = this.#opened().storedBetween(gateway, from, to);
    return { stored, ...counts, complete: counts.missing === 0, reasons: Object.fromEntries(reasons) };
  }

  /** Frames stored, each once; one number to compare with a journal or a store. */
  storedCount(gateway: string, stream: Stream = 'measurements'): number {
    return this.#books.get(bookKey({ gateway, stream }))?.totals().stored ?? 0;
  }

  has(key: RunKey): boolean {
    return this.#find(key) !== undefined;
  }

  /** Plant times at which the runs of a gateway's stream were opened, in order. */
  openedAt(of: Pick<RunKey, 'gateway' | 'stream'>): number[] {
    return [...this.#book(of).accounts()].map(({ openedAt }) => openedAt).sort((a, b) => a - b);
  }

  /** Gaps between what is accounted for, over all runs of a gateway's stream. */
  gapCount(of: Pick<RunKey, 'gateway' | 'stream'>): number {
    return this.#books.get(bookKey(of))?.gapCount() ?? 0;
  }

  /** Plant times at which stretches were told that a gateway's stream dropped or lost, in order: one for each that stands by itself. */
  missingToldAt(of: Pick<RunKey, 'gateway' | 'stream'>): number[] {
    const told: number[] = [];
    for (const { union } of this.#book(of).accounts())
      for (const { state, receivedAt } of union.spans)
        if (state === 'dropped' || state === 'lost') told.push(receivedAt);
    return told.sort((a, b) => a - b);
  }

  /** Whether [first, last] would leave one gap more in its run. */
  opensGap(key: RunKey, first: number, last: number): boolean {
    const union = this.#find(key)?.union;
    return union !== undefined && union.covered.length > 0 && !union.touches(first, last);
  }

  /** Whether the gateway has told that its run begins there. */
  beginsAt(key: RunKey, first: number): boolean {
    return this.#find(key)?.firstOffset === first;
  }

  /** Whether all of [first, last] is accounted for. */
  covers(key: RunKey, first: number, last: number): boolean {
    const union = this.#find(key)?.union;
    const range = union?.rangeOf(first) ?? -1;
    return range >= 0 && union?.rangeOf(last) === range;
  }

  /** Runs that are held, of all gateways. */
  runCount(): number {
    return this.#all().length;
  }

  /** Spans that are held: what memory and file grow with. */
  spanCount(): number {
    let sum = 0;
    for (const account of this.#all()) sum += account.union.spans.length;
    return sum;
  }

  known(gateway: string, asOf: number): Known {
    const ranges: KnownRange[] = [...this.#measurements(gateway).accounts()].flatMap((account) => account.known(asOf));
    return { ranges, archives: this.#archives.get(gateway) ?? [] };
  }

  /** Plant time at which the cloud had the frame with this offset and source time; undefined: it has not. */
  receivedAt(gateway: string, offset: number, time: number): number | undefined {
    const archive = this.#archives
      .get(gateway)
      ?.find((each) => offset >= each.first && offset <= each.last && time >= each.timeFrom && time <= each.timeTo);
    if (archive !== undefined) return time + archive.intervalMs;
    let receipt: number | undefined;
    for (const { union } of this.#measurements(gateway).accounts()) {
      const span = union.spanOf(offset);
      if (span?.state !== 'stored' || time < (span.timeFrom ?? 0) || time > (span.timeTo ?? Infinity)) continue;
      receipt = Math.max(receipt ?? -Infinity, span.receivedAt);
    }
    return receipt;
  }

  /** For each interval the plant time at which the cloud had stored the last of a gateway's measurements in it; null: none. */
  receipts(gateway: string, grid: ReceiptGrid): (number | null)[] {
    return receiptsOf(this.#spans(gateway), this.#archives.get(gateway) ?? [], grid);
  }

  /** Bounds of the source times of a gateway's stored measurements, ms UTC. */
  timeSpan(gateway: string): { readonly from: number; readonly to: number } | undefined {
    return spanOfTimes(this.#spans(gateway), this.#archives.get(gateway) ?? []);
  }

  /**
   * Joins old receipts that fall into the same quarter of an hour, as received at its last one: views on the quarters stay exact,
   * and the ledger stays small. Goes on in small steps, each kept as a whole, and lets others in between. `now` is plant time.
   */
  async compact(now: number): Promise<void> {
    const file = this.#opened();
    let seen = 0;
    for (const { gateway, stream, run } of this.#all()) {
      for (let from: number | undefined = 0; from !== undefined;) {
        // Looked up anew: who came in between may have replaced it.
        const account = this.#find({ gateway, stream, run });
        if (this.#file !== file || account === undefined) return;
        const at = account.union.indexOf(from);
        const slice = account.union.spans.slice(at, at + SPANS_AT_ONCE);
        const isLast = at + slice.length >= account.union.spans.length;
        this.#join(account, at, joinedReceipts(slice, now - EXACT_MS, GRID_MS));
        from = isLast ? undefined : slice.at(-1)!.last + 1;
        seen += slice.length + 1;
        if (seen < SPANS_AT_ONCE) continue;
        seen = 0;
        await nextTurn();
      }
    }
    if (this.#file === file) await this.synced();
  }

  #join(account: Account, at: number, joined: readonly Joined[]): void {
    if (joined.length === 0) return;
    this.#commit(() => {
      // From the end, so that indices before stay true.
      for (const { from, of, span } of joined.toReversed()) {
        this.#opened().joinSpans(account.id, span);
        account.union.join(at + from, of.length, span);
        this.#book(account).changed(account, { removed: of, added: [span] });
      }
    });
  }

  /** What was not committed did not happen: then memory follows the file again. */
  #commit(work: () => void): void {
    const file = this.#opened();
    try {
      file.commit(work);
    } catch (error) {
      this.#forget();
      this.#file = file;
      this.#load(file);
      throw new LoadstoneError('LS-STORE-001', `ledger: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #persist(account: Account, change: SpanChange): void {
    const file = this.#opened();
    if (change.removed.length > 0) file.removeSpans(account.id, change.removed);
    if (change.added.length > 0) file.addSpans(account.id, change.added);
    this.#book(account).changed(account, change);
  }

  #find(key: RunKey): Account | undefined {
    return this.#books.get(bookKey(key))?.get(key.run);
  }

  #account(key: RunKey, openedAt: number): Account {
    const found = this.#find(key);
    if (found !== undefined) return found;
    const { gateway, stream, run } = key;
    const account = this.#opened().addRun({ gateway, stream, run }, openedAt);
    this.#book(key).add(account);
    return account;
  }

  #book(of: Pick<RunKey, 'gateway' | 'stream'>): RunBook {
    const key = bookKey(of);
    let book = this.#books.get(key);
    if (book === undefined) this.#books.set(key, (book = new RunBook()));
    return book;
  }

  #measurements(gateway: string): RunBook {
    return this.#books.get(bookKey({ gateway, stream: 'measurements' })) ?? empty;
  }

  #all(): Account[] {
    return [...this.#books.values()].flatMap((book) => [...book.accounts()]);
  }

  #spans(gateway: string): Span[] {
    return [...this.#measurements(gateway).accounts()].flatMap(({ union }) => union.spans);
  }

  #archiveList(gateway: string): Archive[] {
    let list = this.#archives.get(gateway);
    if (list === undefined) this.#archives.set(gateway, (list = []));
    return list;
  }

  #opened(): LedgerFile {
    if (this.#file === undefined) throw new LoadstoneError('LS-STORE-001', 'the ledger is not open');
    return this.#file;
  }
}

const empty = new RunBook();
