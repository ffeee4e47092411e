import type { RangeReport } from '../../shared/contracts/acknowledgement.ts';
import type { Stream } from '../../shared/contracts/frame.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Known, KnownRange, ReceivedAt } from '../telemetry/as-of.ts';
import { coverageOf, knownRanges, stretchesOf, type Account, type Coverage } from './account.ts';
import { compacted, countNew, groupByRun, spansOf, type LedgerEntry } from './entries.ts';
import { receiptsOf, spanOfTimes, type ReceiptGrid } from './receipts.ts';
import { LedgerFile, type Archive, type StoredPerHour } from './ledger-file.ts';
import { SpanUnion, type Span, type SpanChange, type SpanState } from './spans.ts';

const HOUR_MS = 3_600_000;
/** Receipts are told apart exactly for this long, then to the quarter of an hour in which they fall. */
const EXACT_MS = 2 * HOUR_MS;
const GRID_MS = 900_000;

/** What is accounted for, and what gateways tell of their runs. */
export interface Settlement {
  readonly entries: readonly LedgerEntry[];
  readonly reports: readonly { readonly gateway: string; readonly report: RangeReport }[];
}

export interface Completeness {
  /** Distinct frames, each counted once. */
  readonly stored: number;
  /** Frames that may lie in the range asked for, and are neither here nor accounted for. */
  readonly missing: number;
  readonly refused: number;
  readonly dropped: number;
  readonly lost: number;
  readonly complete: boolean;
  /** Frames by the code of their refusal, or the reason that the gateway gave. */
  readonly reasons: Readonly<Record<string, number>>;
}

/**
 * The cloud's account of what became of every frame and event: a union of ranges for each (gateway, stream, run), so neither
 * order nor repetition matters. What is told of it may be ahead of the medium: who promises on it awaits `synced` first.
 */
export class Ledger implements ReceivedAt {
  readonly #path: string;
  readonly #accounts = new Map<string, Account>();
  readonly #archives = new Map<string, Archive[]>();
  #file: LedgerFile | undefined;

  /** `path`: a file, or `:memory:`. */
  constructor(path: string) {
    this.#path = path;
  }

