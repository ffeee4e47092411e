import type { RefuseConfig } from '../../shared/config/read-config.ts';
import { BD_SEQ_METRIC } from '../../shared/codec/sparkplug-types.ts';
import { nearest } from '../../shared/config/nearest.ts';
import { isLoopback, placeOf } from '../local/listen.ts';
import { wordsOf } from '../drivers/modbus/registers.ts';
import type { RegisterSessions } from './modbus.ts';
import type { DeviceConfig } from './device.ts';
import type { GatewayConfig } from './schema.ts';
import type { SparkplugWrite } from './sparkplug.ts';
import { checkUsers } from './users.ts';

const METERS = ['mqtt', 'sparkplug', 'sunspec', 'modbus'] as const;
const DRIVERS = { device: [...METERS, 'ocpp'], meter: METERS } as const;

/** Refuses drivers that this version does not have before their own keys are called unknown. */
export function checkDrivers(value: unknown, refuse: RefuseConfig): void {
  const root = record(value);
  for (const [index, device] of list(root['devices'])) {
    checkDriver(record(device)['driver'], `/devices/${index}/driver`, { known: DRIVERS.device, refuse });
  }
  for (const [index, guarded] of list(root['guarded'])) {
    const { driver } = record(record(guarded)['meter']);
    checkDriver(driver, `/guarded/${index}/meter/driver`, { known: DRIVERS.meter, refuse });
  }
}

function checkDriver(
  driver: unknown,
  path: string,
  { known, refuse }: { readonly known: readonly string[]; readonly refuse: RefuseConfig },
): void {
  if (typeof driver !== 'string' || known.includes(driver)) return;
  const near = nearest(driver, known);
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  refuse(path, 'LS-CONFIG-002', `is "${driver}", which is no driver here; there are: ${known.join(', ')}${hint}`);
}

/** What no schema says: unique ids, references, ratings by type, bands in order, no password on an open port. */
export function checkConfig(config: GatewayConfig, refuse: RefuseConfig): void {
  const seen = new Set<string>();
  for (const [index, guarded] of config.guarded.entries()) {
    unique(guarded.id, `/guarded/${index}/id`, { seen, refuse });
    band(guarded.limits.voltagePu, `/guarded/${index}/limits/voltagePu`, refuse);
    emergencyAbove(guarded, `/guarded/${index}/emergency`, refuse);
    if (guarded.meter.driver !== 'sunspec') reads(guarded.meter.read, `/guarded/${index}/meter/read`, refuse);
  }
  const heads = config.guarded.map(({ id }) => id);
  for (const [index, device] of config.devices.entries()) {
    const path = `/devices/${index}`;
    unique(device.id, `${path}/id`, { seen, refuse });
    if (device.feeder !== undefined && !heads.includes(device.feeder)) {
      refuse(
        `${path}/feeder`,
        'LS-CONFIG-002',
        `names "${device.feeder}", which is not guarded; guarded are: ${heads.join(', ') || 'none'}`,
      );
    }
    band(device.limits?.voltagePu, `${path}/limits/voltagePu`, refuse);
    if (device.driver === 'modbus') checkSessions(device.read?.sessionList, `${path}/read/sessionList`, refuse);
    if (device.driver === 'mqtt' || device.driver === 'sparkplug' || device.driver === 'modbus') {
      if (device.read !== undefined) reads(device.read, `${path}/read`, refuse);
      if (device.read === undefined && device.write === undefined) {
        refuse(path, 'LS-CONFIG-002', 'has neither "read" nor "write"; give at least one of them');
      }
    }
    checkRatings(device, path, refuse);
    checkWrites(device, path, refuse);
    if (device.driver === 'ocpp') checkChargers(device, path, refuse);
  }
  checkAccess(config, refuse);
  checkUsers(config, refuse);
  checkLines(config, refuse);
}

type Asked = Extract<DeviceConfig, { driver: 'sunspec' | 'modbus' }>['connection'];

/** Each device that is asked has one way to it, and those on one serial port agree on how it is set. */
function checkLines({ guarded, devices }: GatewayConfig, refuse: RefuseConfig): void {
  const lines: [path: string, connection: Omit<Asked, 'staleAfterS' | 'nominalV' | 'gap'>][] = [];
  for (const [index, { meter }] of guarded.entries())
    if (meter.driver === 'sunspec' || meter.driver === 'modbus') lines.push([`/guarded/${index}/meter`, meter]);
  for (const [index, device] of devices.entries())
    if (device.driver === 'sunspec' || device.driver === 'modbus')
      lines.push([`/devices/${index}/connection`, device.connection]);
  const ports = new Map<string, { readonly path: string; readonly set: string }>();
  for (const [path, { host, serial, baud, parity, stopBits, unitId }] of lines) {
    if ((host === undefined) === (serial === undefined)) {
      const why = host === undefined ? 'lacks "host" or "serial"' : 'has both "host" and "serial"';
      refuse(path, 'LS-CONFIG-002', `${why}; give one of them`);
    }
    if (serial === undefined) continue;
    if (unitId < 1 || unitId > 247)
      refuse(`${path}/unitId`, 'LS-CONFIG-002', `is ${unitId}; units on a serial line are numbered 1 to 247`);
    const set = `${baud} bit/s, parity ${parity}, stop bits ${stopBits ?? 'as usual'}`;
    const other = ports.get(serial);
    if (other !== undefined && other.set !== set)
      refuse(path, 'LS-CONFIG-002', `sets ${serial} to ${set}, and ${other.path} to ${other.set}; give both the same`);
    ports.set(serial, other ?? { path, set });
  }
}

