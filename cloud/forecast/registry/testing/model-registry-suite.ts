import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coverageOf } from '../../../../shared/forecast/coverage.ts';
import type { Opened } from '../../../telemetry/testing/store-files.ts';
import type { DuelDay } from '../../../../shared/contracts/duel-day.ts';
import type { GateReport } from '../gate.ts';
import type { ModelRegistry } from '../registry.ts';
import type { WaitingPromotion } from '../second-person.ts';
import { daysOf, namedBundle } from './bundle-fixture.ts';

const T0 = Date.UTC(2021, 8, 25);
const TARGET = 'substation:owd';
const many = Array.from({ length: 8 }, (_, n) => n);
const step = (at = T0) => ({ at, by: 'loadstone', reason: 'so' });
const origin = { ...step(), release: 'r', evidence: { days: daysOf(T0, () => 1) } };

const duelDay: DuelDay = { day: T0, n: 1, answeringKw: 1, besideKw: 1, coverage: coverageOf([]) };
const report: GateReport = {
  passes: true,
  reason: 'better',
  baseline: { name: 'seasonalNaive', days: 28, gain: 0.1, ci95: [0, 0.2] },
  incumbent: null,
};

/** Conformance suite of the registry. `open` returns an empty one. */
export function modelRegistrySuite(name: string, open: () => Promise<Opened<ModelRegistry>>): void {
  const added = async (store: ModelRegistry, ...ids: readonly string[]): Promise<void> => {
    for (const id of ids) assert.ok((await store.put(namedBundle(id, { at: T0 }), origin)).ok);
  };
  const stateOf = async (store: ModelRegistry, id: string) => (await store.get(id))?.state;

  test(`${name}: one of many concurrent bundles under the same id is stored, whole`, async () => {
    const { store, again } = await open();
    const bundles = many.map((n) => {
      const { manifest, role } = namedBundle('m', { at: T0 });
      return { manifest: { ...manifest, sha256: `${n}`.repeat(64) }, bytes: new Uint8Array([n]), role };
    });
    const put = await Promise.all(bundles.map(async (bundle) => store.put(bundle, origin)));
    assert.equal(put.filter(({ ok }) => ok).length, 1);
    for (const each of put) if (!each.ok) assert.equal(each.fault.code, 'LS-MODEL-001');
    const later = await again();
    const { manifest, evidence } = (await later.get('m'))!;
    const stored = bundles[put.findIndex(({ ok }) => ok)]!;
    assert.deepEqual([manifest, evidence], [stored.manifest, origin.evidence]);
    assert.deepEqual(new Uint8Array((await later.bytes(manifest.sha256))!), stored.bytes);
    assert.ok((await later.put(stored, origin)).ok, 'the same again changes nothing');
    assert.equal((await later.transitions('m')).length, 1);
  });

  test(`${name}: one of many models activated at once ends active, and each step is recorded`, async () => {
    const { store } = await open();
    const ids = many.map((n) => `m${n}`);
    await added(store, ...ids);
    await Promise.all(ids.map(async (id) => store.move(id, 'active', step())));
    const states = await Promise.all(ids.map(async (id) => stateOf(store, id)));
    assert.equal(states.filter((state) => state === 'active').length, 1);
    assert.equal(states.filter((state) => state === 'retired').length, many.length - 1);
    const active = (await store.active(TARGET, 'gateway'))!.manifest.id;
    assert.equal(active, ids[states.indexOf('active')]);
    for (const id of ids)
      assert.deepEqual(
        (await store.transitions(id)).map(({ to }) => to),
        id === active ? ['candidate', 'active'] : ['candidate', 'active', 'retired'],
      );
  });

  test(`${name}: two opposite concurrent steps are recorded in a valid order`, async () => {
    const { store } = await open();
    await added(store, 'm');
    const moved = await Promise.all((['rejected', 'shadow'] as const).map(async (to) => store.move('m', to, step())));
    assert.equal(await stateOf(store, 'm'), 'rejected');
    const steps = (await store.transitions('m')).map(({ from, to }) => `${from} ${to}`);
    const ends = moved[1]!.ok ? ['candidate shadow', 'shadow rejected'] : ['candidate rejected'];
    assert.deepEqual(steps, ['null candidate', ...ends]);
  });

  test(`${name}: a rollback reactivates the model it had replaced`, async () => {
    const { store, again } = await open();
    await added(store, 'old', 'new', 'rival');
    for (const id of ['old', 'new']) await store.move(id, 'active', step());
    for (const to of ['shadow', 'canary'] as const) await store.move('rival', to, step());
    assert.equal((await store.move('rival', 'canary', step())).ok, true, 'it is there already');
    assert.equal((await store.move('rival', 'candidate', step())).ok, false);
    assert.equal((await store.answering(TARGET, 'gateway'))!.manifest.id, 'rival');
    assert.equal((await store.challenger(TARGET, 'gateway'))!.manifest.id, 'rival');
    const later = await again();
    await later.move('new', 'rejected', step(T0 + 1));
    assert.equal((await later.active(TARGET, 'gateway'))!.manifest.id, 'old');
    assert.equal(await stateOf(later, 'new'), 'rejected');
    assert.deepEqual(
      (await later.list()).map(({ manifest }) => manifest.id),
      ['rival', 'new', 'old'],
    );
  });

  test(`${name}: the second of two concurrent requests for a promotion gets the first, if it is in time`, async () => {
    const { store, again } = await open();
    const waits = { to: 'active', by: 'anna', reason: 'seen', until: 100 } as const;
    const ask = (by: string, more: Partial<WaitingPromotion> = {}, now = 50) =>
      store.askPromotion('m', { ...waits, by, ...more }, now);
    assert.equal(await ask('anna', { to: 'canary' }), undefined);
    assert.equal(await ask('anna'), undefined, 'a request for another state does not count');
    assert.equal(await ask('anna'), undefined, 'two requests of one person do not count');
    assert.deepEqual(await (await again()).waitingPromotion('m'), waits);
    const later = await again();
    const asked = await Promise.all(many.map((n) => later.askPromotion('m', { ...waits, by: `user ${n}` }, 50)));
    // Each second request approves the one before.
    assert.equal(asked.filter((each) => each !== undefined).length, many.length / 2);
    assert.equal(new Set(asked.map((each) => each?.by)).size, many.length / 2 + 1);
  });

  test(`${name}: a promotion request expires, unless it was repeated meanwhile`, async () => {
    const { store } = await open();
    const waits = { to: 'active', by: 'anna', reason: 'seen', until: 100 } as const;
    await store.askPromotion('m', waits, 50);
    assert.deepEqual(await store.lapsedPromotions(99), []);
    assert.deepEqual(await store.lapsedPromotions(100), [{ model: 'm', ...waits }]);
    assert.equal(
      await store.askPromotion('m', { ...waits, by: 'bert', until: 200 }, 100),
      undefined,
      'the first request was void',
    );
    await store.dropPromotion('m', 100);
    assert.equal((await store.waitingPromotion('m'))?.by, 'bert');
    await store.dropPromotion('m', 200);
    assert.equal(await store.waitingPromotion('m'), undefined);
  });

  test(`${name}: concurrent updates of the evidence of a model are all kept`, async () => {
    const { store } = await open();
    await added(store, 'm');
    const duelDays = many.map((n) => ({ ...duelDay, day: T0 + n }));
    const days = many.map((n) => ({ ...origin.evidence.days[0]!, day: T0 + n }));
    await Promise.all([
      ...duelDays.map((day) => store.keepDuel('m', 'old', [day])),
      ...days.map((day) => store.refreshDays('m', [day])),
      store.setGate('m', report),
    ]);
    const { evidence } = (await store.get('m'))!;
    assert.deepEqual(evidence.duel, { against: 'old', days: duelDays });
    assert.deepEqual(evidence.gate, report);
    for (const { day } of days) assert.equal(evidence.days.filter((each) => each.day === day).length, 1);
    assert.deepEqual(await store.keepDuel('m', 'another', []), [], 'days against another model do not count');
    assert.deepEqual(await store.keepDuel('nobody', 'old', duelDays), []);
  });

  test(`${name}: bytes without a model, training results and drift state survive a restart`, async () => {
    const { store, again } = await open();
    for (const n of [1, 2]) {
      await store.keepBytes('f'.repeat(64), new Uint8Array([n]));
      await store.keepFederated({ round: n });
      await store.keepDrift(TARGET, { n });
    }
    const later = await again();
    assert.deepEqual(new Uint8Array((await later.bytes('f'.repeat(64)))!), new Uint8Array([1]), 'never overwritten');
    assert.deepEqual(
      [await later.federatedState(), await later.driftStates()],
      [{ round: 2 }, new Map([[TARGET, { n: 2 }]])],
    );
  });

  test(`${name}: models that ended long ago are deleted with their bytes; active, restorable and recent ones stay`, async () => {
    const { store } = await open();
    const ids = ['old', 'before', 'late', 'answers'];
    const bundles = ids.map((id, n) => {
      const { manifest, role } = namedBundle(id, { at: T0 });
      return { manifest: { ...manifest, sha256: `${n}`.repeat(64) }, bytes: new Uint8Array([n]), role };
    });
    for (const bundle of bundles) assert.ok((await store.put(bundle, origin)).ok);
    assert.ok((await store.move('old', 'rejected', step(T0))).ok);
    assert.ok((await store.move('before', 'active', step(T0))).ok);
    assert.ok((await store.move('answers', 'active', step(T0))).ok);
    assert.ok((await store.move('late', 'rejected', step(T0 + 10))).ok);
    assert.equal(await store.prune(T0 + 5), 1);
    assert.equal(await store.prune(T0 + 5), 0);
    const states = await Promise.all(ids.map(async (id) => (await store.get(id))?.state));
    assert.deepEqual(states, [undefined, 'retired', 'rejected', 'active']);
    const bytes = await Promise.all(bundles.map(async ({ manifest }) => store.bytes(manifest.sha256)));
    assert.deepEqual(
      bytes.map((each) => each?.length),
      [undefined, 1, 1, 1],
    );
    assert.deepEqual(await store.transitions('old'), []);
  });
}
