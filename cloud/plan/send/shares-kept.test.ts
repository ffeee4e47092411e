import { oneKey } from '../../../shared/pki/key-list.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { documentText } from '../../../shared/codec/packed-document.ts';
import { generateSigningKey, verifyDocument } from '../../../shared/codec/signed-document.ts';
import type { DocumentType, SettingsDocument } from '../../../shared/contracts/document.ts';
import { THIS_READS } from '../../../shared/contracts/reads.ts';
import { shareAt, type ShareKw, type ShareSchedule } from '../../../shared/contracts/share-schedule.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import type { FaultyMeters } from '../../estimate/faulty-meters.ts';
import type { Numbered, Unnumbered } from './document-store.ts';
import { GatewaySettings, type GridLimit } from './gateway-settings.ts';
import { Outbox } from './outbox.ts';
import { SqliteDocumentStore } from './sqlite-document-store.ts';

const START = Date.UTC(2027, 0, 1);
const LIMITS = { importKw: 6000, exportKw: 4000 };
const GATEWAYS = ['aaa-01', 'bbb-01', 'ccc-01'] as const;
const STATIC = { importKw: 2000, exportKw: 1300 };
const keys = await generateSigningKey();

/** A store on a slow disk: numbers are assigned at once, answers come later. */
class SlowStore extends SqliteDocumentStore {
  wait: Promise<void> | undefined;

  override async add<Type extends DocumentType>(unnumbered: Unnumbered<Type>): Promise<Numbered<Type>> {
    const document = await super.add(unnumbered);
    await this.wait;
    return document;
  }
}

/** One life of a cloud over a store: its settings, with what it sends. */
class Life {
  readonly sent: SettingsDocument[] = [];
  readonly settings: GatewaySettings;
  meters: FaultyMeters = {};
  isOffline = false;

  constructor(clock: VirtualClock, store: SqliteDocumentStore) {
    const outbox: Outbox = new Outbox({
      clock,
      store,
      keys: oneKey(keys.privateKey),
      reads: () => THIS_READS,
      stored: (document) => this.settings.stored(document),
      send: async (_gateway, _topic, payload) => {
        if (this.isOffline) throw new Error('no broker');
        const document = await verifyDocument(documentText(payload), [keys.publicKey]);
        if (document.ok && document.value.type === 'settings') this.sent.push(document.value);
      },
    });
    this.settings = new GatewaySettings({
      clock,
      store,
      outbox,
      limits: LIMITS,
      statics: new Map(GATEWAYS.map((gateway) => [gateway, STATIC])),
      meters: () => this.meters,
    });
  }

  tell = (gateway: string, now: number, kw: number): Promise<void> =>
    this.settings.tell(gateway, limitOf(now, kw)).catch(() => undefined);

  /** Import of the newest schedule that was sent to a gateway. */
  importOf = (gateway: string): number | undefined =>
    this.sent.findLast((each) => each.gateway === gateway)?.body.gridLimit?.schedule?.importKw[0];
}

const limitOf = (start: number, kw: number): GridLimit => ({
  importKw: kw,
  exportKw: kw / 2,
  schedule: {
    start,
    stepsS: [3600, 3600, 3600, 3600],
    importKw: [kw, kw, kw, kw],
    exportKw: [kw / 2, kw / 2, kw / 2, kw / 2],
    after: STATIC,
  },
});

function opened(): { clock: VirtualClock; store: SlowStore; life: Life } {
  const [clock, store] = [new VirtualClock(START), new SlowStore(':memory:')];
  store.open();
  return { clock, store, life: new Life(clock, store) };
}

/** Each gateway follows a schedule of this size and has confirmed it. */
async function settled({ life, clock, store }: ReturnType<typeof opened>, kw: number): Promise<void> {
  for (const gateway of GATEWAYS) {
    await life.tell(gateway, clock.plant.now(), kw);
    const { type, epoch, sequence } = life.sent.at(-1)!;
    const id = `settings-${gateway}`;
    await store.report(gateway, { version: 1, type, id, epoch, sequence, stage: 'accepted', time: START });
    life.settings.follows(gateway, { epoch, sequence });
  }
}

test('a gateway that was sent nothing yet counts with its fail-safe share', async () => {
  const { clock, life } = opened();
  await life.tell('aaa-01', clock.plant.now(), 6000);
  assert.equal(life.importOf('aaa-01'), 2000);
});

test('only one of two gateways updated at once gets what is left', async () => {
  const world = opened();
  const { clock, store, life } = world;
  await settled(world, 1000);
  await clock.advance(60_000);
  const disk = Promise.withResolvers<void>();
  store.wait = disk.promise;
  const sends = ['aaa-01', 'bbb-01'].map((gateway) => life.tell(gateway, clock.plant.now(), 4000));
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  disk.resolve();
  await Promise.all(sends);
  assert.deepEqual(
    GATEWAYS.map((gateway) => life.importOf(gateway)).toSorted((a, b) => a! - b!),
    [1000, 1000, 4000],
  );
});

test('a schedule that is stored but not yet sent counts, because it will be sent', async () => {
  const world = opened();
  const { clock, life } = world;
  await settled(world, 1000);
  await clock.advance(60_000);
  life.isOffline = true;
  await life.tell('aaa-01', clock.plant.now(), 4000);
  life.isOffline = false;
  await life.tell('bbb-01', clock.plant.now(), 4000);
  assert.equal(life.importOf('bbb-01'), 1000);
});