function emergencyAbove(
  { emergency, limits }: GatewayConfig['guarded'][number],
  path: string,
  refuse: RefuseConfig,
): void {
  for (const key of ['importKw', 'exportKw'] as const) {
    const [raised, normal] = [emergency?.[key], limits[key]];
    if (raised === undefined || (normal !== undefined && raised >= normal)) continue;
    const than = normal === undefined ? `there is no limits.${key} that it could raise` : `limits.${key} is ${normal}`;
    refuse(`${path}/${key}`, 'LS-CONFIG-002', `is ${raised}, but ${than}; give a higher value, or leave it out`);
  }
}

function checkWrites(device: DeviceConfig, path: string, refuse: RefuseConfig): void {
  for (const [metric, { revertAfterS, keepAliveS }] of Object.entries(device.write ?? {})) {
    if (revertAfterS <= keepAliveS) {
      refuse(
        `${path}/write/${metric}/revertAfterS`,
        'LS-CONFIG-002',
        `is ${revertAfterS}, so the device would revert between two keep-alives; give more than keepAliveS (${keepAliveS})`,
      );
    }
  }
  if (device.driver === 'mqtt') {
    for (const [metric, { template }] of Object.entries(device.write ?? {})) {
      if (template.includes('${value}')) continue;
      refuse(`${path}/write/${metric}/template`, 'LS-CONFIG-002', 'lacks ${value}, where the setpoint is filled in');
    }
  }
  if (device.driver === 'sparkplug') {
    for (const [key, write] of Object.entries(device.write ?? {}))
      checkCommanded(write, `${path}/write/${key}`, refuse);
  }
  if (device.driver === 'modbus') {
    for (const [metric, { single, type }] of Object.entries(device.write ?? {})) {
      if (!single || wordsOf(type) === 1) continue;
      const why = `goes with one register, and ${type} takes ${wordsOf(type)}; leave it out or give int16 or uint16`;
      refuse(`${path}/write/${metric}/single`, 'LS-CONFIG-002', why);
    }
  }
}

/** Controls of an edge node (Sparkplug B 3.0, 6.4.5), such as its rebirth and reboot. */
const CONTROL = /^(Node|Device) Control\//;

function checkCommanded({ metric, scale }: SparkplugWrite, path: string, refuse: RefuseConfig): void {
  if (CONTROL.test(metric) || metric === BD_SEQ_METRIC)
    refuse(
      `${path}/metric`,
      'LS-CONFIG-002',
      `is "${metric}", which governs the node; name a metric that sets a value`,
    );
  if (scale === 0)
    refuse(`${path}/scale`, 'LS-CONFIG-002', 'is 0, so every setpoint would be 0; give the factor to the metric');
}

/** Below this a car does not charge on one phase: 6 A (IEC 61851-1, A.2.3). */
const LEAST_SESSION_KW = 1.38;

function checkChargers(
  { type, connection, safeDefault, ratings }: Extract<DeviceConfig, { driver: 'ocpp' }>,
  path: string,
  refuse: RefuseConfig,
): void {
  if (type !== 'ev-site') refuse(`${path}/type`, 'LS-CONFIG-002', `is ${type}; chargers make an ev-site`);
  const safe = safeDefault?.activePowerLimitKw ?? safeDefault?.activePowerKw;
  if (safe === undefined) {
    refuse(
      `${path}/safeDefault`,
      'LS-CONFIG-002',
      'lacks "activePowerKw", of which each charger gets its part as its default profile',
    );
    return;
  }
  const share = safe / connection.chargers.length;
  const least = Math.min(ratings.minimumKwPerSession ?? LEAST_SESSION_KW, ratings.activePowerKw ?? Infinity);
  if (safe < 0 || (safe > 0 && share < LEAST_SESSION_KW)) {
    refuse(
      `${path}/safeDefault`,
      'LS-CONFIG-002',
      `is ${safe} kW, so ${share.toFixed(2)} kW for each of ${connection.chargers.length} chargers, on which no car charges; give 0 or at least ${(least * connection.chargers.length).toFixed(1)}`,
    );
  }
}

