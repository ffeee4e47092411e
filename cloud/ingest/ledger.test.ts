import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { LedgerEntry } from './entries.ts';
import { LedgerFile } from './ledger-file.ts';
import { Ledger } from './ledger.ts';
import { spanStates, SpanUnion, type Span } from './spans.ts';

const T0 = Date.UTC(2021, 8, 25);
const HOUR = 3_600_000;
const gateway = 'owd-01';
const entry = (offset: number, rest: Partial<LedgerEntry> = {}): LedgerEntry => ({
  gateway,
  stream: 'measurements',
  run: 7,
  offset,
  time: T0 + offset * 60_000,
  ...rest,
});
const entries = (from: number, to: number, rest: Partial<LedgerEntry> = {}): LedgerEntry[] =>
  Array.from({ length: to - from + 1 }, (_, n) => entry(from + n, rest));
const opened = async (path = ':memory:'): Promise<Ledger> => {
  const ledger = new Ledger(new LedgerFile(path));
  await ledger.open();
  return ledger;
};

const anySpan: fc.Arbitrary<Span> = fc
  .record({
    first: fc.nat(60),
    length: fc.nat(15),
    state: fc.constantFrom(...spanStates),
    receivedAt: fc.nat(5),
    isLive: fc.boolean(),
  })
  .map(({ first, length, state, receivedAt, isLive }) => {
    const known = state === 'stored';
    return {
      first,
      last: first + length,
      state,
      receivedAt: known && isLive ? null : receivedAt,
      lagMs: known && isLive ? receivedAt : 0,
      timeFrom: known ? first : null,
      timeTo: known ? first + length : null,
      code: null,
    };
  });

/** Lower is better: live beats late. */
const fateOf = ({ state, receivedAt, lagMs }: Span): readonly [number, number, number] => [
  spanStates.indexOf(state),
  // A span that is not stored has no receipt that matters.
  state === 'stored' && receivedAt !== null ? 1 : 0,
  state === 'stored' ? (receivedAt ?? lagMs) : 0,
];
const isBefore = (a: readonly number[], b: readonly number[]): boolean => {
  const at = a.findIndex((each, index) => each !== b[index]);
  return at >= 0 && a[at]! < b[at]!;
};

test('property: the account is the union of all reports, in any order and with repetition', () => {
  fc.assert(
    fc.property(fc.array(anySpan, { maxLength: 25 }), fc.infiniteStream(fc.nat()), (spans, order) => {
      // The reference: for each offset the best fate, then its first receipt.
      const expected = new Map<number, readonly number[]>();
      for (const span of spans) {
        for (let offset = span.first; offset <= span.last; offset++) {
          const old = expected.get(offset);
          if (old === undefined || isBefore(fateOf(span), old)) expected.set(offset, fateOf(span));
        }
      }
      const union = new SpanUnion();
      const persisted = new Map<number, Span>();
      const shuffled = [...spans, ...spans]
        .map((span) => ({ span, key: order.next().value as number }))
        .sort((a, b) => a.key - b.key);
      for (const { span } of shuffled) {
        const { removed, added } = union.add(span);
        for (const each of removed) persisted.delete(each.first);
        for (const each of added) persisted.set(each.first, each);
      }
      const found = new Map<number, readonly number[]>();
      let end = -2;
      for (const span of union.spans) {
        assert.ok(span.first > end, 'disjoint and in order');
        end = span.last;
        for (let offset = span.first; offset <= span.last; offset++) found.set(offset, fateOf(span));
      }
      // Everything lies in one quarter of an hour, so adjacent spans share the greatest lag.
      for (const [offset, fate] of found) {
        const [state, isLate, receipt] = expected.get(offset)!;
        assert.deepEqual(fate.slice(0, 2), [state, isLate], `offset ${offset}`);
        assert.ok(isLate === 1 ? fate[2] === receipt : fate[2]! >= receipt!, `offset ${offset}`);
      }
      assert.deepEqual(
        [...found.keys()],
        [...expected.keys()].sort((a, b) => a - b),
      );
      assert.deepEqual(
        [...persisted.values()].sort((a, b) => a.first - b.first),
        union.spans,
        'the file has the same',
      );
      const covered = union
        .ranges()
        .flatMap(([low, high]) => Array.from({ length: high - low + 1 }, (_, n) => low + n));
      assert.deepEqual(covered, [...found.keys()]);
      assert.ok(
        union.ranges().every(([low], i) => i === 0 || low > union.ranges()[i - 1]![1] + 1),
        'ranges do not touch',
      );
    }),
    { numRuns: 300 },
  );
});

