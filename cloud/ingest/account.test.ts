import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isKnown } from '../telemetry/as-of.ts';
import { Account } from './account.ts';
import { LedgerFile } from './ledger-file.ts';
import { Ledger } from './ledger.ts';
import { spanStates, type Span } from './spans.ts';

const T0 = Date.UTC(2021, 8, 25);
const HOUR = 3_600_000;
const QUARTER = HOUR / 4;
const gateway = 'owd-01';

/** Spans within offsets 0 to 69, with source times in any order. */
const anySpan: fc.Arbitrary<Span> = fc
  .record({
    first: fc.nat(60),
    length: fc.nat(9),
    state: fc.constantFrom(...spanStates),
    receivedAt: fc.nat(4),
    isLive: fc.boolean(),
    time: fc.nat(20),
    lasts: fc.nat(5),
  })
  .map(({ first, length, state, receivedAt, isLive, time, lasts }) => ({
    first,
    last: first + length,
    state,
    receivedAt: state === 'stored' && isLive ? null : receivedAt,
    lagMs: state === 'stored' && isLive ? receivedAt : 0,
    timeFrom: state === 'stored' ? time : null,
    timeTo: state === 'stored' ? time + lasts : null,
    code: state === 'stored' ? null : `${state}-${receivedAt % 2}`,
  }));
const anyBound = fc.option(fc.nat(70));

function accountOf(spans: readonly Span[], first: number | null, last: number | null): Account {
  const account = new Account({ gateway, stream: 'measurements', run: 7 }, 0);
  for (const span of spans) account.union.add(span);
  account.firstOffset = first;
  account.lastOffset = last;
  return account;
}

test('property: coverage and gaps match a count offset by offset', () => {
  fc.assert(
    fc.property(fc.array(anySpan, { maxLength: 30 }), anyBound, anyBound, (spans, first, last) => {
      const account = accountOf(spans, first, last);
      const held = [...account.union.spans];
      const covered = new Set(held.flatMap((span) => offsets(span.first, span.last)));
      const from = first ?? held[0]?.first ?? 0;
      const to = Math.max(last ?? -1, held.at(-1)?.last ?? -1);
      const missing = offsets(from, to).filter((offset) => !covered.has(offset));
      let upTo = -1;
      if (first !== null && covered.has(first)) for (upTo = first; covered.has(upTo + 1);) upTo++;
      const { upTo: acknowledged, ranges } = account.coverage();
      assert.equal(acknowledged, upTo);
      assert.deepEqual(
        ranges.flatMap(([low, high]) => offsets(low, high)),
        [...covered].filter((offset) => offset > upTo).sort((a, b) => a - b),
      );
      const gaps = account.gaps();
      const sum = gaps.filter(({ state }) => state === 'missing').reduce((all, { frames }) => all + frames, 0);
      assert.equal(sum, missing.length);
    }),
    { numRuns: 300 },
  );
});
const offsets = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, n) => from + n);

/** Reference: the time bounds of each stretch without a time of its own, by a scan over all spans. */
function slowGaps(account: Account): unknown[] {
  const { spans } = account.union;
  const pieces: { first: number; last: number; span?: Span }[] = [];
  let at = account.firstOffset ?? spans[0]?.first ?? 0;
  for (const span of spans) {
    if (span.first > at) pieces.push({ first: at, last: span.first - 1 });
    pieces.push({ first: span.first, last: span.last, span });
    at = Math.max(at, span.last + 1);
  }
  if (account.lastOffset !== null && account.lastOffset >= at) pieces.push({ first: at, last: account.lastOffset });
  return pieces
    .map(({ first, last, span }, index) => ({
      frames: last - first + 1,
      state: span?.state ?? 'missing',
      timeFrom:
        span?.timeFrom ??
        pieces.slice(0, index).findLast((piece) => typeof piece.span?.timeTo === 'number')?.span?.timeTo ??
        -Infinity,
      timeTo:
        span?.timeTo ??
        pieces.slice(index + 1).find((piece) => typeof piece.span?.timeFrom === 'number')?.span?.timeFrom ??
        Infinity,
      code: span?.code ?? null,
    }))
    .filter(({ state }) => state !== 'stored');
}

test('property: each gap lies between the times of its neighbouring spans', () => {
  fc.assert(
    fc.property(fc.array(anySpan, { maxLength: 30 }), anyBound, anyBound, (spans, first, last) => {
      const account = accountOf(spans, first, last);
      assert.deepEqual(account.gaps(), slowGaps(account));
    }),
    { numRuns: 500 },
  );
});

const anyStep = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('frames' as const),
      run: fc.constantFrom(7, 9),
      offsets: fc.array(fc.nat(80), { minLength: 1, maxLength: 12 }),
      refused: fc.boolean(),
      aheadMin: fc.nat(90),
      afterMs: fc.nat(40 * 60_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('report' as const),
      first: fc.nat(20),
      next: fc.integer({ min: 20, max: 90 }),
      missing: fc.array(fc.record({ from: fc.nat(90), length: fc.nat(5), lost: fc.boolean() }), { maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('compact' as const) }) },
);