/** Minimum times are for loads that are switched, and need the power from which such a load counts as running. */
function checkRunTimes({ type, ratings }: DeviceConfig, path: string, refuse: RefuseConfig): void {
  const { minOnS, minOffS, minimumRunKw, activePowerKw } = ratings;
  const key = minOnS === undefined ? 'minOffS' : 'minOnS';
  if (minimumRunKw === undefined && minOnS === undefined && minOffS === undefined) return;
  if (type !== 'flexible-load' && type !== 'ev-site') {
    const why = `is for a load that is switched (flexible-load, ev-site), and this is a ${type}; leave it out`;
    refuse(`${path}/ratings/${minimumRunKw === undefined ? key : 'minimumRunKw'}`, 'LS-CONFIG-002', why);
    return;
  }
  if (minimumRunKw === undefined) {
    const why = 'needs "minimumRunKw" beside it, the least power at which the load runs, kW';
    refuse(`${path}/ratings/${key}`, 'LS-CONFIG-002', why);
  } else if (minimumRunKw <= 0 || minimumRunKw > (activePowerKw ?? Infinity)) {
    const most = activePowerKw === undefined ? '' : ` and at most activePowerKw (${activePowerKw})`;
    refuse(`${path}/ratings/minimumRunKw`, 'LS-CONFIG-002', `is ${minimumRunKw}; give more than 0${most}`);
  }
}

function checkRatings(device: DeviceConfig, path: string, refuse: RefuseConfig): void {
  checkRunTimes(device, path, refuse);
  if (device.write === undefined) return;
  const needed = neededRatings(device);
  for (const key of needed) {
    if (device.ratings[key] === undefined) {
      refuse(`${path}/ratings`, 'LS-CONFIG-002', `lacks "${key}", which a ${device.type} that is commanded needs`);
    }
  }
  const [low, high] = device.ratings.socPct;
  if (low >= high) refuse(`${path}/ratings/socPct`, 'LS-CONFIG-002', `is [${low}, ${high}]; give the lower one first`);
}

const neededRatings = ({ type }: DeviceConfig): readonly (keyof DeviceConfig['ratings'])[] => {
  switch (type) {
    case 'battery':
      return ['chargeKw', 'dischargeKw', 'capacityKwh'];
    case 'pv-inverter':
    case 'ev-site':
    case 'flexible-load':
      return ['activePowerKw'];
    case 'capacitor-bank':
      return ['steps'];
    case 'tap-changer':
    case 'meter':
      return [];
  }
};

function checkAccess(config: GatewayConfig, refuse: RefuseConfig): void {
  const url = URL.parse(config.uplink.url);
  if (url !== null && (url.username !== '' || url.password !== '')) {
    refuse('/uplink/url', 'LS-CONFIG-002', 'holds a user or password; put them into uplink.userFile');
  }
  const { proxy, proxyUserFile } = config.uplink;
  if (proxy === undefined && proxyUserFile !== undefined) {
    refuse('/uplink/proxyUserFile', 'LS-CONFIG-002', 'is for uplink.proxy, which is not there; give both or none');
  }
  const { host } = placeOf(config.localBroker.listen);
  if (config.localBroker.userFile === undefined && !isLoopback(host)) {
    refuse(
      '/localBroker/listen',
      'LS-CONFIG-002',
      `listens on ${host} without users; give localBroker.userFile, or listen on 127.0.0.1`,
    );
  }
}

function unique(id: string, path: string, { seen, refuse }: { seen: Set<string>; refuse: RefuseConfig }): void {
  if (seen.has(id)) refuse(path, 'LS-CONFIG-002', `"${id}" is already taken; give each device and meter its own id`);
  seen.add(id);
}

function band(pair: readonly [number, number] | undefined, path: string, refuse: RefuseConfig): void {
  if (pair === undefined || pair[0] < pair[1]) return;
  refuse(path, 'LS-CONFIG-002', `is [${pair[0]}, ${pair[1]}]; give the lower one first`);
}

function reads(read: Readonly<Record<string, unknown>>, path: string, refuse: RefuseConfig): void {
  if (Object.values(read).some((signal) => typeof signal === 'object')) return;
  refuse(path, 'LS-CONFIG-002', 'reads nothing; name at least one metric and where it stands');
}

const LAST_REGISTER = 65_535;

/** The last charger's registers must still be registers. */
function checkSessions(sessions: RegisterSessions | undefined, path: string, refuse: RefuseConfig): void {
  if (sessions === undefined) return;
  const { chargers, stride, ...signals } = sessions;
  for (const [key, { register, type }] of Object.entries(signals)) {
    const last = register + (chargers - 1) * stride + wordsOf(type) - 1;
    if (last > LAST_REGISTER) {
      const why = `would stand at ${last} for charger ${chargers}, beyond the last register ${LAST_REGISTER}`;
      return refuse(`${path}/${key}`, 'LS-CONFIG-002', `${why}; give fewer chargers or a smaller stride`);
    }
  }
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

const list = (value: unknown): [number, unknown][] => (Array.isArray(value) ? [...value.entries()] : []);
