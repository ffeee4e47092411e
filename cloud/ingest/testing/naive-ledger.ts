import type { RangeReport } from '../../../shared/contracts/acknowledgement.ts';
import type { LedgerEntry } from '../entries.ts';
import type { Totals } from '../run-book.ts';
import { spanStates, type SpanState } from '../spans.ts';

interface Fate {
  readonly state: SpanState;
  readonly code: string | null;
  readonly time: number | null;
}

interface Run {
  readonly fates: Map<number, Fate>;
  firstOffset: number | null;
  lastOffset: number | null;
}

/** The fate of each frame of one gateway, frame by frame, without ranges or sums. */
export class NaiveLedger {
  readonly #runs = new Map<number, Run>();

  copy(): NaiveLedger {
    const copy = new NaiveLedger();
    for (const [run, { fates, ...bounds }] of this.#runs) copy.#runs.set(run, { ...bounds, fates: new Map(fates) });
    return copy;
  }

  record(entries: readonly LedgerEntry[]): void {
    for (const { run, offset, time, code = null } of entries)
      this.#tell(run, offset, { state: code === null ? 'stored' : 'refused', code, time });
  }

  report(runs: RangeReport['runs'], missing: RangeReport['missing']): void {
    for (const [index, { run, firstOffset }] of runs.entries()) {
      const known = this.#run(run);
      known.firstOffset = Math.min(known.firstOffset ?? firstOffset, firstOffset);
      const next = runs[index + 1]?.firstOffset;
      if (next !== undefined) known.lastOffset = Math.min(known.lastOffset ?? next - 1, next - 1);
    }
    for (const { run, from, to, reason, detail } of missing)
      for (let offset = from; offset <= to; offset++)
        this.#tell(run, offset, { state: reason, code: detail, time: null });
  }

  totals(): Totals {
    const counts = { stored: 0, missing: 0, refused: 0, dropped: 0, lost: 0 };
    const reasons: Record<string, number> = {};
    for (const { fates, firstOffset, lastOffset } of this.#runs.values()) {
      for (const { state, code } of fates.values()) {
        counts[state]++;
        if (code !== null) reasons[code] = (reasons[code] ?? 0) + 1;
      }
      const known = [...fates.keys()].sort((a, b) => a - b);
      const from = firstOffset ?? known[0] ?? 0;
      for (let offset = from; offset <= Math.max(lastOffset ?? -1, known.at(-1) ?? -1); offset++)
        if (!fates.has(offset)) counts.missing++;
    }
    return { ...counts, reasons };
  }

  storedBetween(from: number, to: number): number {
    const fates = [...this.#runs.values()].flatMap((run) => [...run.fates.values()]);
    return fates.filter(({ state, time }) => state === 'stored' && time !== null && time >= from && time < to).length;
  }

  /** The best fate counts; among equals, the first. */
  #tell(run: number, offset: number, fate: Fate): void {
    const { fates } = this.#run(run);
    const before = fates.get(offset);
    const isBetter = before === undefined || spanStates.indexOf(fate.state) < spanStates.indexOf(before.state);
    if (isBetter) fates.set(offset, fate);
  }

  #run(run: number): Run {
    let known = this.#runs.get(run);
    if (known === undefined) this.#runs.set(run, (known = { fates: new Map(), firstOffset: null, lastOffset: null }));
    return known;
  }
}
