import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpenedEvents } from '../../cloud/audit/testing/opened-events.ts';
import { BirthFile } from '../../cloud/ingest/birth-file.ts';
import { Ingest } from '../../cloud/ingest/ingest.ts';
import { LedgerFile } from '../../cloud/ingest/ledger-file.ts';
import { Ledger } from '../../cloud/ingest/ledger.ts';
import { SqliteStore } from '../../cloud/telemetry/sqlite-store.ts';
import { frameOf, START, UplinkBench } from '../../edge/uplink/testing/bench.ts';
import type { Frame } from '../../shared/contracts/frame.ts';
import type { NetworkFaults } from '../sim/sim-network.ts';
import { SimProcess } from '../sim/sim-process.ts';

/** The gateway's real uplink against the cloud's real ingest, on a simulated network: DESIGN section 8, first promise. */
const rough = { drop: 0.08, duplicate: 0.05, delayMs: [5, 700], reorder: false } as const;
const HOST = 'loadstone-cloud';

/** Store, ledger, births and event log outlive the ingest that uses them. */
async function openCloud(bench: UplinkBench) {
  const ledger = new Ledger(new LedgerFile(':memory:'));
  await ledger.open();
  const store = new SqliteStore({ path: ':memory:', receivedAt: ledger });
  await store.open();
  const events = new OpenedEvents();
  const births = new BirthFile(':memory:');
  births.open();
  const taken = new Map<string, Frame>();
  let twice = 0;
  let process: SimProcess;
  const start = async (): Promise<void> => {
    process = new SimProcess(bench.clock);
    const ingest = new Ingest({
      link: bench.network.link(process),
      store,
      ledger,
      births,
      events,
      clock: process,
      group: 'north',
      handlers: {
        onFrame: ({ run, offset }, frame) => {
          if (taken.has(`${run}/${offset}`)) twice++;
          taken.set(`${run}/${offset}`, frame);
        },
      },
    });
    await ingest.start();
  };
  const kill = (): void => {
    process.kill();
    bench.network.kill(HOST);
  };
  return { ledger, store, taken, start, kill, twice: () => twice };
}

test('every frame a gateway accepts is stored once, whatever is lost, cut or killed on the way', async () => {
  for (let seed = 1; seed <= 8; seed++) await survives(seed, rough, ['stored']);
});

test('every frame is stored once or listed as rejected even if births and data overtake each other', async () => {
  for (let seed = 21; seed <= 26; seed++) await survives(seed, { ...rough, reorder: true }, ['stored', 'refused']);
});

async function survives(seed: number, faults: NetworkFaults, fine: readonly string[]): Promise<void> {
  const bench = new UplinkBench(seed, { faults });
  const cloud = await openCloud(bench);
  await cloud.start();
  let gateway = await bench.startGateway();
  for (let step = 0; step < 14; step++) {
    await bench.produce(gateway, 5 + (bench.random.uint32() % 20));
    await bench.note(gateway);
    const dice = bench.random.next();
    if (dice < 0.2) await bench.network.partition('owd-01');
    else if (dice < 0.45) bench.network.heal();
    else if (dice < 0.65) {
      bench.killGateway(gateway, dice < 0.55);
      await bench.clock.advance(bench.random.next() * 5000);
      gateway = await bench.startGateway();
      await bench.note(gateway);
    } else if (dice < 0.8) {
      cloud.kill();
      await bench.clock.advance(bench.random.next() * 9000);
      await cloud.start();
    }
  }
  bench.network.heal();
  await bench.note(gateway);
  // Frames wait for births, which may get lost too. Of 160 seeds half finish within 40 s, the last within 210 s.
  await bench.clock.advance(600_000);
  const replay = `seed ${seed}`;
  assert.equal(gateway.core.journal.state().backlogFrames, 0, replay);
  assert.equal(gateway.core.journal.state().lostFrames, 0, replay);
  for (const [key, entry] of bench.accepted) {
    const [run, offset] = key.split('/').map(Number) as [number, number];
    const state = cloud.ledger.stateOf('owd-01', 'measurements', { run, offset });
    assert.ok(state !== undefined && fine.includes(state), `${replay}, ${key}: ${state}`);
    const frame = cloud.taken.get(key);
    if (frame !== undefined) assert.deepEqual(frame, frameOf(entry), replay);
  }
  const { missing, stored } = cloud.ledger.completeness('owd-01');
  assert.equal(missing, 0, replay);
  const points = await cloud.store.read({
    series: ['pv-1', 'battery-1', 'transformer'].map((device) => ({
      gateway: 'owd-01',
      device,
      metric: 'activePowerKw',
    })),
    start: START,
    end: START + 86_400_000,
  });
  const count = points.reduce((sum, series) => sum + series.length, 0);
  assert.equal(count, stored, `${replay}: as many points as frames, one each`);
  const times = points.flatMap((series, index) => series.map(({ time }) => `${index} ${time}`));
  assert.equal(new Set(times).size, times.length, `${replay}: no frame twice`);
}