  open(): void {
    if (this.#file !== undefined) return;
    const file = new LedgerFile(this.#path);
    this.#file = file;
    this.#load(file);
  }

  #load(file: LedgerFile): void {
    for (const account of file.accounts())
      this.#accounts.set(keyOf(account.gateway, account.stream, account.run), account);
    for (const archive of file.archives()) this.#archiveList(archive.gateway).push(archive);
  }

  close(): void {
    this.#file?.close();
    this.#forget();
  }

  #forget(): void {
    this.#file = undefined;
    this.#accounts.clear();
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
      for (const { gateway, report } of reports) this.#settleReport(gateway, report, Math.ceil(receivedAt));
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
      const account = this.#account(group[0]!);
      for (const each of spansOf(group, receivedAt)) {
        if (account.stream === 'measurements' && each.span.state === 'stored') countNew(account, each, hours);
        this.#persist(account, account.union.add(each.span));
      }
    }
    this.#opened().countHours([...hours.values()]);
  }

  #settleReport(gateway: string, report: RangeReport, receivedAt: number): void {
    const file = this.#opened();
    const { stream } = report;
    const runs = [...report.runs].sort((a, b) => a.firstOffset - b.firstOffset);
    for (const [index, { run, firstOffset }] of runs.entries()) {
      const account = this.#account({ gateway, stream, run });
      account.firstOffset = Math.min(account.firstOffset ?? firstOffset, firstOffset);
      const next = runs[index + 1]?.firstOffset;
      if (next !== undefined) account.lastOffset = Math.min(account.lastOffset ?? next - 1, next - 1);
      file.saveBounds(account);
    }
    for (const { run, from, to, reason, detail } of report.missing) {
      if (to < from) continue;
      const account = this.#account({ gateway, stream, run });
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
    const account = this.#accounts.get(keyOf(gateway, stream, run));
    return account === undefined ? { upTo: -1, ranges: [] } : coverageOf(account);
  }

  /** One above the highest offset of a run that is accounted for. */
  nextOffset(gateway: string, stream: Stream, run: number): number {
    const covered = this.#accounts.get(keyOf(gateway, stream, run))?.union.covered.at(-1);
    return covered === undefined ? 0 : covered[1] + 1;
  }

  stateOf(gateway: string, stream: Stream, at: { run: number; offset: number }): SpanState | undefined {
    return this.#accounts.get(keyOf(gateway, stream, at.run))?.union.stateOf(at.offset);
  }

  /** Of all time, or of the hours that [from, to) touches. `missing` errs to the side of too many at the edges of an hour. */
  completeness(gateway: string, range?: { readonly from: number; readonly to: number }): Completeness {
    const from = range === undefined ? -Infinity : Math.floor(range.from / HOUR_MS) * HOUR_MS;
    const to = range === undefined ? Infinity : Math.ceil(range.to / HOUR_MS) * HOUR_MS;
    const counts = { stored: 0, missing: 0, refused: 0, dropped: 0, lost: 0 };
    const reasons: Record<string, number> = {};
    for (const account of this.#runs(gateway, 'measurements')) {
      for (const stretch of stretchesOf(account)) {
        const { state, frames, code } = stretch;
        const touches = stretch.timeFrom < to && stretch.timeTo >= from;
        if (!touches || (state === 'stored' && range !== undefined)) continue;
        counts[state] += frames;
        if (code !== null) reasons[code] = (reasons[code] ?? 0) + frames;
      }
    }
    if (range !== undefined) counts.stored = this.#opened().storedBetween(gateway, from, to);
    return { ...counts, complete: counts.missing === 0, reasons };
  }

  /** Frames stored, each once; one number to compare with a journal or a store. */
  storedCount(gateway: string, stream: Stream = 'measurements'): number {
    return this.#runs(gateway, stream).reduce((sum, account) => sum + account.union.count('stored'), 0);
  }

  known(gateway: string, asOf: number): Known {
    const ranges: KnownRange[] = this.#runs(gateway, 'measurements').flatMap((account) => knownRanges(account, asOf));
    return { ranges, archives: this.#archives.get(gateway) ?? [] };
  }

  /** Plant time at which the cloud had the frame with this offset and source time; undefined: it has not. */
  receivedAt(gateway: string, offset: number, time: number): number | undefined {
    const archive = this.#archives
      .get(gateway)
      ?.find((each) => offset >= each.first && offset <= each.last && time >= each.timeFrom && time <= each.timeTo);
    if (archive !== undefined) return time + archive.intervalMs;
    const receipts = this.#runs(gateway, 'measurements')
      .map((account) => account.union.spanOf(offset))
      .filter((span) => span?.state === 'stored' && time >= (span.timeFrom ?? 0) && time <= (span.timeTo ?? Infinity))
      .map((span) => span!.receivedAt);
    return receipts.length === 0 ? undefined : Math.max(...receipts);
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
   * and the ledger stays small. `now` is plant time.
   */
  async compact(now: number): Promise<void> {
    const file = this.#opened();
    this.#commit(() => {
      for (const account of this.#accounts.values()) {
        const spans = compacted(account.union.spans, now - EXACT_MS, GRID_MS);
        if (spans.length === account.union.spans.length) continue;
        file.removeSpans(account.id, account.union.spans);
        file.addSpans(account.id, spans);
        account.union.load(spans);
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
  }

  #account(of: { gateway: string; stream: Stream; run: number }): Account {
    const key = keyOf(of.gateway, of.stream, of.run);
    let account = this.#accounts.get(key);
    if (account === undefined) {
      const { gateway, stream, run } = of;
      const id = this.#opened().addRun(gateway, stream, run);
      account = { id, gateway, stream, run, union: new SpanUnion(), firstOffset: null, lastOffset: null };
      this.#accounts.set(key, account);
    }
    return account;
  }

  #runs(gateway: string, stream: Stream): Account[] {
    return [...this.#accounts.values()].filter((each) => each.gateway === gateway && each.stream === stream);
  }

  #spans(gateway: string): Span[] {
    return this.#runs(gateway, 'measurements').flatMap(({ union }) => [...union.spans]);
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

const keyOf = (gateway: string, stream: Stream, run: number): string => `${gateway}/${stream}/${run}`;