test('after a restart every schedule that a gateway may still follow counts, not only the newest', async () => {
  const world = opened();
  const { clock, store, life } = world;
  await settled(world, 1000);
  for (const kw of [4000, 500]) {
    await clock.advance(60_000);
    await life.tell('aaa-01', clock.plant.now(), kw);
  }
  const next = new Life(clock, store);
  await next.tell('bbb-01', clock.plant.now(), 4000);
  assert.equal(next.importOf('bbb-01'), 1000, 'aaa-01 may follow 4,000 kW');
  next.settings.follows('aaa-01', life.sent.at(-1));
  await next.tell('ccc-01', clock.plant.now(), 4500);
  assert.equal(next.importOf('ccc-01'), 4500, 'it has confirmed that it does not');
});

test('confirming settings without a limit does not confirm an earlier schedule', async () => {
  const world = opened();
  const { clock, life } = world;
  await settled(world, 1000);
  await clock.advance(60_000);
  await life.tell('aaa-01', clock.plant.now(), 4000);
  await clock.advance(2.5 * 3_600_000);
  life.meters = { transformer: 'reversed' };
  await life.settings.tell('aaa-01');
  const bare = life.sent.at(-1);
  assert.equal(bare?.body.gridLimit, undefined);
  await life.tell('aaa-01', clock.plant.now(), 500);
  life.settings.follows('aaa-01', bare);
  await life.tell('bbb-01', clock.plant.now(), 4500);
  assert.equal(life.importOf('bbb-01'), 1000);
});

/** What a gateway does with what reaches it, like `edge/uplink` and `edge/control/grid-limit`. */
class Gateway {
  mark = { epoch: 0, sequence: 0 };
  schedule: ShareSchedule | undefined;

  take({ epoch, sequence, acceptUntil, body }: SettingsDocument, now: number): void {
    const isNewer = epoch > this.mark.epoch || (epoch === this.mark.epoch && sequence > this.mark.sequence);
    if (!isNewer || now >= acceptUntil) return;
    this.mark = { epoch, sequence };
    this.schedule = body.gridLimit?.schedule ?? this.schedule;
  }

  shareAt = (time: number): ShareKw => (this.schedule === undefined ? STATIC : shareAt(this.schedule, time));
}

test('property: across losses, delays, repeats and restarts the gateways keep the limit of the region', async () => {
  const gateway = fc.constantFrom(...GATEWAYS);
  const act = fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('tell'), gateway, kw: fc.integer({ min: 0, max: 7000 }) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('deliver'), gateway, kw: fc.integer({ min: 0, max: 5 }) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('say'), gateway, kw: fc.constant(0) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('hear'), gateway, kw: fc.integer({ min: 0, max: 3 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait'), gateway, kw: fc.integer({ min: 1, max: 5000 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('offline'), gateway, kw: fc.constant(0) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('meters'), gateway, kw: fc.integer({ min: 0, max: 1 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('bare'), gateway, kw: fc.constant(0) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart'), gateway, kw: fc.constant(0) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 10, maxLength: 60 }), async (acts) => {
      const { clock, store, life: first } = opened();
      let life = first;
      const gateways = new Map<string, Gateway>(GATEWAYS.map((id) => [id, new Gateway()]));
      const air: SettingsDocument[] = [];
      const said: { gateway: string; mark: Gateway['mark'] }[] = [];
      const going: Promise<void>[] = [];
      for (const { do: what, gateway: id, kw } of acts) {
        const now = clock.plant.now();
        const one = gateways.get(id)!;
        if (what === 'tell') going.push(life.tell(id, now, kw));
        else if (what === 'wait') await clock.advance(1000 * kw);
        else if (what === 'offline') life.isOffline = !life.isOffline;
        else if (what === 'meters') life.meters = kw === 0 ? {} : { transformer: 'dead' };
        else if (what === 'bare') going.push(life.settings.tell(id).catch(() => undefined));
        else if (what === 'say' && one.mark.sequence > 0) said.push({ gateway: id, mark: one.mark });
        else if (what === 'hear' && said.length > 0) {
          const { gateway: from, mark } = said[kw % said.length]!;
          life.settings.follows(from, mark);
        } else if (what === 'restart') {
          await Promise.all(going.splice(0));
          air.push(...life.sent);
          life = new Life(clock, store);
        } else if (what === 'deliver') {
          await Promise.all(going.splice(0));
          air.push(...life.sent.splice(0));
          const its = air.filter((each) => each.gateway === id);
          if (its.length > 0) one.take(its.at(-1 - (kw % its.length))!, now);
          // Resends what was stored and could not be sent.
          const newest = (await store.newest('settings', id))?.document;
          if (kw === 5 && newest?.type === 'settings') one.take(newest, now);
        }
        for (const laterS of [0, 1800, 5000, 9000, 1e5]) {
          const at = clock.plant.now() + 1000 * laterS;
          const sum = (of: keyof ShareKw): number =>
            [...gateways.values()].reduce((total, each) => total + each.shareAt(at)[of], 0);
          assert.ok(
            sum('importKw') <= LIMITS.importKw && sum('exportKw') <= LIMITS.exportKw,
            `${sum('importKw')} kW of import, ${sum('exportKw')} kW of export in ${laterS} s`,
          );
        }
      }
      await Promise.all(going);
      store.close();
    }),
    { numRuns: 300 },
  );
});
