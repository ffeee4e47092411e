import { randomInt } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import type { LoadstoneEvent } from '../shared/contracts/event.ts';
import { makeFolderPrivate, writeForOneself } from '../shared/files/private-files.ts';
import type { LoadSeries } from '../shared/forecast/series.ts';
import { uncontrolledLoad } from '../shared/forecast/uncontrolled.ts';
import { lockFolder, type FolderLock } from '../shared/lock/folder-lock.ts';
import { messageOf } from '../shared/outcome/message-of.ts';
import { LoadstoneError } from '../shared/outcome/outcome.ts';
import { SeededRandom } from '../shared/ports/random.ts';
import type { Clock, TimeBase } from '../shared/time/clock.ts';
import { SystemClock } from '../shared/time/system-clock.ts';
import { TimelineClock, type TimeLine } from '../shared/time/timeline-clock.ts';
import { isGatewayFile } from './backup/files.ts';
import { bareConfig } from './config/load.ts';
import { assertSealed, plainUplink } from './config/plain-uplink.ts';
import { packetBytesOf, speaksSparkplug } from './config/reads.ts';
import type { GatewayConfig } from './config/schema.ts';
import { accessOf, openDoors } from './config/users.ts';
import { TRANSFORMER } from './control/model.ts';
import { parseLoads, seriesOf } from './cycle/persisted.ts';
import { DeviceUsers } from './drivers/device-users.ts';
import { LocalBroker, type LocalBrokerOptions } from './drivers/local-broker.ts';
import { openFieldWire } from './drivers/modbus/serial-wire.ts';
import { openToDevices } from './drivers/open-to-devices.ts';
import type { OpenChargers } from './drivers/ocpp/chargers.ts';
import type { OpenSparkplug } from './drivers/sparkplug/sparkplug-host.ts';
import { childInference } from './forecast/child-inference.ts';
import { LocalForecaster } from './forecast/local-forecaster.ts';
import { Gateway, SOFTWARE } from './gateway.ts';
import { watchClock } from './local/clock-set.ts';
import { openPatiently } from './local/open-patiently.ts';
import { PassingLacks } from './local/passing-lacks.ts';
import { readText, socketPath } from './local/paths.ts';
import { answersOn, SocketServer } from './local/socket-server.ts';
import { keysFileOf, trustedKeys } from './trusted-keys.ts';
import type { UplinkConfig } from './uplink/config.ts';
import { proxyOf } from './uplink/proxy-tunnel.ts';
import { readIdentity } from './uplink/identity-files.ts';
import { WorkerUplink } from './uplink/worker-uplink.ts';

export interface DaemonOptions {
  /** Undefined: there is no file; the gateway holds its fail-safe and reports it. */
  readonly config: GatewayConfig | undefined;
  readonly configPath: string;
  /** Plant time's line, set by the parent; null in production. */
  readonly line: TimeLine | null;
  readonly log: Logger;
  readonly onCycle?: (plantTime: number) => void;
}

export interface Daemon {
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly lacks: readonly string[];
  /** Port of the broker for the devices. */
  readonly localPort: number;
  setLine(line: TimeLine): void;
  stop(): Promise<void>;
}

const JOURNAL_MAX_AGE_MS = 7 * 86_400_000;

interface Site {
  readonly config: GatewayConfig;
  /** Path of the socket for people at the site. */
  readonly path: string;
  readonly lacks: string[];
  readonly lock: FolderLock | undefined;
}

