import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Account, type Stretch } from './account.ts';
import { RunBook } from './run-book.ts';
import { spanStates, type Span } from './spans.ts';

const HOUR = 3_600_000;

const anySpan: fc.Arbitrary<Span> = fc
  .record({
    first: fc.nat(400),
    length: fc.nat(9),
    state: fc.constantFrom(...spanStates),
    receivedAt: fc.nat(4),
    // Sometimes weeks apart, in any order.
    hour: fc.oneof(fc.nat(10), fc.nat(5000)),
    lasts: fc.nat(3),
    isTimed: fc.boolean(),
  })
  .map(({ first, length, state, receivedAt, hour, lasts, isTimed }) => ({
    first,
    last: first + length,
    state,
    receivedAt,
    lagMs: 0,
    timeFrom: state === 'stored' || isTimed ? hour * HOUR + 1 : null,
    timeTo: state === 'stored' || isTimed ? (hour + lasts) * HOUR + 2 : null,
    code: state === 'stored' ? null : `${state}-${receivedAt % 2}`,
  }));

const anyStep = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('add' as const), run: fc.nat(1), span: anySpan }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('bound' as const),
      run: fc.nat(1),
      first: fc.option(fc.nat(450)),
      last: fc.option(fc.nat(450)),
    }),
  },
  // More than a gap searches for a time.
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('many' as const), run: fc.nat(1), at: fc.nat(200) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('join' as const), run: fc.nat(1), at: fc.nat(100) }) },
);

test('property: the sums match a full recount after any change', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
      const book = new RunBook();
      const accounts = [7, 9].map((run) => new Account({ gateway: 'owd-01', stream: 'measurements', run }, 0));
      for (const account of accounts) book.open(account);
      for (const step of steps) {
        const account = accounts[step.run]!;
        const { spans } = account.union;
        if (step.kind === 'many') {
          for (let n = 0; n < 90; n++) book.add(account, dropped(step.at + 2 * n, 'budget spent'));
        } else if (step.kind === 'add') book.add(account, step.span);
        else if (step.kind === 'bound') book.bound(account, step.first, step.last);
        else if (step.at + 1 < spans.length) {
          const [one, two] = [spans[step.at]!, spans[step.at + 1]!];
          if (one.last + 1 === two.first)
            book.join(account, { at: step.at, count: 2, span: { ...one, last: two.last } });
        }
      }
      const gaps = accounts.flatMap((account) => account.gaps());
      assert.deepEqual(book.totals(), { stored: storedIn(accounts), ...counted(gaps, () => true) });
      assert.equal(
        book.gapCount,
        accounts.reduce((sum, { union }) => sum + Math.max(0, union.rangeCount - 1), 0),
      );
      for (const [from, to] of [
        [0, 1],
        [3, 4],
        [2, 9],
        [500, 1500],
        [511, 513],
        [4000, 9999],
        [-5, 0],
      ] as const) {
        const lies = ({ timeFrom, timeTo }: Stretch): boolean =>
          Math.min(timeFrom, timeTo) < to * HOUR && Math.max(timeFrom, timeTo) >= from * HOUR;
        assert.deepEqual(book.gapsBetween(from * HOUR, to * HOUR), counted(gaps, lies), `hours ${from} to ${to}`);
      }
      const again = new RunBook();
      for (const account of accounts) again.open(account);
      assert.deepEqual(again.totals(), book.totals());
    }),
    { numRuns: 200 },
  );
});

const dropped = (offset: number, code: string): Span => ({
  first: offset,
  last: offset,
  state: 'dropped',
  receivedAt: 0,
  lagMs: 0,
  timeFrom: null,
  timeTo: null,
  code,
});

const storedIn = (accounts: readonly Account[]): number =>
  accounts
    .flatMap(({ union }) => union.spans)
    .filter(({ state }) => state === 'stored')
    .reduce((sum, { first, last }) => sum + last - first + 1, 0);

function counted(gaps: readonly Stretch[], lies: (gap: Stretch) => boolean) {
  const counts = { missing: 0, refused: 0, dropped: 0, lost: 0 };
  const reasons: Record<string, number> = {};
  for (const gap of gaps.filter(lies)) {
    counts[gap.state] += gap.frames;
    if (gap.code !== null) reasons[gap.code] = (reasons[gap.code] ?? 0) + gap.frames;
  }
  return { ...counts, reasons };
}

test('a gateway that invents a reason for each gap leaves a bounded number of reasons', () => {
  const book = new RunBook();
  const account = new Account({ gateway: 'owd-01', stream: 'measurements', run: 7 }, 0);
  book.open(account);
  for (let n = 0; n < 500; n++) {
    book.add(account, dropped(2 * n, book.reason(`reason ${n}`)));
  }
  const { reasons, dropped: sum } = book.totals();
  assert.equal(sum, 500);
  assert.ok(Object.keys(reasons).length <= 65, `${Object.keys(reasons).length} reasons`);
  assert.equal(reasons['reason 7'], 1);
});
