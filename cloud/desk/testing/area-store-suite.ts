import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Opened } from '../../telemetry/testing/store-files.ts';
import type { AreaStore, Holding, Loss } from '../area-store.ts';

const AT_ONCE = 20;
const many = Array.from({ length: AT_ONCE }, (_, n) => n);
const held = (holder: string, more: Partial<Holding> = {}): Holding => ({
  target: 'feeder:owd-1',
  holder,
  since: 1_000,
  offer: null,
  ...more,
});
const loss = (holder: string, at = 1): Loss => ({
  holder,
  how: 'taken',
  by: 'bert',
  reason: null,
  areas: ['feeder:owd-1'],
  at,
});
const move = (from: Holding | undefined, to: Holding | undefined) => ({
  target: (from ?? to)?.target ?? 'feeder:owd-1',
  from,
  to,
});

/** Contract of every area store. `open` returns an empty one. */
export function areaStoreSuite(name: string, open: () => Promise<Opened<AreaStore>>): void {
  test(`${name}: holders and losses survive a restart`, async () => {
    const { store, again } = await open();
    assert.deepEqual(await store.load(), { holdings: [], losses: [] });
    const offered = held('anna', { target: 'feeder:owd-2', offer: { to: 'bert', reason: 'shift', at: 5 } });
    assert.equal(await store.change([move(undefined, offered), move(undefined, held('anna'))], [loss('carl')]), true);
    const { holdings, losses } = await (await again()).load();
    assert.deepEqual(holdings, [held('anna'), offered]);
    assert.deepEqual(losses, [{ id: losses[0]!.id, ...loss('carl') }]);
  });

  for (const [what, before] of [
    ['an unheld area', undefined],
    ['a held area', held('anna')],
    ['an offered area', held('anna', { offer: { to: 'bert', reason: 'shift', at: 5 } })],
  ] as const)
    test(`${name}: of concurrent takers of ${what} one gets it, and one loss is recorded`, async () => {
      const { store } = await open();
      if (before !== undefined) await store.change([move(undefined, before)], []);
      const done = await Promise.all(
        many.map((n) => store.change([move(before, held(`user ${n}`))], [loss('anna', n)])),
      );
      assert.equal(done.filter(Boolean).length, 1);
      const by = done.indexOf(true);
      const { holdings, losses } = await store.load();
      assert.deepEqual(holdings, [held(`user ${by}`)]);
      assert.deepEqual(
        losses.map(({ at }) => at),
        [by],
      );
    });

  test(`${name}: of a concurrent take, offer and release, one succeeds`, async () => {
    const { store } = await open();
    const anna = held('anna');
    await store.change([move(undefined, anna)], []);
    const ends = [held('bert'), held('anna', { offer: { to: 'carl', reason: 'shift', at: 9 } }), undefined];
    const done = await Promise.all(ends.map((end) => store.change([move(anna, end)], [])));
    assert.equal(done.filter(Boolean).length, 1);
    const end = ends[done.indexOf(true)];
    assert.deepEqual((await store.load()).holdings, end === undefined ? [] : [end]);
  });

  test(`${name}: if one of several areas has changed since, none changes and nothing is lost`, async () => {
    const { store } = await open();
    const second = held('anna', { target: 'feeder:owd-2' });
    await store.change([move(undefined, held('anna')), move(undefined, second)], []);
    for (const seen of [
      held('bert', { target: 'feeder:owd-2' }),
      { ...second, since: 999 },
      { ...second, offer: { to: 'bert', reason: 'shift', at: 5 } },
      undefined,
    ]) {
      const moves = [
        move(held('anna'), held('carl')),
        { target: 'feeder:owd-2', from: seen, to: held('carl', { target: 'feeder:owd-2' }) },
      ];
      assert.equal(await store.change(moves, [loss('anna')]), false);
    }
    assert.deepEqual(await store.load(), { holdings: [held('anna'), second], losses: [] });
    assert.equal(await store.change([{ target: 'feeder:owd-2', from: undefined, to: undefined }], []), false);
  });

  test(`${name}: a loss is marked seen by its holder, once`, async () => {
    const { store } = await open();
    await store.change([], [loss('anna'), loss('bert')]);
    const [first] = (await store.load()).losses;
    assert.equal(await store.seen('bert', first!.id), undefined);
    const seen = await Promise.all(many.map(() => store.seen('anna', first!.id)));
    assert.deepEqual(
      seen.filter((each) => each !== undefined),
      [first],
    );
    assert.equal((await store.load()).losses.length, 1);
  });

  test(`${name}: the newest fifty losses of each holder are kept`, async () => {
    const { store } = await open();
    await store.change([], [loss('bert')]);
    for (let at = 0; at < 60; at++) await store.change([], [loss('anna', at)]);
    const { losses } = await store.load();
    assert.deepEqual(
      losses.filter(({ holder }) => holder === 'anna').map(({ at }) => at),
      Array.from({ length: 50 }, (_, n) => n + 10),
    );
    assert.equal(losses.length, 51);
  });
}
