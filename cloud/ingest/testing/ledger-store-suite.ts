import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_OFFSET, MAX_RUN } from '../../../shared/contracts/ids.ts';
import type { Opened } from '../../telemetry/testing/store-files.ts';
import type { RunKey } from '../account.ts';
import type { Archive, StoredRun, LedgerChange, LedgerStore } from '../ledger-store.ts';
import type { Span } from '../spans.ts';

const HOUR = 3_600_000;
const T0 = Date.UTC(2021, 8, 25);
const key: RunKey = { gateway: 'owd-01', stream: 'measurements', run: 7 };

const opened = (of: RunKey, more: Partial<StoredRun> = {}): LedgerChange => ({
  kind: 'run',
  run: { ...of, openedAt: T0, firstOffset: null, lastOffset: null, ...more },
});
const stored = (first: number, last: number, more: Partial<Span> = {}): Span => ({
  first,
  last,
  state: 'stored',
  receivedAt: null,
  lagMs: 2000,
  timeFrom: T0 + first,
  timeTo: T0 + last,
  code: null,
  ...more,
});
const spans = (of: RunKey, removed: readonly [number, number] | null, added: readonly Span[]): LedgerChange => ({
  kind: 'spans',
  of,
  removed,
  added,
});
const hour = (gateway: string, n: number, frames: number): LedgerChange => ({
  kind: 'hour',
  hour: { gateway, start: T0 + n * HOUR, stored: frames },
});
const archive = (gateway: string, first: number, more: Partial<Archive> = {}): LedgerChange => ({
  kind: 'archive',
  archive: { gateway, first, last: first + 9, timeFrom: T0, timeTo: T0 + HOUR, intervalMs: 900_000, ...more },
});

/** The suite for every ledger store. `open` returns an empty one. */
export function ledgerStoreSuite(name: string, open: () => Promise<Opened<LedgerStore>>): void {
  test(`${name}: runs are read in opening order with their spans, after a restart`, async () => {
    const { store, again } = await open();
    assert.deepEqual(await store.load(), { runs: [], archives: [], folded: [] });
    const events = { ...key, stream: 'events', run: MAX_RUN } as const;
    const other = { ...key, gateway: 'wls-01', run: 0 };
    const late = stored(3, 5, { receivedAt: T0 + HOUR, lagMs: 0 });
    const lost = stored(6, MAX_OFFSET, {
      state: 'lost',
      receivedAt: T0,
      lagMs: 0,
      timeFrom: null,
      timeTo: null,
      code: 'x',
    });
    await store.commit([opened(key, { firstOffset: 0 }), spans(key, null, [late, lost])]);
    await store.commit([
      opened(other),
      opened(events),
      spans(key, null, [stored(0, 2)]),
      spans(events, null, [stored(4, 4)]),
    ]);
    const expected = {
      runs: [
        { ...runOf(opened(key, { firstOffset: 0 })), spans: [stored(0, 2), late, lost] },
        { ...runOf(opened(other)), spans: [] },
        { ...runOf(opened(events)), spans: [stored(4, 4)] },
      ],
      archives: [],
      folded: [],
    };
    assert.deepEqual(await store.load(), expected);
    assert.deepEqual(await (await again()).load(), expected);
  });

  test(`${name}: the bounds of a run move, its opening time stays`, async () => {
    const { store } = await open();
    await store.commit([opened(key), spans(key, null, [stored(0, 2)])]);
    await store.commit([opened(key, { firstOffset: 3, lastOffset: 9, openedAt: T0 + 1 })]);
    const { runs } = await store.load();
    assert.deepEqual(runs, [{ ...key, openedAt: T0, firstOffset: 3, lastOffset: 9, spans: [stored(0, 2)] }]);
  });

  test(`${name}: spans replace those that begin within a range, in their run only and in the given order`, async () => {
    const { store } = await open();
    const other = { ...key, run: 9 };
    const three = [stored(0, 1), stored(4, 5), stored(8, 9)];
    await store.commit([opened(key), opened(other), spans(key, null, three), spans(other, null, three)]);
    await store.commit([
      spans(key, [4, 4], [stored(4, 6)]),
      spans(key, [4, 8], [stored(4, 9)]),
      spans(key, null, [stored(20, 20)]),
      spans(other, [0, 0], []),
    ]);
    const { runs } = await store.load();
    assert.deepEqual(
      runs.map((run) => run.spans),
      [[stored(0, 1), stored(4, 9), stored(20, 20)], three.slice(1)],
    );
  });

  test(`${name}: changes are stored together or not at all`, async () => {
    const { store, again } = await open();
    await store.commit([opened(key), spans(key, null, [stored(0, 1)]), hour(key.gateway, 0, 2)]);
    const unknown = { ...key, run: 8 };
    await assert.rejects(
      store.commit([spans(key, [0, 0], [stored(0, 5)]), hour(key.gateway, 0, 4), spans(unknown, null, [stored(0, 1)])]),
    );
    const contents = async (from: LedgerStore): Promise<unknown> => [
      (await from.load()).runs.map((run) => run.spans),
      await from.storedBetween(key.gateway, T0, T0 + HOUR),
    ];
    assert.deepEqual(await contents(store), [[[stored(0, 1)]], 2]);
    await store.commit([spans(key, [0, 0], [stored(0, 2)]), hour(key.gateway, 0, 1)]);
    await store.commit([]);
    assert.deepEqual(await contents(await again()), [[[stored(0, 2)]], 3]);
  });

  test(`${name}: hours are summed by gateway`, async () => {
    const { store } = await open();
    await store.commit([hour('owd-01', 0, 3), hour('owd-01', 1, 5), hour('wls-01', 0, 70)]);
    await store.commit([hour('owd-01', 0, 4), hour('owd-01', -1, 100)]);
    const sums = [
      await store.storedBetween('owd-01', T0, T0 + HOUR),
      await store.storedBetween('owd-01', T0, T0 + 2 * HOUR),
      await store.storedBetween('owd-01', T0 - HOUR, T0),
      await store.storedBetween('owd-01', T0 + 2 * HOUR, T0 + 9 * HOUR),
      await store.storedBetween('none-01', T0, T0 + HOUR),
    ];
    assert.deepEqual(sums, [7, 12, 100, 0, 0]);
  });

  test(`${name}: an archive sent again replaces itself`, async () => {
    const { store } = await open();
    const longer = { last: 40, timeTo: T0 + 2 * HOUR };
    await store.commit([archive('wls-01', 0), archive('owd-01', 0), archive('owd-01', 0, { timeFrom: T0 + 1 })]);
    await store.commit([archive('owd-01', 0, longer)]);
    const { archives } = await store.load();
    assert.deepEqual(
      archives,
      [archive('owd-01', 0, longer), archive('owd-01', 0, { timeFrom: T0 + 1 }), archive('wls-01', 0)].map(
        (change) => change.kind === 'archive' && change.archive,
      ),
    );
  });
}

const runOf = (change: LedgerChange): StoredRun | undefined => (change.kind === 'run' ? change.run : undefined);
