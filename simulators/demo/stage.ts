import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { gatewayUserLine } from '../../cloud/ingest/gateway-users.ts';
import { KeyBook } from '../../cloud/pki/key-book.ts';
import { keyFiles } from '../../cloud/pki/key-files.ts';
import { userLine } from '../../edge/drivers/device-users.ts';
import type { RegionSubstation } from '../../shared/contracts/region.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import type { WeatherFile } from '../../cloud/forecast/serve/weather-file.ts';
import { weatherRecords } from '../history/weather.ts';
import type { PlantSpec } from '../plant/spec.ts';
import { chargerIds } from '../faces/chargers/charging-stations.ts';
import type { OnOcpp } from '../region/field-config.ts';
import { deviceUsers, gatewayConfig } from '../region/gateway-config.ts';
import type { SubstationId } from '../data/names.ts';
import { buildRegion } from '../region/region.ts';
import { enrolGateways } from './identities.ts';

/** File locations and ports of the demo's parts. */
export interface Stage {
  readonly root: string;
  readonly cloudConfig: string;
  readonly cloudData: string;
  readonly apiPort: number;
  readonly uplinkPort: number;
  readonly plantFile: string;
  readonly logs: string;
  readonly gateways: readonly StagedGateway[];
}

export interface StagedGateway {
  readonly id: string;
  readonly substation: SubstationId;
  readonly config: string;
  readonly journal: string;
  /** Folder of its certificate. */
  readonly identity: string;
  readonly localPort: number;
  /** Modbus TCP port of its devices; absent: all use MQTT. */
  readonly modbusPort?: number;
  /** A charging site whose chargers connect over OCPP; absent: none. */
  readonly ocpp?: OnOcpp;
  /** The plant's devices that log in at the local broker; each has its password in a file of its name. */
  readonly devices: { readonly users: readonly string[]; readonly passwords: string };
}

export interface StageOptions {
  readonly root: string;
  readonly apiPort: number;
  readonly uplinkPort: number;
  /** First port of the local brokers; the others follow. */
  readonly localPort: number;
  readonly specs: readonly PlantSpec[];
  readonly substations: readonly SubstationId[];
  /** Port of a proxy that gateways connect to instead of the cloud; it reads plain MQTT. */
  readonly uplinkVia?: number | undefined;
}

/** The substation whose devices use Modbus. */
const ON_MODBUS: SubstationId = 'wwf';
/** The charging site whose chargers use OCPP. */
const ON_OCPP = { substation: 'mnzl', device: 'ev-2' } as const;
/** At 60 times real time a machine second is a plant minute, so a report every half minute is enough. */
const REPORT = { deadbandPct: 2, minIntervalS: 20, maxIntervalS: 60 };
/** Half a machine second at 60 times real time. */
const STALE_FACTOR = 6;
/** Plant time after which the cloud's heartbeat is lost: two machine seconds would be too short at 60 times real time. */
const HEARTBEAT = { intervalS: 60, lostAfterS: 600 };

/** Writes everything a region needs to run: network model, keys, passwords, a configuration for the cloud and for each gateway. */
export async function setStage(options: StageOptions): Promise<Stage> {
  const { root, apiPort, uplinkPort } = options;
  const cloudData = join(root, 'cloud');
  const logs = join(root, 'logs');
  for (const folder of [cloudData, logs]) mkdirSync(folder, { recursive: true });
  const region = buildRegion(options.substations);
  writeFileSync(join(root, 'region.json'), JSON.stringify(region));
  const keysFile = await pinKeys(root, cloudData);
  const gateways: StagedGateway[] = [];
  for (const [index, substation] of region.substations.entries())
    gateways.push(await stageGateway({ substation, index, keysFile, options }));
  const isPlain = options.uplinkVia !== undefined;
  const users = join(cloudData, 'users.htpasswd');
  // Only plain MQTT uses passwords; a demo of an older version had nothing else.
  if (isPlain) writeFileSync(users, await userLines(gateways), { mode: 0o600 });
  else {
    rmSync(users, { force: true });
    await enrolGateways(cloudData, gateways);
  }
  const weather = join(root, 'weather.json');
  writeFileSync(weather, JSON.stringify(weatherFile(options.specs)));
  const cloudConfig = join(root, 'cloud.yaml');
  writeFileSync(
    cloudConfig,
    stringify({
      region: join(root, 'region.json'),
      data: cloudData,
      // The operator's password is public, so locking the screen would keep no one out.
      api: { port: apiPort, guests: true, lockAfterMin: 0 },
      uplink: {
        ...(isPlain ? { port: 0, plainPort: uplinkPort } : { port: uplinkPort }),
        heartbeatS: HEARTBEAT.intervalS,
      },
      forecast: { weatherFile: weather },
      // Hours of plant time: minutes at 60 times real time.
      models: { shadowHours: 2, canaryHours: 2, watchHours: 24 },
    }),
  );
  return { root, cloudConfig, cloudData, apiPort, uplinkPort, plantFile: join(root, 'plant.json'), logs, gateways };
}

