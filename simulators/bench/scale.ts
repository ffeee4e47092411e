import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LedgerFile } from '../../cloud/ingest/ledger-file.ts';
import { Ledger } from '../../cloud/ingest/ledger.ts';
import { postgresOptions, type PostgresConfig } from '../../cloud/sql/postgres-config.ts';
import { Postgres } from '../../cloud/sql/postgres.ts';
import type { TelemetryStore } from '../../cloud/telemetry/store.ts';
import type { Frame } from '../../shared/contracts/frame.ts';
import { usageOf } from '../attack/usage.ts';
import { CellGateways, StoredFrames } from '../cli/testing/cell-gateways.ts';
import { start, type Scope, type Started } from '../cli/testing/started.ts';
import { HOLDS, twoClouds, WAITS } from '../cli/testing/two-clouds.ts';
import { substationIds } from '../data/names.ts';
import { startPostgres } from '../testing/postgres.ts';
import { buildRegion } from '../region/region.ts';
import { freePort } from '../testing/free-ports.ts';
import { pause } from './bench-gateway.ts';
import type { BenchOptions } from './options.ts';
import { measureJobs } from './scale-jobs.ts';

/** Each sends three single-value frames every 20 ms. */
const OFFERED_PER_S = 150;

/**
 * A region's two clouds as in production, on real RabbitMQ, PostgreSQL and InfluxDB, with gateways that run the daemon's uplink. The owner
 * is killed with kill -9 while frames flow; the cloud that took over is then frozen. Reports the take-over times, and compares what the
 * gateways accepted with what is stored.
 */
export async function run({ say, quick }: BenchOptions): Promise<Record<string, unknown>> {
  const ended: (() => unknown)[] = [];
  const scope: Scope = { after: (work) => void ended.push(work) };
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-bench-'));
  scope.after(() => rmSync(folder, { recursive: true, force: true }));
  try {
    return await measure(scope, { folder, quick, gateways: quick ? 2 : 6, steadyS: quick ? 5 : 30, say });
  } finally {
    for (const work of ended.toReversed()) await work();
  }
}

interface Drill {
  readonly folder: string;
  readonly quick: boolean;
  readonly gateways: number;
  readonly steadyS: number;
  readonly say: BenchOptions['say'];
}

async function measure(
  scope: Scope,
  { folder, quick, gateways, steadyS, say }: Drill,
): Promise<Record<string, unknown>> {
  say('starting PostgreSQL, InfluxDB and RabbitMQ ...');
  const postgres = await database(scope);
  const region = buildRegion(substationIds.slice(0, gateways));
  const clouds = await twoClouds(scope, folder, { region, postgres });
  const cloud = (of: 'one' | 'two'): Started => start(scope, 'cloud', '--config', clouds.configs[of]);
  const first = cloud('one');
  await first.says(HOLDS);
  const second = cloud('two');
  await second.says(WAITS);
  const cell = await CellGateways.enrol(scope, clouds, { folder, at: HOLDS.exec(first.said())![1]! });
  const stored = new StoredFrames(scope, postgres);
  const busy = cell.start('busy');
  await stored.more(100 * gateways, 'frames are stored');

  say(`${gateways} gateways, ${steadyS} s of frames ...`);
  const before = { ...(await stored.look()), cpuMs: usageOf(first.child.pid!)!.cpuMs };
  await pause(steadyS * 1000);
  const after = { ...(await stored.look()), cpuMs: usageOf(first.child.pid!)!.cpuMs };
  const frames = after.frames - before.frames;
  const framesPerSecond = (1000 * frames) / (after.at - before.at);

  say('kill -9 of the owner ...');
  const killed = await stored.stall('kill -9', () => first.child.kill('SIGKILL'));
  await second.says(HOLDS);
  await first.ended;
  const again = cloud('one');
  await again.says(WAITS);
  say('SIGSTOP of the cloud that took over ...');
  const frozen = await stored.stall('SIGSTOP', () => second.child.kill('SIGSTOP'));
  await again.says(HOLDS);
  second.child.kill('SIGCONT');
  await second.ended;
  const mostFramesPerSecond = await drained(stored);

  say('the gateways stop and send their backlog ...');
  const { accepted, frames: all } = await cell.end(busy);
  await cell.sendRest(stored, all).catch((error: unknown) => say(String(error)));
  again.child.kill('SIGTERM');
  await again.ended;
  const { lost, pointsTwice, neverSent } = await accountFor(clouds.points(), cell.names, accepted);
  const inLedger = await ledgerFrames(postgres, cell.names);
  return {
    gateways,
    offeredFramesPerSecond: OFFERED_PER_S * gateways,
    framesPerSecond: Math.round(framesPerSecond),
    mostFramesPerSecond,
    // CPU time of the whole process, including estimates and plans.
    cpuMsPer1000Points: rounded((1000 * (after.cpuMs - before.cpuMs)) / frames),
    pointsPerFrame: 1,
    takeoverSeconds: killed,
    takeoverSecondsFrozen: frozen,
    frames: all,
    lost,
    // A frame counted twice shows as one too many in the ledger, whatever the store holds.
    doubled: pointsTwice + Math.max(0, inLedger - all),
    neverSent,
    ledgerFrames: inLedger,
    ...(await measureJobs(scope, { folder, clouds, jobs: quick ? 8 : 40, say })),
  };
}