test('upTo needs the first offset; at most 32 ranges follow it', async () => {
  const ledger = await opened();
  await ledger.record(entries(10, 19), T0);
  assert.deepEqual(ledger.coverage(gateway, 'measurements', 7), { upTo: -1, ranges: [[10, 19]] });
  await ledger.report(
    gateway,
    { version: 1, stream: 'measurements', runs: [{ run: 7, firstOffset: 10 }], missing: [] },
    T0,
  );
  await ledger.record(entries(25, 29), T0);
  assert.deepEqual(ledger.coverage(gateway, 'measurements', 7), { upTo: 19, ranges: [[25, 29]] });
  await ledger.record([...entries(20, 24), ...entries(10, 29)], T0 + 1);
  assert.deepEqual(ledger.coverage(gateway, 'measurements', 7), { upTo: 29, ranges: [] });
  assert.equal(ledger.storedCount(gateway), 20);
  await ledger.record(
    Array.from({ length: 60 }, (_, n) => entry(100 + 2 * n)),
    T0,
  );
  const { ranges } = ledger.coverage(gateway, 'measurements', 7);
  assert.equal(ranges.length, 32);
  assert.deepEqual(ranges[0], [100, 100]);
  assert.deepEqual(ranges[31], [218, 218]);
  assert.deepEqual(ledger.coverage(gateway, 'events', 7), { upTo: -1, ranges: [] });
});

test('completeness of an hour names what is missing and why', async () => {
  const ledger = await opened();
  const report = { version: 1, stream: 'measurements', runs: [{ run: 7, firstOffset: 0 }], missing: [] } as const;
  await ledger.report(gateway, { ...report, runs: [...report.runs], missing: [] }, T0);
  await ledger.record([...entries(0, 69), ...entries(80, 179)], T0);
  await ledger.record([entry(70, { code: 'LS-INGEST-002', time: null })], T0);
  const hour = (n: number) => ledger.completenessBetween(gateway, { from: T0 + n * HOUR, to: T0 + (n + 1) * HOUR });
  assert.deepEqual(await hour(0), {
    stored: 60,
    missing: 0,
    refused: 0,
    dropped: 0,
    lost: 0,
    complete: true,
    reasons: {},
  });
  const second = await hour(1);
  assert.deepEqual([second.stored, second.missing, second.refused, second.complete], [50, 9, 1, false]);
  assert.deepEqual(second.reasons, { 'LS-INGEST-002': 1 });
  const missing = [
    { run: 7, from: 71, to: 75, reason: 'dropped' as const, detail: 'budget spent' },
    { run: 7, from: 76, to: 79, reason: 'lost' as const, detail: 'segment damaged' },
  ];
  await ledger.report(
    gateway,
    {
      ...report,
      runs: [
        { run: 7, firstOffset: 0 },
        { run: 9, firstOffset: 185 },
      ],
      missing,
    },
    T0,
  );
  const closed = await hour(1);
  assert.deepEqual([closed.missing, closed.dropped, closed.lost, closed.complete], [0, 5, 4, true]);
  assert.equal(closed.reasons['budget spent'], 5);
  // Run 9 began at 185, so 180 to 184 of run 7 are still missing.
  assert.deepEqual(ledger.coverage(gateway, 'measurements', 7), { upTo: 179, ranges: [] });
  assert.equal(ledger.completeness(gateway).missing, 5);
  assert.equal(ledger.completeness(gateway).stored, 170);
});

test('asOf uses live frames by lag, late data by arrival, archives by interval', async () => {
  const ledger = await opened();
  for (const offset of [0, 1, 2, 3, 4, 8, 9]) await ledger.record([entry(offset)], T0 + offset * 60_000 + 1200);
  await ledger.record(entries(5, 7), T0 + HOUR);
  await ledger.record(entries(0, 9), T0 + 2 * HOUR);
  const receipt = (offset: number) => ledger.receivedAt(gateway, offset, T0 + offset * 60_000);
  const minutes = (n: number) => T0 + n * 60_000;
  assert.deepEqual([0, 4, 5, 8, 9, 10].map(receipt), [
    minutes(0) + 2000,
    minutes(4) + 2000,
    T0 + HOUR,
    minutes(8) + 2000,
    minutes(9) + 2000,
    undefined,
  ]);
  assert.equal(ledger.spanCount(), 3);
  const known = (asOf: number) =>
    ledger.known(gateway, asOf).ranges.map(({ first, last, timeTo }) => [first, last, (timeTo - T0) / 60_000]);
  assert.deepEqual(known(T0 + 1999), []);
  assert.deepEqual(known(minutes(3) + 2000), [[0, 4, 3]]);
  assert.deepEqual(known(minutes(9) + 1999), [
    [0, 4, 4],
    [8, 9, 9 - 1 / 60_000],
  ]);
  assert.deepEqual(known(T0 + HOUR), [[0, 9, 9]]);
  await ledger.recordArchive({
    gateway,
    first: 0,
    last: 99,
    timeFrom: T0 - 100 * HOUR,
    timeTo: T0 - HOUR,
    intervalMs: 900_000,
  });
  assert.equal(ledger.receivedAt(gateway, 3, T0 - 50 * HOUR), T0 - 50 * HOUR + 900_000);
  assert.equal(receipt(3), minutes(3) + 2000);
});

