import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Opened } from '../../../telemetry/testing/store-files.ts';
import type { ScenarioStore } from '../scenario-store.ts';

const body = { name: 'more pumps', changes: [{ type: 'scale', target: 'region:north', factor: 1.1 }] };
const scenario = (id: string, owner = 'anna') => ({ id, owner, body: body as never, createdAt: 5 });
const result = (id: string, of: string, n = 0) => ({ id, scenario: of, target: 'region:north', content: { n } });

/** Contract of every scenario store. `open` returns an empty one. */
export function scenarioStoreSuite(name: string, open: () => Promise<Opened<ScenarioStore>>): void {
  test(`${name}: scenarios survive a restart and are listed by owner and page`, async () => {
    const { store, again } = await open();
    for (const id of ['a', 'b', 'c']) await store.add(scenario(id));
    await store.add(scenario('of another', 'bert'));
    await assert.rejects(async () => store.add(scenario('a', 'bert')));
    const first = (await store.list('anna', 0, 2)).map(({ id }) => id);
    assert.deepEqual(first, ['a', 'b']);
    const later = await again();
    const { number, ...stored } = (await later.get('b'))!;
    assert.deepEqual(stored, scenario('b'));
    assert.deepEqual(
      (await later.list('anna', number, 9)).map(({ id }) => id),
      ['c'],
    );
  });

  test(`${name}: a result keeps its first value and protects its scenario from removal`, async () => {
    const { store } = await open();
    for (const id of ['used', 'unused']) await store.add(scenario(id));
    await Promise.all([1, 2, 3].map(async (n) => store.putResult(result('r', 'used', n))));
    const stored = (await store.result('r'))!;
    assert.deepEqual(stored, { scenario: 'used', target: 'region:north', json: '{"n":1}' });
    assert.equal(await store.remove('used'), false);
    assert.ok(await store.get('used'));
    const removed = await Promise.all([1, 2, 3].map(async () => store.remove('unused')));
    assert.equal(removed.filter(Boolean).length, 1);
    assert.equal(await store.result('never'), undefined);
  });

  test(`${name}: of a concurrent first result and removal of its scenario only one succeeds`, async () => {
    const { store } = await open();
    for (let n = 0; n < 20; n++) {
      await store.add(scenario(`s${n}`));
      const [, isRemoved] = await Promise.allSettled([
        (async () => store.putResult(result(`r${n}`, `s${n}`)))(),
        (async () => store.remove(`s${n}`))(),
      ]);
      assert.equal((await store.get(`s${n}`)) === undefined, isRemoved.status === 'fulfilled' && isRemoved.value);
      assert.equal((await store.result(`r${n}`)) === undefined, (await store.get(`s${n}`)) === undefined);
    }
  });
}