function weatherFile(specs: readonly PlantSpec[]): WeatherFile {
  const nullable = (values: Float64Array): (number | null)[] =>
    Array.from(values, (value) => (Number.isFinite(value) ? Math.round(value * 1000) / 1000 : null));
  const places = Object.fromEntries(
    [...weatherRecords(specs)].map(([id, { start, stepS, ghi, wind }]) => [
      id,
      { start, stepS, ghi: nullable(ghi), wind: nullable(wind) },
    ]),
  );
  return { version: 1, places };
}

interface GatewayStage {
  readonly substation: RegionSubstation;
  readonly index: number;
  readonly keysFile: string;
  readonly options: StageOptions;
}

async function stageGateway({ substation: known, index, keysFile, options }: GatewayStage): Promise<StagedGateway> {
  const { gateway: id } = known;
  const substation = known.id as SubstationId;
  const folder = join(options.root, 'gateways', id);
  mkdirSync(folder, { recursive: true });
  const devicesUserFile = join(folder, 'devices.htpasswd');
  const identity = join(folder, 'identity');
  const localPort = options.localPort + index;
  const journal = join(folder, 'journal');
  const field = fieldOf(substation, options);
  const config = gatewayConfig(substation, {
    ...uplinkOf(id, folder, options),
    localListen: `127.0.0.1:${localPort}`,
    journalPath: journal,
    mode: 'automatic',
    report: REPORT,
    keysFile,
    devicesUserFile,
    socketPath: join(folder, 'gateway.sock'),
    staleFactor: STALE_FACTOR,
    substation: known,
    ...field,
  });
  const users = deviceUsers(config);
  const passwords = join(folder, 'devices');
  await registerDevices(users, { passwords, userFile: devicesUserFile });
  const uplink = { ...(config['uplink'] as object), heartbeat: HEARTBEAT };
  writeFileSync(join(folder, 'gateway.yaml'), stringify({ ...config, uplink }));
  return {
    id,
    substation,
    config: join(folder, 'gateway.yaml'),
    journal,
    localPort,
    ...field,
    devices: { users, passwords },
    identity,
  };
}

/** The gateway's uplink: with its certificate, or with a password through a proxy that reads along. */
function uplinkOf(
  id: string,
  folder: string,
  { uplinkVia, uplinkPort }: StageOptions,
): { readonly uplinkUrl: string; readonly identity?: string; readonly uplinkUserFile?: string } {
  if (uplinkVia === undefined)
    return { uplinkUrl: `mqtts://127.0.0.1:${uplinkPort}`, identity: join(folder, 'identity') };
  const uplinkUserFile = join(folder, 'uplink-user');
  writeFileSync(uplinkUserFile, `${id}:${secret(join(folder, 'uplink-password'))}\n`, { mode: 0o600 });
  return { uplinkUrl: `mqtt://127.0.0.1:${uplinkVia}`, uplinkUserFile };
}

async function userLines(gateways: readonly StagedGateway[]): Promise<string> {
  const lines = gateways.map(({ id, config }) => gatewayUserLine(id, secret(join(dirname(config), 'uplink-password'))));
  return `${(await Promise.all(lines)).join('\n')}\n`;
}

interface DeviceFiles {
  readonly passwords: string;
  readonly userFile: string;
}

/** Creates a password for each device and the users file of its gateway; existing passwords stay. */
async function registerDevices(users: readonly string[], { passwords, userFile }: DeviceFiles): Promise<void> {
  mkdirSync(passwords, { recursive: true });
  const known = existsSync(userFile) ? readFileSync(userFile, 'utf8').split('\n') : [];
  const lines = users.map(async (user) => {
    const file = join(passwords, user);
    const line = existsSync(file) ? known.find((each) => each.startsWith(`${user}:`)) : undefined;
    return line ?? userLine(user, secret(file));
  });
  writeFileSync(userFile, `${(await Promise.all(lines)).join('\n')}\n`, { mode: 0o600 });
}

/** Devices of a substation that do not use MQTT; their ports follow those of the local brokers. */
function fieldOf(
  substation: SubstationId,
  { localPort, substations, specs }: StageOptions,
): Pick<StagedGateway, 'modbusPort' | 'ocpp'> {
  const free = localPort + substations.length;
  if (substation === ON_MODBUS) return { modbusPort: free };
  if (substation !== ON_OCPP.substation) return {};
  const site = specs.find(({ id }) => id === substation)?.devices.find(({ id }) => id === ON_OCPP.device);
  if (site?.type !== 'ev-site') return {};
  return { ocpp: { device: site.id, port: free + 1, chargers: chargerIds(site) } };
}

/** Creates the cloud's keys once, and the file that pins them at every gateway. */
async function pinKeys(root: string, cloudData: string): Promise<string> {
  await KeyBook.open(cloudData, new SystemClock(() => undefined).machine.now());
  const pinned = join(root, 'trusted-keys.json');
  copyFileSync(keyFiles(cloudData).pinned, pinned);
  return pinned;
}

/** A secret per file, kept over restarts. */
function secret(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}