test('late data is kept by quarter hour for 35 days, then by day, then counts as received at its longest lag', async () => {
  const ledger = await opened();
  const came = (n: number): number => T0 + HOUR + 1 + n * 60_000;
  for (let n = 0; n < 120; n++) await ledger.record([entry(n)], came(n));
  assert.equal(ledger.spanCount(), 120);
  const receiptTimes = (): number[] =>
    Array.from({ length: 120 }, (_, n) => ledger.receivedAt(gateway, n, T0 + n * 60_000)!);
  const last = (step: number): number[] =>
    Array.from({ length: 120 }, (_, n) => {
      const inStep = Array.from({ length: 120 }, (__, m) => came(m)).filter(
        (each) => Math.ceil(each / step) === Math.ceil(came(n) / step),
      );
      return Math.max(...inStep);
    });
  await ledger.compact(T0 + 6 * HOUR);
  assert.deepEqual(receiptTimes(), last(HOUR / 4));
  assert.equal(ledger.spanCount(), 8);
  await ledger.compact(T0 + 36 * 24 * HOUR);
  assert.deepEqual(receiptTimes(), last(24 * HOUR));
  assert.equal(ledger.spanCount(), 1);
  await ledger.record(entries(120, 130), T0 + 30 * HOUR);
  await ledger.compact(T0 + 38 * 24 * HOUR);
  assert.equal(ledger.spanCount(), 2);
  await ledger.compact(T0 + 402 * 24 * HOUR);
  assert.equal(ledger.spanCount(), 1);
  assert.equal(ledger.receivedAt(gateway, 130, T0 + 130 * 60_000), T0 + 130 * 60_000 + 28 * HOUR);
  assert.equal(ledger.storedCount(gateway), 131);
});

test('a compaction continues after a run is lost in a failed commit', async () => {
  const file = new LedgerFile(':memory:');
  const ledger = new Ledger(file);
  await ledger.open();
  for (let n = 0; n < 120; n++) await ledger.record([entry(n)], T0 + HOUR + 1 + n * 60_000);
  const [commit, load] = [file.commit.bind(file), file.load.bind(file)];
  const refuse = (): Promise<never> => Promise.reject(new Error('the disk is full'));
  file.commit = refuse;
  file.load = refuse;
  await assert.rejects(ledger.record([entry(0, { run: 8 })], T0 + HOUR), { code: 'LS-STORE-001' });
  file.commit = commit;
  file.load = load;
  await ledger.compact(T0 + 6 * HOUR);
  assert.equal((await file.load()).runs.flatMap(({ spans }) => spans).length, 8);
});

test('a ledger continues after a restart', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-ledger-'));
  const path = join(dir, 'ledger.db');
  const first = await opened(path);
  await first.report(
    gateway,
    { version: 1, stream: 'measurements', runs: [{ run: 7, firstOffset: 0 }], missing: [] },
    T0,
  );
  await first.record([...entries(0, 5), ...entries(9, 9)], T0);
  await first.record(entries(0, 1, { stream: 'events' }), T0);
  await first.compact(T0 + 9 * HOUR);
  first.close();
  const second = await opened(path);
  assert.deepEqual(second.coverage(gateway, 'measurements', 7), { upTo: 5, ranges: [[9, 9]] });
  await second.record(entries(0, 9), T0 + 5);
  assert.equal(second.storedCount(gateway), 10);
  assert.equal((await second.completenessBetween(gateway, { from: T0, to: T0 + HOUR })).stored, 10);
  assert.equal(second.receivedAt(gateway, 0, T0), T0 + 2000);
  second.close();
  rmSync(dir, { recursive: true });
});
