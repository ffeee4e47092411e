import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { GatewayStatus } from '../../edge/local/protocol.ts';
import { askDaemon } from '../../edge/local/socket-client.ts';
import { machineMonotonicMs } from '../../shared/time/system-clock.ts';
import { TimelineClock } from '../../shared/time/timeline-clock.ts';
import { setStage, type StagedGateway } from '../demo/stage.ts';
import { plantStartMs, startedRegion } from '../plant/region-plant.ts';
import { plantSpecs } from '../region/inputs.ts';
import type { SubstationId } from '../data/names.ts';
import { influxCommand } from '../testing/debian.ts';
import { UplinkLine } from '../testing/uplink-line.ts';
import { freePorts } from '../testing/free-ports.ts';
import { Field } from './field.ts';
import { Part } from './part.ts';
import { sizeLimit, smallDisk, type SmallDisk } from './small-disk.ts';

const SUBSTATIONS: readonly SubstationId[] = ['hal', 'owd'];
/** The gateway whose journal has a disk of its own. */
const ON_SMALL_DISK = 'owd-01';
const DISK_BYTES = 24_000_000;
/** Plant seconds per second, so that a minute of plant time passes quickly. */
export const SPEED = 6;
const DATABASE = 'loadstone';
const CLI = join(import.meta.dirname, '..', '..', 'deploy', 'cli.ts');

/** Two substations with their gateways, the cloud and InfluxDB, each in a process of its own, and a line between them that can be cut. */
export interface ChaosRig {
  readonly folder: string;
  readonly gateways: readonly StagedGateway[];
  readonly daemons: readonly Part[];
  readonly cloud: Part;
  readonly store: Part;
  readonly line: UplinkLine;
  readonly field: Field;
  readonly disks: { readonly gateway: SmallDisk; readonly cloud: SmallDisk };
  /** Index of the gateway whose journal has a disk of its own. */
  readonly onSmallDisk: number;
  readonly cloudData: string;
  readonly influxUrl: string;
  readonly database: string;
  start(): void;
  /** Status of a gateway from its own socket. */
  atSite(gateway: string): Promise<GatewayStatus>;
  /** A request with the owner's rights; rejects if the cloud does not answer well and in time. */
  api<T>(path: string, body?: object): Promise<T>;
  stop(options: { readonly keep: boolean }): Promise<void>;
}

export async function makeRig(seed: number): Promise<ChaosRig> {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-chaos-'));
  const onFailure = (error: unknown): void => void process.stderr.write(`${String(error)}\n`);
  const specs = plantSpecs(SUBSTATIONS);
  const apiPort = await freePorts(4 + SUBSTATIONS.length);
  const [uplinkPort, uplinkVia, influxPort, localPort] = [apiPort + 1, apiPort + 2, apiPort + 3, apiPort + 4];
  const gatewayDisk = smallDisk(join(folder, 'disk'), DISK_BYTES);
  const stage = await setStage({
    root: folder,
    apiPort,
    uplinkPort,
    uplinkVia,
    localPort,
    specs,
    substations: SUBSTATIONS,
  });
  const influxUrl = `http://127.0.0.1:${influxPort}`;
  change(stage.cloudConfig, (config) => ({
    ...config,
    telemetry: { kind: 'influxdb', url: influxUrl, database: DATABASE, api: 'v1' },
  }));
  const gateways = stage.gateways.map((gateway) =>
    gateway.id === ON_SMALL_DISK ? { ...gateway, journal: join(folder, 'disk', 'journal') } : gateway,
  );
  for (const { config, journal } of gateways)
    change(config, (before) => ({
      ...before,
      journal: { path: journal, maxMb: DISK_BYTES / 2e6 },
      uplink: {
        ...(before['uplink'] as object),
        report: { deadbandPct: 0, minIntervalS: 1, maxIntervalS: 10 },
      },
    }));
  const origin = { plantOriginMs: plantStartMs, monotonicOriginMs: machineMonotonicMs(), speed: SPEED };
  const clock = new TimelineClock(origin, onFailure);
  const hello = { type: 'timeline', line: clock.line() };
  const node = { command: process.execPath, hello };
  const daemons = gateways.map(
    ({ id, config }) =>
      new Part({
        ...node,
        name: id,
        args: [...NODE_ARGUMENTS, CLI, 'edge', '--config', config, '--timeline'],
        logFile: join(stage.logs, `${id}.log`),
      }),
  );
  const cloud = new Part({
    ...node,
    name: 'cloud',
    args: [...NODE_ARGUMENTS, CLI, 'cloud', '--config', stage.cloudConfig, '--simulated'],
    logFile: join(stage.logs, 'cloud.log'),
  });
  const store = new Part({
    ...(await influxCommand({ port: influxPort, dir: join(folder, 'influx') })),
    name: 'InfluxDB',
    logFile: join(stage.logs, 'influxd.log'),
  });
  const line = new UplinkLine();
  await line.start(uplinkVia, uplinkPort);
  const region = startedRegion(specs, { seed, startMs: plantStartMs });
  const field = new Field({ region, gateways, clock, seed, onFailure });
  return {
    folder,
    gateways,
    daemons,
    cloud,
    store,
    line,
    field,
    disks: { gateway: gatewayDisk, cloud: sizeLimit() },
    onSmallDisk: gateways.findIndex(({ id }) => id === ON_SMALL_DISK),
    cloudData: stage.cloudData,
    influxUrl,
    database: DATABASE,
    start: () => {
      for (const part of [store, cloud, ...daemons]) part.start();
      field.start();
    },
    atSite: async (gateway) => {
      const answer = await askDaemon(join(folder, 'gateways', gateway, 'gateway.sock'), { op: 'status' });
      if (!('status' in answer)) throw new Error(`${gateway} reports no status`);
      return answer.status;
    },
    api: async <T>(path: string, body?: object) => {
      const token = readFileSync(join(stage.cloudData, 'token'), 'utf8').trim();
      const answer = await fetch(`http://127.0.0.1:${apiPort}${path}`, {
        signal: AbortSignal.timeout(20_000),
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text.slice(0, 200)}`);
      return JSON.parse(text) as T;
    },
    stop: async ({ keep }) => {
      await field.stop();
      await Promise.all([cloud, store, ...daemons].map((part) => part.end('SIGKILL')));
      await line.stop();
      if (keep) cpSync(join(folder, 'disk'), join(folder, 'disk-kept'), { recursive: true });
      gatewayDisk.close();
      if (!keep) rmSync(folder, { recursive: true, force: true });
    },
  };
}

const NODE_ARGUMENTS = ['--disable-warning=ExperimentalWarning'];

function change(file: string, how: (config: Record<string, unknown>) => object): void {
  writeFileSync(file, stringify(how(parse(readFileSync(file, 'utf8')) as Record<string, unknown>)));
}
