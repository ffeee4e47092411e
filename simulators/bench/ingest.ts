import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InfluxStore, influxWriter } from '../../cloud/telemetry/influx-store.ts';
import { LineWriter } from '../../cloud/telemetry/line-protocol.ts';
import type { Point, SeriesKey } from '../../cloud/telemetry/store.ts';
import { startInflux } from '../testing/debian.ts';
import { BenchCloud, certifyAll, influxAndLedger, makeAuthority } from './bench-cloud.ts';
import { deviceName, frameAt, gatewayName, load, metricName, valueAt } from './ingest-load.ts';
import type { LoadNews, LoadOrder } from './ingest-load.child.ts';
import type { BenchOptions } from './options.ts';

const RAW_BATCH = 5000;
/** Unacknowledged frames per gateway. Acknowledgements come every second, so this bounds the rate far above the target. */
const WINDOW = 1800;

/**
 * From MQTT to acknowledgement with a real InfluxDB (broker, decoding, store, ledger on disk, acknowledgement), against the same points
 * written by the official client to the same server in batches of 5,000.
 */
export async function run({ say, quick }: BenchOptions): Promise<Record<string, unknown>> {
  const framesPerGateway = quick ? 4000 : 20_000;
  const points = framesPerGateway * load.gateways * load.metricsPerFrame;
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-bench-'));
  say('starting InfluxDB');
  const influx = await startInflux({ dir: join(dir, 'influx') });
  try {
    say(`${points} points directly into InfluxDB in batches of ${RAW_BATCH}`);
    const before = await raw(influx.url, 'raw1', framesPerGateway);
    say(`${Math.round(before)} points/s; now from MQTT`);
    const ingest = await endToEnd({ url: influx.url, dir: join(dir, 'plain'), framesPerGateway });
    say(`${Math.round(ingest.pointsPerSecond)} points/s; now over TLS 1.3`);
    const secure = await endToEnd({ url: influx.url, dir: join(dir, 'tls'), framesPerGateway, isSecure: true });
    say(`${Math.round(secure.pointsPerSecond)} points/s; directly again`);
    const after = await raw(influx.url, 'raw2', framesPerGateway);
    const rawPointsPerSecond = Math.max(before, after);
    const share = (pointsPerSecond: number): number => Math.round((pointsPerSecond / rawPointsPerSecond) * 1000) / 1000;
    return {
      pointsPerSecond: Math.round(ingest.pointsPerSecond),
      rawPointsPerSecond: Math.round(rawPointsPerSecond),
      ratio: share(ingest.pointsPerSecond),
      tls: {
        pointsPerSecond: Math.round(secure.pointsPerSecond),
        ratio: share(secure.pointsPerSecond),
        storedFrames: secure.storedFrames,
      },
      points,
      payloadMetrics: load.metricsPerFrame,
      gateways: load.gateways,
      storedFrames: ingest.storedFrames,
      baseline: { what: 'the better of two runs, before and after', runs: [Math.round(before), Math.round(after)] },
    };
  } finally {
    await influx.kill();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Rate of the official client alone; formatting the lines is not timed. */
async function raw(url: string, database: string, framesPerGateway: number): Promise<number> {
  const store = new InfluxStore({ url, database, create: true });
  await store.open();
  await store.close();
  const writer = influxWriter({ url, database });
  const lines = new LineWriter();
  let elapsedMs = 0;
  let written = 0;
  for (const batch of batches(framesPerGateway)) {
    const records = lines.lines(batch);
    const from = performance.now();
    writer.writeRecords(records);
    await writer.flush();
    elapsedMs += performance.now() - from;
    written += batch.length;
  }
  writer.dispose();
  return (written / elapsedMs) * 1000;
}

/** The points of all gateways in send order. */
function* batches(framesPerGateway: number): Generator<Point[]> {
  const keys = seriesKeys();
  let batch: Point[] = [];
  for (let n = 0; n < framesPerGateway; n++) {
    const frame = frameAt(n);
    for (let gateway = 0; gateway < load.gateways; gateway++) {
      for (let metric = 0; metric < load.metricsPerFrame; metric++) {
        const series = keys[(gateway * load.devicesPerGateway + frame.device) * load.metricsPerFrame + metric]!;
        const value = valueAt(gateway, frame, metric);
        batch.push({ series, time: frame.time, offset: frame.offset, value, quality: 'good', origin: 'measured' });
      }
      if (batch.length >= RAW_BATCH) {
        yield batch;
        batch = [];
      }
    }
  }
  if (batch.length > 0) yield batch;
}

function seriesKeys(): SeriesKey[] {
  const keys: SeriesKey[] = [];
  for (let gateway = 0; gateway < load.gateways; gateway++) {
    for (let device = 0; device < load.devicesPerGateway; device++) {
      for (let metric = 0; metric < load.metricsPerFrame; metric++) {
        keys.push({ gateway: gatewayName(gateway), device: deviceName(device), metric: metricName(metric) });
      }
    }
  }
  return keys;
}

export interface EndToEnd {
  readonly url: string;
  readonly dir: string;
  readonly framesPerGateway: number;
  /** Default: the value in `load`. */
  readonly metricsPerFrame?: number;
  /** Gateways connect with certificates over TLS 1.3. */
  readonly isSecure?: boolean;
}

export interface Ingested {
  readonly pointsPerSecond: number;
  readonly storedFrames: number;
  /** CPU time of the cloud process: broker, decoding, ledger, and handing points to the store. */
  readonly cpuMsPer1000Points: number;
}

/** Measures from the first frame sent to the last one acknowledged. */
export async function endToEnd({
  url,
  dir,
  framesPerGateway,
  metricsPerFrame = load.metricsPerFrame,
  isSecure = false,
}: EndToEnd): Promise<Ingested> {
  mkdirSync(dir);
  const identities = join(dir, 'gateways');
  const authority = isSecure ? await makeAuthority(join(dir, 'authority')) : undefined;
  const names = Array.from({ length: load.gateways }, (_, gateway) => gatewayName(gateway));
  if (authority !== undefined) await certifyAll(authority.data, identities, names);
  const { ledger, store } = influxAndLedger(url, dir, isSecure ? 'ingest-tls' : 'ingest');
  const cloud = new BenchCloud({
    dir,
    group: load.group,
    ledger,
    store,
    ...(authority === undefined ? {} : { authority }),
  });
  await cloud.start();
  const child = fork(new URL('./ingest-load.child.ts', import.meta.url), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  try {
    const order: LoadOrder = {
      url: cloud.url,
      framesPerGateway,
      metricsPerFrame,
      window: WINDOW,
      ...(isSecure ? { identities } : {}),
    };
    await news(child, 'ready', () => child.send(order));
    const [from, cpuFrom] = [performance.now(), process.cpuUsage()];
    await news(child, 'acknowledged', () => child.send('go'));
    const seconds = (performance.now() - from) / 1000;
    const { user, system } = process.cpuUsage(cpuFrom);
    const frames = framesPerGateway * load.gateways;
    const storedFrames = names.reduce((sum, name) => sum + ledger.storedCount(name), 0);
    if (storedFrames !== frames)
      throw new Error(`${storedFrames} of ${frames} frames are stored: ${JSON.stringify(cloud.ingest.counts())}`);
    const points = frames * metricsPerFrame;
    return { pointsPerSecond: points / seconds, storedFrames, cpuMsPer1000Points: (user + system) / points };
  } finally {
    child.kill();
    await cloud.stop();
  }
}

function news(child: ChildProcess, kind: LoadNews['kind'], order: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const listen = (message: unknown): void => {
      if ((message as LoadNews).kind !== kind) return;
      child.off('message', listen);
      resolve();
    };
    child.on('message', listen);
    child.once('exit', (code) => reject(new Error(`the load process exited with ${String(code)}`)));
    order();
  });
}