async function database(scope: Scope): Promise<PostgresConfig> {
  const port = await freePort();
  // Its own folder: the server runs as another user.
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-bench-'));
  scope.after(() => rmSync(dir, { recursive: true, force: true }));
  const server = await startPostgres({ port, dir });
  scope.after(() => server.stop('SIGKILL'));
  return {
    host: '127.0.0.1',
    port,
    database: 'postgres',
    user: 'loadstone',
    passwordFile: '',
    security: 'none',
    caFile: '',
  };
}

const WINDOW_S = 2;
const DRAIN_S = 20;

/** Peak rate of stored frames per second while the journals' backlog drains. */
async function drained(stored: StoredFrames): Promise<number> {
  let most = 0;
  for (let left = DRAIN_S / WINDOW_S; left > 0; left--) {
    const from = await stored.look();
    await pause(WINDOW_S * 1000);
    const to = await stored.look();
    most = Math.max(most, (1000 * (to.frames - from.frames)) / (to.at - from.at));
  }
  return Math.round(most);
}

/**
 * Counts accepted frames missing in the store, points stored twice, and points that no gateway accepted. InfluxDB overwrites the points of
 * a rewritten frame, so the ledger's count is reported beside these.
 */
async function accountFor(
  points: TelemetryStore,
  gateways: readonly string[],
  accepted: readonly ReadonlyMap<string, Frame>[],
): Promise<{ lost: number; pointsTwice: number; neverSent: number }> {
  await points.open();
  try {
    let [lost, pointsTwice, neverSent] = [0, 0, 0];
    for (const [at, gateway] of gateways.entries()) {
      const frames = [...accepted[at]!.values()];
      const sent = new Set(frames.map(({ device, time, values }) => `${device} ${time} ${values[0]!.value}`));
      const devices = [...new Set(frames.map(({ device }) => device))];
      const series = devices.map((device) => ({ gateway, device, metric: 'activePowerKw' }));
      const samples = await points.read({ series, start: 0, end: 8e12 });
      const found = new Set<string>();
      for (const [which, device] of devices.entries())
        for (const { time, value } of samples[which]!) {
          const key = `${device} ${time} ${value}`;
          if (found.has(key)) pointsTwice++;
          else if (!sent.has(key)) neverSent++;
          found.add(key);
        }
      lost += [...sent].filter((key) => !found.has(key)).length;
    }
    return { lost, pointsTwice, neverSent };
  } finally {
    await points.close();
  }
}

async function ledgerFrames(config: PostgresConfig, gateways: readonly string[]): Promise<number> {
  const postgres = new Postgres(postgresOptions(config));
  const ledger = new Ledger(new LedgerFile(postgres));
  try {
    await ledger.open();
    return gateways.reduce((sum, gateway) => sum + ledger.storedCount(gateway), 0);
  } finally {
    ledger.close();
    await postgres.close();
  }
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