test('property: compaction and restart change no answer and no later one', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-ledger-'));
  let files = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 25 }), async (steps) => {
      const path = join(dir, `${files++}.db`);
      let tidied = new Ledger(new LedgerFile(path));
      const plain = new Ledger(new LedgerFile(':memory:'));
      await tidied.open();
      await plain.open();
      let now = T0;
      for (const step of steps) {
        if (step.kind === 'compact') {
          const before = await answers(tidied);
          await tidied.compact(now + 3 * HOUR);
          assert.deepEqual(await answers(tidied), before);
          tidied.close();
          tidied = new Ledger(new LedgerFile(path));
          await tidied.open();
          assert.deepEqual(await answers(tidied), before);
        } else if (step.kind === 'frames') {
          now += step.afterMs;
          const entries = step.offsets.map((offset) => ({
            gateway,
            stream: 'measurements' as const,
            run: step.run,
            offset,
            // Source times are sometimes out of order.
            time: step.refused ? null : T0 + ((offset * 7 + step.aheadMin) % 300) * 60_000,
            ...(step.refused ? { code: 'LS-INGEST-002' } : {}),
          }));
          for (const ledger of [tidied, plain]) await ledger.record(entries, now);
        } else {
          const report = {
            version: 1 as const,
            stream: 'measurements' as const,
            runs: [
              { run: 7, firstOffset: step.first },
              { run: 9, firstOffset: step.next },
            ],
            missing: step.missing.map(({ from, length, lost }) => ({
              run: 7,
              from,
              to: from + length,
              reason: lost ? ('lost' as const) : ('dropped' as const),
              detail: 'budget spent',
            })),
          };
          for (const ledger of [tidied, plain]) await ledger.report(gateway, report, now);
        }
        // Compaction moves receipts later, so a stretch that closes afterwards may keep the earlier one; the offsets stay the same.
        assert.deepEqual(counted(tidied), counted(plain));
        for (const run of [7, 9]) {
          assert.deepEqual(tidied.coverage(gateway, 'measurements', run), plain.coverage(gateway, 'measurements', run));
        }
      }
      tidied.close();
      plain.close();
    }),
    { numRuns: 60 },
  );
  rmSync(dir, { recursive: true });
});

test('property: a receipt is never dated before it arrived, and is rounded up by age', async () => {
  const anyBatch = fc.record({
    offsets: fc.array(fc.nat(120), { minLength: 1, maxLength: 20 }),
    lagMs: fc.oneof(fc.nat(90_000), fc.nat(3 * HOUR)),
    afterMs: fc.oneof(fc.nat(2000), fc.nat(40 * 60_000)),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(anyBatch, { maxLength: 30 }), async (batches) => {
      const ledger = new Ledger(new LedgerFile(':memory:'));
      await ledger.open();
      const came = new Map<number, { readonly time: number; readonly at: number }>();
      let now = T0;
      let longest = 60_000;
      for (const { offsets: some, lagMs, afterMs } of batches) {
        now += afterMs;
        for (const offset of some) if (!came.has(offset)) came.set(offset, { time: now - lagMs, at: now });
        longest = Math.max(longest, ...some.map((offset) => now - came.get(offset)!.time));
        await ledger.record(
          some.map((offset) => ({ gateway, stream: 'measurements', run: 7, offset, time: came.get(offset)!.time })),
          now,
        );
      }
      const later = (step: number): void => {
        for (const [offset, { time, at }] of came) {
          const receipt = ledger.receivedAt(gateway, offset, time)!;
          const most = step === 0 ? time + longest + 24 * HOUR : Math.max(Math.ceil(at / step) * step, time + 60_000);
          assert.ok(
            receipt >= at && receipt <= most,
            `${offset}: came ${at - T0}, told ${receipt - T0}, at most ${most - T0}`,
          );
          for (const asOf of [receipt - 1, receipt]) {
            const isVisible = isKnown(ledger.known(gateway, asOf), { offset, time }, asOf);
            assert.equal(isVisible, asOf === receipt, `${offset} as of ${asOf - T0}`);
          }
        }
      };
      later(1);
      for (const [age, step] of [
        [3 * HOUR, QUARTER],
        [36 * 24 * HOUR, 24 * HOUR],
        [401 * 24 * HOUR, 0],
      ] as const) {
        await ledger.compact(now + age);
        later(step);
      }
      ledger.close();
    }),
    { numRuns: 200 },
  );
});

const counted = (ledger: Ledger): unknown => [ledger.completeness(gateway), ledger.storedCount(gateway)];

/** All answers of the ledger except receipts. */
async function answers(ledger: Ledger): Promise<unknown> {
  const hours = offsets(-1, 6).map((hour) => ({ from: T0 + hour * HOUR, to: T0 + (hour + 1) * HOUR }));
  return {
    all: ledger.completeness(gateway),
    hours: await Promise.all(hours.map((hour) => ledger.completenessBetween(gateway, hour))),
    coverage: [7, 9].map((run) => ledger.coverage(gateway, 'measurements', run)),
    span: ledger.timeSpan(gateway),
  };
}
