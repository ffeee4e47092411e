import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { storedPoints } from '../../../cloud/telemetry/testing/stored-points.ts';
import { until } from '../../../shared/testing/until.ts';
import { readJournal } from '../../../edge/journal/inspect.ts';
import { NodeDisk } from '../../../edge/journal/node-disk.ts';
import type { JournalEntry } from '../../../edge/journal/record.ts';
import { decodeFrameRecord } from '../../../edge/uplink/frame-record.ts';
import type { RunningDemo } from './running-demo.ts';
import type { UplinkLine } from '../../testing/uplink-line.ts';

const GATEWAYS = ['hal-01', 'owd-01'];
/** Plant time without an uplink: ten times what the loss of the heartbeat takes to be noticed. */
const CUT_MS = 20 * 60_000;

/** Control continues through kills and a cut uplink of two substations, and no accepted frame is lost or duplicated. */
export async function survivesKillsAndACut(demo: RunningDemo, line: UplinkLine): Promise<void> {
  await planInForce(demo);
  await killGateway(demo, 'owd-01');
  await killCloud(demo);
  await planInForce(demo);
  await cutOff(demo, line);
  await planInForce(demo);
  await everyFrameOnce(demo);
}

async function planInForce(demo: RunningDemo): Promise<void> {
  for (const gateway of GATEWAYS) {
    await until(`${gateway} is connected and follows a plan`, async () => {
      const { link, health } = await demo.gateway(gateway);
      return link.state === 'up' && health?.plan.inForce === true;
    });
  }
}

async function killGateway(demo: RunningDemo, gateway: string): Promise<void> {
  const { pid } = demo.kill(gateway);
  await until('the gateway is restarted', () => {
    const now = demo.process(gateway);
    return now !== undefined && now.pid !== pid;
  });
  await goesOn(demo, [gateway]);
}

async function killCloud(demo: RunningDemo): Promise<void> {
  const { pid } = demo.kill('cloud');
  await goesOn(demo, GATEWAYS);
  await until('the cloud is restarted', () => {
    const now = demo.process('cloud');
    return now !== undefined && now.pid !== pid;
  });
  await until('the page is back', () => demo.region());
}

async function cutOff(demo: RunningDemo, line: UplinkLine): Promise<void> {
  const before = await demo.atSite('owd-01');
  line.cut();
  const rungs = new Set<string>();
  await until(
    'twenty minutes of plant time pass',
    async () => {
      for (const gateway of GATEWAYS) rungs.add((await demo.atSite(gateway)).rung);
      return (await demo.atSite('owd-01')).plantTime >= before.plantTime + CUT_MS;
    },
    { withinS: 480, mostMs: 1000 },
  );
  const after = await demo.atSite('owd-01');
  assert.equal(after.link, 'down');
  assert.ok(after.backlogFrames > before.backlogFrames, 'frames wait in the journal');
  assert.ok(after.cycle.count > before.cycle.count + 1000, 'control continued throughout');
  assert.ok(!rungs.has('fail-safe'), `rungs ${[...rungs].join(', ')}`);
  line.mend();
  for (const gateway of GATEWAYS) {
    await until(`the backlog of ${gateway} is sent`, async () => (await demo.atSite(gateway)).backlogFrames < 500, {
      // The gateway's next attempt may be two minutes away: it backs off with full jitter up to 120 s.
      withinS: 480,
    });
  }
  await until('the loss of the heartbeat is among the events', async () =>
    (await demo.events()).some(
      ({ source, code, time }) => source === 'owd-01' && code === 'LS-CONTROL-006' && time > before.plantTime,
    ),
  );
}

/** Cycles continue, and no gateway falls back to its fail-safe value while the cloud is down. */
async function goesOn(demo: RunningDemo, gateways: readonly string[]): Promise<void> {
  for (const gateway of gateways) {
    const first = await until(`${gateway} answers`, () => demo.atSite(gateway));
    await until(
      `${gateway} keeps cycling`,
      async () => (await demo.atSite(gateway)).cycle.count > first.cycle.count + 5,
    );
    await until(`${gateway} follows its plan`, async () => (await demo.atSite(gateway)).rung === 'plan');
  }
}

/** Everything now in the journals reaches the ledger and the store. */
async function everyFrameOnce(demo: RunningDemo): Promise<void> {
  for (const gateway of GATEWAYS) {
    const entries: JournalEntry[] = [];
    for await (const entry of readJournal(new NodeDisk(join(demo.data, 'gateways', gateway, 'journal'))))
      entries.push(entry);
    const frames = entries.filter(({ stream }) => stream === 'measurements');
    assert.ok(frames.length > 1000 && entries.length > frames.length, `${gateway}: ${frames.length} frames`);
    if (gateway === 'owd-01') assert.ok(new Set(frames.map(({ run }) => run)).size >= 2, 'it was started twice');
    assert.equal(new Set(entries.map(({ stream, offset }) => `${stream}/${offset}`)).size, entries.length);

    const open = await until(
      `${gateway}: the ledger accounts for the whole journal`,
      () => {
        const states = ledgerStates(demo, gateway);
        const left = entries.filter((entry) => states(entry) === undefined);
        if (left.length > 0) throw new Error(`${left.length} of ${entries.length} are unaccounted for`);
        return { refused: entries.filter((entry) => states(entry) !== 'stored').length };
      },
      { mostMs: 1000 },
    );
    assert.equal(open.refused, 0, `${gateway}: nothing was refused, dropped or lost`);
    const stored = storedPoints(join(demo.data, 'cloud', 'telemetry.sqlite'), gateway);
    const points = new Set(stored.map(({ device, metric, time, low }) => `${device}/${metric}/${time}/${low}`));
    let missing = 0;
    for (const { payload, offset } of frames) {
      const { frame } = decodeFrameRecord(payload)!;
      for (const { metric } of frame.values) {
        if (!points.has(`${frame.device}/${metric}/${frame.time}/${offset}`)) missing++;
      }
    }
    assert.equal(missing, 0, gateway);
  }
}

/** Returns the ledger state of a journal entry, by (stream, run, offset). */
function ledgerStates(demo: RunningDemo, gateway: string): (entry: JournalEntry) => string | undefined {
  const db = new DatabaseSync(join(demo.data, 'cloud', 'state.sqlite'), { readOnly: true });
  const spans = db
    .prepare('SELECT stream, r.run AS run, first, last, state FROM span s JOIN run r ON s.run = r.id WHERE gateway = ?')
    .all(gateway)
    .map((row) => ({ ...row, first: Number(row['first']), last: Number(row['last']) }));
  db.close();
  const byRun = Map.groupBy(
    spans as { stream: string; run: number; first: number; last: number; state: string }[],
    (row) => [row.stream, row.run].join('/'),
  );
  return ({ stream, run, offset }) =>
    byRun.get(`${stream}/${run}`)?.find(({ first, last }) => offset >= first && offset <= last)?.state;
}
