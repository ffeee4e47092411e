import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { LedgerEntry } from './entries.ts';
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
const opened = (path = ':memory:'): Ledger => {
  const ledger = new Ledger(path);
  ledger.open();
  return ledger;
};

const anySpan: fc.Arbitrary<Span> = fc
  .record({
    first: fc.nat(60),
    length: fc.nat(15),
    state: fc.constantFrom(...spanStates),
    receivedAt: fc.nat(5),
  })
  .map(({ first, length, state, receivedAt }) => {
    const known = state === 'stored';
    return {
      first,
      last: first + length,
      state,
      receivedAt,
      timeFrom: known ? first : null,
      timeTo: known ? first + length : null,
      code: null,
    };
  });

test('property: the account is the union of what was reported, in any order, with any repetition', () => {
  fc.assert(
    fc.property(fc.array(anySpan, { maxLength: 25 }), fc.infiniteStream(fc.nat()), (spans, order) => {
      // The reference: for each offset by itself the best fate, then the first receipt of it.
      const expected = new Map<number, [number, number]>();
      for (const span of spans) {
        for (let offset = span.first; offset <= span.last; offset++) {
          const fate: [number, number] = [spanStates.indexOf(span.state), span.receivedAt];
          const old = expected.get(offset);
          if (old === undefined || fate[0] < old[0] || (fate[0] === old[0] && fate[1] < old[1]))
            expected.set(offset, fate);
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
      const found = new Map<number, [number, number]>();
      let end = -2;
      for (const span of union.spans) {
        assert.ok(span.first > end, 'disjoint and in order');
        end = span.last;
        for (let offset = span.first; offset <= span.last; offset++) {
          found.set(offset, [spanStates.indexOf(span.state), span.receivedAt]);
        }
      }
      assert.deepEqual(found, new Map([...expected].sort((a, b) => a[0] - b[0])));
      assert.deepEqual(
        [...persisted.values()].sort((a, b) => a.first - b.first),
        union.spans,
        'the file has the same',
      );
      const covered = union.covered.flatMap(([low, high]) => Array.from({ length: high - low + 1 }, (_, n) => low + n));
      assert.deepEqual(covered, [...found.keys()]);
      assert.ok(
        union.covered.every(([low], i) => i === 0 || low > union.covered[i - 1]![1] + 1),
        'ranges do not touch',
      );
    }),
    { numRuns: 300 },
  );
});

test('upTo needs the first offset; ranges stand above it, 32 at most', async () => {
  const ledger = opened();
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
  const ledger = opened();
  const report = { version: 1, stream: 'measurements', runs: [{ run: 7, firstOffset: 0 }], missing: [] } as const;
  await ledger.report(gateway, { ...report, runs: [...report.runs], missing: [] }, T0);
  await ledger.record([...entries(0, 69), ...entries(80, 179)], T0);
  await ledger.record([entry(70, { code: 'LS-INGEST-002', time: null })], T0);
  const hour = (n: number) => ledger.completeness(gateway, { from: T0 + n * HOUR, to: T0 + (n + 1) * HOUR });
  assert.deepEqual(hour(0), { stored: 60, missing: 0, refused: 0, dropped: 0, lost: 0, complete: true, reasons: {} });
  const second = hour(1);
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
  const closed = hour(1);
  assert.deepEqual([closed.missing, closed.dropped, closed.lost, closed.complete], [0, 5, 4, true]);
  assert.equal(closed.reasons['budget spent'], 5);
  // Run 9 began at 185: 180 to 184 of run 7 are still to come.
  assert.deepEqual(ledger.coverage(gateway, 'measurements', 7), { upTo: 179, ranges: [] });
  assert.equal(ledger.completeness(gateway).missing, 5);
  assert.equal(ledger.completeness(gateway).stored, 170);
});

test('asOf: exact receipts, backfill later, archives by their interval', async () => {
  const ledger = opened();
  await ledger.record(entries(0, 4), T0 + 10);
  await ledger.record(entries(8, 9), T0 + 20);
  await ledger.record(entries(5, 7), T0 + 30);
  await ledger.record(entries(0, 9), T0 + 99);
  const receipt = (offset: number) => ledger.receivedAt(gateway, offset, T0 + offset * 60_000);
  assert.deepEqual([0, 4, 5, 8, 9, 10].map(receipt), [T0 + 10, T0 + 10, T0 + 30, T0 + 20, T0 + 20, undefined]);
  const firsts = (asOf: number) => ledger.known(gateway, asOf).ranges.map(({ first, last }) => [first, last]);
  assert.deepEqual(firsts(T0 + 9), []);
  assert.deepEqual(firsts(T0 + 20), [
    [0, 4],
    [8, 9],
  ]);
  assert.deepEqual(firsts(T0 + 30), [[0, 9]]);
  await ledger.recordArchive({
    gateway,
    first: 0,
    last: 99,
    timeFrom: T0 - 100 * HOUR,
    timeTo: T0 - HOUR,
    intervalMs: 900_000,
  });
  assert.equal(ledger.receivedAt(gateway, 3, T0 - 50 * HOUR), T0 - 50 * HOUR + 900_000);
  assert.equal(receipt(3), T0 + 10);
});

test('compaction keeps what was known on the quarters', async () => {
  const ledger = opened();
  for (let n = 0; n < 120; n++) await ledger.record([entry(n)], T0 + 1 + n * 60_000);
  const quarters = Array.from({ length: 10 }, (_, n) => T0 + n * 900_000);
  const before = quarters.map((asOf) => ledger.known(gateway, asOf).ranges.map(({ first, last }) => [first, last]));
  await ledger.compact(T0 + 6 * HOUR);
  assert.deepEqual(
    quarters.map((asOf) => ledger.known(gateway, asOf).ranges.map(({ first, last }) => [first, last])),
    before,
  );
  assert.equal(ledger.storedCount(gateway), 120);
});

test('a ledger goes on after a restart where it stood', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-ledger-'));
  const path = join(dir, 'ledger.db');
  const first = opened(path);
  await first.report(
    gateway,
    { version: 1, stream: 'measurements', runs: [{ run: 7, firstOffset: 0 }], missing: [] },
    T0,
  );
  await first.record([...entries(0, 5), ...entries(9, 9)], T0);
  await first.record(entries(0, 1, { stream: 'events' }), T0);
  await first.compact(T0 + 9 * HOUR);
  first.close();
  const second = opened(path);
  assert.deepEqual(second.coverage(gateway, 'measurements', 7), { upTo: 5, ranges: [[9, 9]] });
  await second.record(entries(0, 9), T0 + 5);
  assert.equal(second.storedCount(gateway), 10);
  assert.equal(second.completeness(gateway, { from: T0, to: T0 + HOUR }).stored, 10);
  assert.equal(second.receivedAt(gateway, 0, T0), T0);
  second.close();
  rmSync(dir, { recursive: true });
});
