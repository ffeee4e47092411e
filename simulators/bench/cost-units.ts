import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dispatchPool } from '../../cloud/plan/compose-compute.ts';
import { horizonAt, RUNNING } from '../../cloud/plan/planner.ts';
import { generateSigningKey } from '../../shared/codec/signed-document.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { seriesEndMs, seriesStartMs } from '../data/series.ts';
import { substationTask } from '../region/substation-problem.ts';
import { startInflux } from '../testing/debian.ts';
import { certifyAll, makeAuthority } from './bench-cloud.ts';
import { pause, until } from './bench-gateway.ts';
import { Fleet, FleetCloud, GROUP } from './fleet.ts';
import { liveStations } from './forecast-day-ahead.ts';
import { replay } from './forecast-live.ts';
import { endToEnd, type Ingested } from './ingest.ts';
import { heapBytes } from './memory.ts';
import { playMonth, type MonthFigures } from './month.ts';

const DAY_MS = 86_400_000;
const MOST_MS = 300_000;
const SETTLE_MS = 5000;

export async function inFolder<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-bench-'));
  try {
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Ingest cost: the cloud's ingest path with TLS and a real InfluxDB behind it, with frames as small as gateways send them. */
export async function ingestCost(framesPerGateway: number, metricsPerFrame: number): Promise<Ingested> {
  return inFolder(async (dir) => {
    const influx = await startInflux({ dir: join(dir, 'influx') });
    try {
      return await endToEnd({
        url: influx.url,
        dir: join(dir, 'ingest'),
        framesPerGateway,
        metricsPerFrame,
        isSecure: true,
      });
    } finally {
      await influx.kill();
    }
  });
}

/** Memory that one connected and born gateway over TLS adds to the cloud, broker included, kB. */
export async function connectionCost(gateways: number): Promise<number> {
  return inFolder(async (dir) => {
    const names = Array.from({ length: gateways }, (_, at) => `gateway-${at}`);
    const identities = join(dir, 'gateways');
    mkdirSync(identities);
    const authority = await makeAuthority(join(dir, 'authority'));
    await certifyAll(authority.data, identities, names);
    const key = await generateSigningKey();
    const cloud = new FleetCloud({ dir, key: key.privateKey, authority, port: 0 });
    const { url } = await cloud.start();
    const fleet = new Fleet();
    const residentKb = (): number => {
      heapBytes();
      return process.memoryUsage().rss / 1024;
    };
    try {
      fleet.spread(names);
      const before = residentKb();
      fleet.start({ url, group: GROUP, trustedKey: key.publicKey, identities });
      await until(() => fleet.connected === gateways, MOST_MS, `${gateways} gateways`);
      await pause(SETTLE_MS);
      return (residentKb() - before) / gateways;
    } finally {
      fleet.stop();
      await cloud.stop();
    }
  });
}

/** Memory of one more optimiser thread once it has planned a substation, MB. */
export async function planWorkerCost(): Promise<number> {
  const pool = dispatchPool(1);
  heapBytes();
  const before = process.memoryUsage().rss;
  const task = substationTask({
    start: Date.UTC(2021, 6, 5, 8),
    stepsS: horizonAt(1),
    clearness: 0.95,
    loadFactor: 0.35,
    options: RUNNING,
  });
  try {
    unwrap(await pool.run('dispatch', task));
    return (process.memoryUsage().rss - before) / 1e6;
  } finally {
    await pool.close();
  }
}

const TRAIN_DAYS = 56;
const ISSUES_PER_DAY = 8;
/** Two stations, and their sum both reconciled with them and by its own model alone. */
const TARGETS = 4;

/** CPU time of the live service per forecast of a target, ms, with the model members that eight weeks of history suffice for. */
export async function forecastCost(days: number, say: (line: string) => void): Promise<number> {
  const trainAtMs = seriesStartMs + TRAIN_DAYS * DAY_MS;
  const marks: number[] = [];
  await replay(liveStations().slice(0, 2), {
    startMs: seriesStartMs,
    endMs: Math.min(seriesEndMs, trainAtMs + (days + 1) * DAY_MS),
    trainAtMs,
    zone: 'Europe/Amsterdam',
    weather: 'actual',
    say: (line) => {
      if (line.startsWith('issued up to')) {
        const { user, system } = process.cpuUsage();
        marks.push((user + system) / 1000);
      }
      say(line);
    },
  });
  // The first day is left out: it includes JIT compilation.
  return (marks.at(-1)! - marks[0]!) / ((marks.length - 1) * ISSUES_PER_DAY * TARGETS);
}

export interface DiskFigures {
  readonly rawBytesPerPoint: number;
  readonly byKind: Readonly<Record<string, number>>;
}

/** Plays recorded traffic through the real stores: bytes per raw point, and of everything else per gateway and day. */
export async function diskCost(days: number, say: (line: string) => void): Promise<DiskFigures> {
  const names = Array.from({ length: 10 }, (_, n) => `gateway-${n + 1}`);
  const { points, bytesPerGatewayDay }: MonthFigures = await inFolder((dir) =>
    playMonth({ folder: join(dir, 'month'), days, names, say }),
  );
  const { 'raw points': raw = 0, ...byKind } = bytesPerGatewayDay.stores;
  return { rawBytesPerPoint: (raw * names.length * days) / points, byKind };
}