/** Locks the journal for this process, assembles the real parts of a gateway and starts them. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const lacks: string[] = [];
  writeForOneself();
  if (options.config === undefined) lacks.push(`configuration: there is no file ${options.configPath}`);
  const config = options.config ?? bareConfig();
  assertSealed(config);
  const path = socketPath(config, process.env['RUNTIME_DIRECTORY']);
  await refuseSecond(path);
  const lock = lockJournal(config, lacks);
  try {
    return await compose(options, { config, path, lacks, lock });
  } catch (error) {
    lock?.release();
    throw error;
  }
}

async function compose(options: DaemonOptions, { config, path, lacks, lock }: Site): Promise<Daemon> {
  const { line, log } = options;
  // An older version left its files open to other users.
  for (const why of makeFolderPrivate(config.journal.path, isGatewayFile))
    log.warn({ why }, 'other users of this machine can read the files of the gateway');
  const onFailure = (error: unknown): void => log.error({ err: error }, 'a task failed');
  const timeline = line === null ? undefined : new TimelineClock(line, onFailure);
  const clock = timeline ?? new SystemClock(onFailure);
  const clockWatch = line === null ? watchClock(clock, lacks) : undefined;
  const seed = randomInt(2 ** 31);
  const cutOffs = new PassingLacks(lacks, clock.machine);
  const broker = new LocalBroker({
    ...brokerOptions(config, clock, lacks),
    onError: ({ message }) => log.debug(`local broker: ${message}`),
    onSlowed: (name) => log.warn(`local broker: ${name} sends too much and is slowed down`),
    onCutOff: (words) => {
      if (cutOffs.add(words)) log.warn(words);
    },
  });
  const uplink = new WorkerUplink({ config: uplinkConfig(config, lacks), clock, line, seed, onFailure });
  const hears: { tell?: (event: LoadstoneEvent) => void } = {};
  const forecaster = forecasterOf(config, { clock, lacks, onEvent: (event) => hears.tell?.(event) });
  const devices = await openToDevices(broker, {
    time: clock.machine,
    lacks,
    onOpen: () => log.info({ port: broker.port }, 'devices can connect'),
  });
  const gateway = new Gateway({
    config,
    clock,
    uplink,
    deviceLink: broker.link(),
    openWire: openFieldWire,
    ...(await chargersOf(config, clock)),
    ...(await sparkplugOf(config)),
    random: new SeededRandom(seed, 'cycle'),
    forecaster,
    lacks,
    onFailure,
    onTrouble: (why) => log.warn(`no uplink to ${config.uplink.url}: ${why}`),
    ...(options.onCycle === undefined ? {} : { onCycle: options.onCycle }),
  });
  hears.tell = (event) => gateway.tell(event);
  const socket = new SocketServer(path, (request) => gateway.local(request));
  await gateway.start();
  const watch = await watchOf(config, { gateway, time: clock.machine, lacks });
  const stop = async (): Promise<void> => {
    clockWatch?.cancel();
    await watch?.close();
    await socket.stop();
    await gateway.stop();
    await devices.close();
    cutOffs.stop();
    lock?.release();
  };
  try {
    await openSocket(socket, path, lacks);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    gateway,
    clock,
    lacks,
    localPort: broker.port,
    setLine: (next) => {
      timeline?.setLine(next);
      uplink.setLine(next);
    },
    stop,
  };
}

/** Starts the server for health and metrics, if an address is configured. */
async function watchOf(
  { watch }: GatewayConfig,
  { gateway, time, lacks }: { readonly gateway: Gateway; readonly time: TimeBase; readonly lacks: string[] },
): Promise<{ close(): Promise<void> } | undefined> {
  if (watch === undefined) return undefined;
  const [{ WatchServer }, { gatewayMetrics }] = await Promise.all([
    import('./watch/watch-server.ts'),
    import('./watch/gateway-metrics.ts'),
  ]);
  const server = new WatchServer({
    stalled: () => gateway.stalled(),
    lacks: () => gateway.lacks(),
    metrics: gatewayMetrics(() => gateway.status()),
  });
  const opened = await openPatiently({
    key: 'watch.listen',
    missing: 'health and metrics are not served',
    open: async () => void (await server.listen(watch.listen)),
    time,
    lacks,
  });
  return {
    close: async () => {
      opened.stop();
      await server.close();
    },
  };
}

/** The library for chargers takes 30 MB, so it is loaded only if there are chargers. */
export async function chargersOf(config: GatewayConfig, clock: Clock): Promise<{ openChargers?: OpenChargers }> {
  if (!config.devices.some(({ driver }) => driver === 'ocpp')) return {};
  const { ocppServer } = await import('./drivers/ocpp/ocpp-server.ts');
  return { openChargers: ocppServer(clock.machine) };
}

/** Likewise the Sparkplug codec is loaded only if a device speaks it; the uplink has its own in its thread. */
export async function sparkplugOf(config: GatewayConfig): Promise<{ openSparkplug?: OpenSparkplug }> {
  if (!speaksSparkplug(config)) return {};
  const { SparkplugHost } = await import('./drivers/sparkplug/sparkplug-host.ts');
  return { openSparkplug: (options) => new SparkplugHost(options) };
}

/** Refuses a second gateway with LS-PORT-001: both would command the same devices and write one journal. */
async function refuseSecond(path: string): Promise<void> {
  if (await answersOn(path))
    throw new LoadstoneError('LS-PORT-001', `another gateway is running here and answers on ${path}`);
}

/** If the disk takes no lock, it takes no journal either: control goes on without both, and reports it. */
function lockJournal({ journal }: GatewayConfig, lacks: string[]): FolderLock | undefined {
  try {
    return lockFolder(journal.path, new SystemClock(() => undefined).machine.now());
  } catch (error) {
    if (!(error instanceof LoadstoneError) || error.code !== 'LS-DATA-002') throw error;
    lacks.push(`lock of the journal: ${error.message}`);
    return undefined;
  }
}

async function openSocket(socket: SocketServer, path: string, lacks: string[]): Promise<void> {
  try {
    // The group of the folder's owner may enter.
    if (mkdirSync(dirname(path), { recursive: true }) !== undefined) chmodSync(dirname(path), 0o750);
    await socket.start();
  } catch (error) {
    if (error instanceof LoadstoneError) throw error;
    lacks.push(`socket ${path}: ${messageOf(error)}`);
  }
}

