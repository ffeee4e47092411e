import assert from 'node:assert/strict';
import { test } from 'node:test';
import { health } from '../../dashboard/testing/fixture-reports.ts';
import type { FaultyMeters } from '../../estimate/faulty-meters.ts';
import { namedBundle } from '../../forecast/registry/testing/bundle-fixture.ts';
import { plansOf, reportOn, setUp, settingsOf, start } from '../testing/dispatch-rig.ts';
import { idOf, type DocumentStore } from './document-store.ts';
import { SqliteDocumentStore } from './sqlite-document-store.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));
const modelOf = (id: string) => namedBundle(id, { at: start }).manifest;

/** Documents of which one read of the newest settings is answered late, as over a network; later reads are answered at once. */
class LateDocuments extends SqliteDocumentStore {
  readonly #late = Promise.withResolvers<void>();
  #before = Number.POSITIVE_INFINITY;

  /** Delays the read of settings after `before` others. */
  hold(before: number): void {
    this.#before = before;
  }

  release(): void {
    this.#late.resolve();
  }

  override async newest(...args: Parameters<DocumentStore['newest']>): ReturnType<DocumentStore['newest']> {
    const found = await super.newest(...args);
    if (args[0] === 'settings' && this.#before-- === 0) await this.#late.promise;
    return found;
  }
}

test('a resent limit never reverts meter findings sent meanwhile', async () => {
  let meters: FaultyMeters = {};
  const store = new LateDocuments(':memory:');
  const { clock, sent, service } = await setUp({ store, meters: () => meters });
  await clock.advance(10 * 60_000);
  const [plan] = plansOf(sent).slice(-2);
  await service.onReport('aaa-01', reportOn(settingsOf(sent, 'aaa-01').at(-1)!, 'accepted'));
  const report = health('aaa', clock.plant.now(), 0);
  const { epoch, sequence } = plan!.document;
  // The first read is of what to resend, the second of what to tell again.
  store.hold(1);
  const renewed = service.onHealth('aaa-01', {
    ...report,
    plan: { ...report.plan, epoch, sequence },
    awaitsGridLimit: true,
  });
  await turn();
  meters = { transformer: 'reversed' };
  service.onMeters('aaa-01');
  const advanced = clock.advance(1);
  for (let turns = 0; turns < 100; turns++) await turn();
  store.release();
  await Promise.all([renewed, advanced]);
  const last = settingsOf(sent, 'aaa-01').at(-1)!.body;
  assert.deepEqual([last.gridLimit?.importKw, last.meters], [5000, meters]);
  await service.stop();
});

test('a document rejected for its number is not reissued over a newer one', async () => {
  let meters: FaultyMeters = { transformer: 'reversed' };
  const store = new LateDocuments(':memory:');
  const { clock, sent, service } = await setUp({ store, meters: () => meters, estimate: () => undefined });
  await clock.advance(100);
  const [first] = settingsOf(sent, 'aaa-01');
  store.hold(0);
  const refused = service.onReport('aaa-01', reportOn(first!, 'rejected', { code: 'LS-DOC-002' }));
  await turn();
  meters = { transformer: 'dead' };
  await store.add<'settings'>({ ...first!, body: { meters } });
  store.release();
  await refused;
  const newest = (await store.newest('settings', 'aaa-01'))!.document;
  assert.deepEqual([newest.sequence, newest.body], [2, { meters }]);
  assert.equal(await store.epoch('aaa-01'), 2);
  // The newer document came in the old epoch: if it is refused too, it is issued in the new one at once.
  await service.onReport('aaa-01', reportOn(newest, 'rejected', { code: 'LS-DOC-002' }));
  const last = settingsOf(sent, 'aaa-01').at(-1)!;
  assert.deepEqual([last.epoch, last.sequence, last.body], [2, 3, { meters }]);
  await service.stop();
});

test('unreadable settings of one gateway do not stop the plans of other substations', async () => {
  class Unreadable extends SqliteDocumentStore {
    isBroken = false;
    override async newest(...args: Parameters<DocumentStore['newest']>): ReturnType<DocumentStore['newest']> {
      if (this.isBroken && args[0] === 'settings' && args[1] === 'aaa-01') throw new Error('cannot be read');
      return super.newest(...args);
    }
  }
  const store = new Unreadable(':memory:');
  const { clock, sent, service } = await setUp({ store });
  await clock.advance(1000);
  store.isBroken = true;
  await assert.rejects(clock.advance(5 * 60_000), /cannot be read/);
  assert.deepEqual(
    plansOf(sent)
      .map(({ document }) => document.gateway)
      .toSorted(),
    ['aaa-01', 'bbb-01'],
  );
  await service.stop();
});

test('a model sent under a clock that was ahead is sent again once the clock is right', async () => {
  const { clock, service, store } = await setUp();
  const model = modelOf('model-1');
  clock.step(86_400_000);
  await service.documents.sendModels('aaa-01', model, undefined);
  clock.step(-86_400_000);
  for (let times = 0; times < 2; times++) await service.documents.sendModels('aaa-01', model, undefined);
  const issued = await store.list('model', 'aaa-01', 9);
  assert.deepEqual(
    issued.map(({ document }) => document.validFrom - start),
    [0, 86_400_000],
  );
  await service.stop();
});

test('a model sent to a gateway several times at once is one document', async () => {
  const { service, store } = await setUp();
  const models = async () => (await store.list('model', 'aaa-01', 9)).map(({ document }) => idOf(document));
  await Promise.all([1, 2, 3].map(() => service.documents.sendModels('aaa-01', modelOf('model-1'), undefined)));
  assert.deepEqual(await models(), ['model-1']);
  await Promise.all(['model-2', 'model-3'].map((id) => service.documents.sendModels('aaa-01', modelOf(id), undefined)));
  assert.deepEqual((await models()).length, 3);
  await service.stop();
});

test('the plan of a substation and its reports are known after a restart', async () => {
  const first = await setUp();
  await first.clock.advance(5 * 60_000);
  const { document } = plansOf(first.sent)[0]!;
  await first.service.onReport('aaa-01', reportOn(document, 'accepted'));
  await first.service.onReport('aaa-01', reportOn(document, 'accepted'));
  await first.service.onReport('aaa-01', reportOn(document, 'applied', { detail: 'so many words '.repeat(60_000) }));
  await first.service.stop();
  const before = first.service.planFor('aaa')!;
  assert.deepEqual(
    before.stages.map(({ stage }) => stage),
    ['accepted', 'applied'],
  );
  assert.ok(
    JSON.stringify(before.stages).length < 2500,
    'the details that a gateway reports are stored up to a bounded length',
  );
  const second = await setUp({ store: first.store });
  await second.service.load();
  assert.deepEqual(second.service.planFor('aaa'), before);
  assert.deepEqual(second.service.planFor('aaa-1'), before);
  await second.service.stop();
});
