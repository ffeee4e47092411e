import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { LedgerEntry } from './entries.ts';
import { LedgerFile } from './ledger-file.ts';
import { Ledger } from './ledger.ts';
import { NaiveLedger } from './testing/naive-ledger.ts';

const T0 = Date.UTC(2021, 8, 25);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const gateway = 'owd-01';
const runs = [7, 9] as const;

const anyFrames = fc.record({
  kind: fc.constant('frames' as const),
  run: fc.constantFrom(...runs),
  offsets: fc.array(fc.nat(120), { minLength: 1, maxLength: 20 }),
  isRefused: fc.boolean(),
  lagMs: fc.oneof(fc.nat(70_000), fc.nat(6 * HOUR)),
  afterMs: fc.oneof(fc.nat(5000), fc.nat(HOUR)),
});
const anyReport = fc.record({
  kind: fc.constant('report' as const),
  first: fc.nat(40),
  next: fc.integer({ min: 40, max: 140 }),
  missing: fc.array(
    fc.record({ run: fc.constantFrom(...runs), from: fc.nat(130), length: fc.nat(9), isLost: fc.boolean() }),
    { maxLength: 4 },
  ),
});
const anyStep = fc.oneof(
  { weight: 8, arbitrary: anyFrames },
  { weight: 3, arbitrary: anyReport },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('compact' as const),
      ageMs: fc.constantFrom(3 * HOUR, 40 * DAY, 500 * DAY),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('restart' as const, 'backup' as const, 'restore' as const) }),
  },
);
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

test('property: completeness matches a frame-by-frame count, through compaction, restart and restore', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-history-'));
  t.after(() => rmSync(dir, { recursive: true }));
  let files = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 30 }), async (steps) => {
      const history = new History(join(dir, `${files++}.db`));
      await history.open();
      for (const step of steps) {
        await history.take(step);
        await history.compare();
      }
      history.ledger.close();
    }),
    { numRuns: 80 },
  );
});

/** A random history, fed to the ledger and counted frame by frame. */
class History {
  readonly #path: string;
  ledger: Ledger;
  #naive = new NaiveLedger();
  #backup: NaiveLedger | undefined;
  /** Source time of each frame, the same at every resend. */
  readonly #times = new Map<string, number>();
  #now = T0;

  constructor(path: string) {
    this.#path = path;
    this.ledger = new Ledger(new LedgerFile(path));
  }

  async open(): Promise<void> {
    this.ledger = new Ledger(new LedgerFile(this.#path));
    await this.ledger.open();
  }

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'frames':
        this.#now += step.afterMs;
        return this.#record(step.offsets.map((offset) => this.#entry(offset, step)));
      case 'report': {
        const missing = step.missing.map(({ run, from, length, isLost }) => ({
          run,
          from,
          to: from + length,
          ...(isLost
            ? { reason: 'lost' as const, detail: 'damaged' }
            : { reason: 'dropped' as const, detail: 'budget' }),
        }));
        const reportedRuns = [step.first, step.next].map((firstOffset, n) => ({ run: runs[n]!, firstOffset }));
        this.#naive.report(reportedRuns, missing);
        const report = { version: 1 as const, stream: 'measurements' as const, runs: reportedRuns, missing };
        return this.ledger.report(gateway, report, this.#now);
      }
      case 'compact':
        return this.ledger.compact(this.#now + step.ageMs);
      case 'restart':
        this.ledger.close();
        return this.open();
      case 'backup':
        this.ledger.close();
        copyFileSync(this.#path, `${this.#path}.backup`);
        this.#backup = this.#naive.copy();
        return this.open();
      case 'restore':
        if (this.#backup === undefined) return undefined;
        this.ledger.close();
        copyFileSync(`${this.#path}.backup`, this.#path);
        this.#naive = this.#backup.copy();
        return this.open();
    }
  }

  #entry(offset: number, { run, isRefused, lagMs }: Step & { kind: 'frames' }): LedgerEntry {
    const key = `${run}/${offset}`;
    const time = this.#times.get(key) ?? this.#now - lagMs;
    this.#times.set(key, time);
    const frame = { gateway, stream: 'measurements' as const, run, offset };
    return isRefused ? { ...frame, time: null, code: `LS-INGEST-00${run}` } : { ...frame, time };
  }

  #record(entries: readonly LedgerEntry[]): Promise<void> {
    this.#naive.record(entries);
    return this.ledger.record(entries, this.#now);
  }

  async compare(): Promise<void> {
    const counts = this.#naive.totals();
    assert.deepEqual(this.ledger.completeness(gateway), { ...counts, complete: counts.missing === 0 });
    const ever = await this.ledger.completenessBetween(gateway, { from: T0 - 30 * DAY, to: T0 + 900 * DAY });
    assert.deepEqual(ever, this.ledger.completeness(gateway), 'all hours together');
    const last = Math.ceil((this.#now - T0) / HOUR);
    for (const hour of [-7, -3, -1, 0, 1, last - 2, last - 1]) {
      const from = T0 + hour * HOUR;
      const { stored } = await this.ledger.completenessBetween(gateway, { from, to: from + HOUR });
      assert.equal(stored, this.#naive.storedBetween(from, from + HOUR), `hour ${hour}`);
    }
  }
}