/** Options of the devices' broker; problems are added to `lacks`. */
export const brokerOptions = (config: GatewayConfig, { machine }: Clock, lacks: string[]): LocalBrokerOptions => ({
  listen: config.localBroker.listen,
  ...usersOf(config, lacks),
  access: accessOf(config),
  maxPacketBytes: packetBytesOf(config),
  time: machine,
});

/** The users of the local broker; unreadable lines and ways to impersonate a device are added to `lacks`. */
function usersOf(config: GatewayConfig, lacks: string[]): { users?: DeviceUsers } {
  const known = new Map<string, DeviceUsers | undefined>();
  const usersIn = (path: string): DeviceUsers | undefined => {
    if (known.has(path)) return known.get(path);
    const read = readText(path);
    const users = 'text' in read ? DeviceUsers.parse(read.text, path) : undefined;
    lacks.push(...(users?.unread ?? []));
    known.set(path, users);
    return users;
  };
  lacks.push(...openDoors(config, usersIn));
  const file = config.localBroker.userFile;
  if (file === undefined) return {};
  const users = usersIn(file);
  if (users === undefined) lacks.push(`localBroker.userFile: ${file} cannot be read, so no device can connect`);
  return { users: users ?? DeviceUsers.parse('', file) };
}

/** The folder of the gateway's certificate; why it cannot be used is added to `lacks`. */
function identityOf({ identity }: GatewayConfig['uplink'], lacks: string[]): { readonly identity?: string } {
  if (identity === undefined) return {};
  const read = readIdentity(identity);
  if (!read.ok) lacks.push(`uplink.identity: ${read.fault.detail}`);
  return { identity };
}

export function uplinkConfig(config: GatewayConfig, lacks: string[]): UplinkConfig {
  const { gateway, uplink, journal } = config;
  const user = uplink.userFile === undefined ? undefined : readText(uplink.userFile);
  if (user !== undefined && 'why' in user) lacks.push(`uplink.userFile: ${user.why}`);
  lacks.push(...[plainUplink(config)].filter((why) => why !== undefined));
  const named = user !== undefined && 'text' in user ? /^([^:\s]+):/.exec(user.text)?.[1] : undefined;
  return {
    gateway: gateway.id,
    group: gateway.group,
    hostId: uplink.hostId,
    url: uplink.url,
    ...(uplink.authority === undefined ? {} : { authority: uplink.authority }),
    ...proxyOf(uplink),
    ...identityOf(uplink, lacks),
    ...(uplink.userFile === undefined ? {} : { username: named ?? gateway.id, passwordFile: uplink.userFile }),
    keepAliveS: uplink.keepAliveS,
    journal: { path: journal.path, maxMb: journal.maxMb, maxAgeMs: JOURNAL_MAX_AGE_MS, syncMs: journal.syncMs },
    trustedKeys: trustedKeys(keysFileOf(config), lacks),
    software: SOFTWARE,
    ...(config.federated.enabled
      ? {
          federated: {
            load: uncontrolledLoad([TRANSFORMER], config.devices),
            zone: gateway.timezone,
            seed: historyOf(config),
            withheld: withheldOf(config),
          },
        }
      : {}),
  };
}

/** The meters, if their measurements must not leave the gateway. */
function withheldOf({ federated, guarded, devices }: GatewayConfig): string[] {
  if (!federated.withholdMeters) return [];
  const meters = devices.filter(({ type }) => type === 'meter');
  return [...guarded, ...meters].map(({ id }) => id);
}

/** Means from before the first start, if a file is configured; the forecaster reports a faulty file. */
function historyOf({ forecast }: GatewayConfig): LoadSeries | undefined {
  const read = forecast.historyFile === undefined ? undefined : readText(forecast.historyFile);
  const loads = read !== undefined && 'text' in read ? parseLoads(read.text) : undefined;
  return loads?.ok === true ? seriesOf(loads.value) : undefined;
}

function forecasterOf(
  config: GatewayConfig,
  { clock, lacks, onEvent }: { clock: Clock; lacks: string[]; onEvent: (event: LoadstoneEvent) => void },
): LocalForecaster {
  const forecaster = new LocalForecaster({
    clock,
    inference: childInference({ time: clock.machine, provider: config.forecast.executionProvider }),
    load: uncontrolledLoad([TRANSFORMER], config.devices),
    zone: config.gateway.timezone,
    onEvent,
  });
  const file = config.forecast.historyFile;
  if (file === undefined) return forecaster;
  const read = readText(file);
  const loads = 'text' in read ? parseLoads(read.text) : undefined;
  if (loads?.ok === true) forecaster.seed(seriesOf(loads.value));
  else lacks.push(`forecast.historyFile: ${'why' in read ? read.why : (loads?.fault.detail ?? '')}`);
  return forecaster;
}
