import type { RefuseConfig } from '../../shared/config/read-config.ts';
import { nearest } from '../../shared/config/nearest.ts';
import { isLoopback, placeOf } from '../local/listen.ts';
import { protocolOf, protocols } from '../drivers/table.ts';
import type { DeviceConfig } from './device.ts';
import { writesOf, type Source } from './reads.ts';
import type { GatewayConfig } from './schema.ts';
import { checkSense } from './sense.ts';
import { checkUsers } from './users.ts';

const DRIVERS = {
  device: protocols.map(({ name }) => name),
  meter: protocols.filter(({ meter }) => meter !== undefined).map(({ name }) => name),
};

/** Refuses unknown drivers first, before their own keys are reported as unknown. */
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
  refuse(path, 'LS-CONFIG-002', `is "${driver}", which is not a known driver; known: ${known.join(', ')}${hint}`);
}

/** Checks what no schema can express: unique ids, references, ratings by type, order of bands, no password on an open port. */
export function checkConfig(config: GatewayConfig, refuse: RefuseConfig): void {
  const seen = new Set<string>();
  for (const [index, guarded] of config.guarded.entries()) {
    unique(guarded.id, `/guarded/${index}/id`, { seen, refuse });
    band(guarded.limits.voltagePu, `/guarded/${index}/limits/voltagePu`, refuse);
    emergencyAbove(guarded, `/guarded/${index}/emergency`, refuse);
    protocolOf(guarded.meter).check?.(guarded.meter, `/guarded/${index}/meter`, refuse);
  }
  const heads = config.guarded.map(({ id }) => id);
  for (const [index, device] of config.devices.entries()) {
    const path = `/devices/${index}`;
    unique(device.id, `${path}/id`, { seen, refuse });
    if (device.feeder !== undefined && !heads.includes(device.feeder)) {
      refuse(
        `${path}/feeder`,
        'LS-CONFIG-002',
        `names "${device.feeder}", which is not guarded; guarded: ${heads.join(', ') || 'none'}`,
      );
    }
    band(device.limits?.voltagePu, `${path}/limits/voltagePu`, refuse);
    protocolOf(device).check?.(device, path, refuse);
    checkRatings(device, path, refuse);
    checkWrites(device, path, refuse);
  }
  checkAccess(config, refuse);
  checkUsers(config, refuse);
  checkLines(config, refuse);
  checkSense(config, refuse);
}

/** Each polled device has exactly one address, and all on one serial port agree on its settings. */
function checkLines({ guarded, devices }: GatewayConfig, refuse: RefuseConfig): void {
  const sources: [path: string, source: Source][] = [
    ...guarded.map(({ meter }, index): [string, Source] => [`/guarded/${index}/meter`, meter]),
    ...devices.map((device, index): [string, Source] => [`/devices/${index}/connection`, device]),
  ];
  const lines = sources.flatMap(([path, source]) => {
    const line = protocolOf(source).line?.(source);
    return line === undefined ? [] : [[path, line] as const];
  });
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
  for (const [metric, { revertAfterS, keepAliveS }] of Object.entries(writesOf(device) ?? {})) {
    if (revertAfterS <= keepAliveS) {
      refuse(
        `${path}/write/${metric}/revertAfterS`,
        'LS-CONFIG-002',
        `is ${revertAfterS}, so the device would revert between two keep-alives; give more than keepAliveS (${keepAliveS})`,
      );
    }
  }
}

/** Minimum times are for switched loads only, and need the power from which the load counts as running. */
function checkRunTimes({ type, ratings }: DeviceConfig, path: string, refuse: RefuseConfig): void {
  const { minOnS, minOffS, minimumRunKw, activePowerKw } = ratings;
  const key = minOnS === undefined ? 'minOffS' : 'minOnS';
  if (minimumRunKw === undefined && minOnS === undefined && minOffS === undefined) return;
  if (type !== 'flexible-load' && type !== 'ev-site') {
    const why = `is only for a switched load (flexible-load, ev-site), and this is a ${type}; leave it out`;
    refuse(`${path}/ratings/${minimumRunKw === undefined ? key : 'minimumRunKw'}`, 'LS-CONFIG-002', why);
    return;
  }
  if (minimumRunKw === undefined) {
    const why = 'needs "minimumRunKw" too: the least power at which the load runs, kW';
    refuse(`${path}/ratings/${key}`, 'LS-CONFIG-002', why);
  } else if (minimumRunKw <= 0 || minimumRunKw > (activePowerKw ?? Infinity)) {
    const most = activePowerKw === undefined ? '' : ` and at most activePowerKw (${activePowerKw})`;
    refuse(`${path}/ratings/minimumRunKw`, 'LS-CONFIG-002', `is ${minimumRunKw}; give more than 0${most}`);
  }
}

function checkRatings(device: DeviceConfig, path: string, refuse: RefuseConfig): void {
  checkRunTimes(device, path, refuse);
  if (writesOf(device) === undefined) return;
  const needed = neededRatings(device);
  for (const key of needed) {
    if (device.ratings[key] === undefined) {
      refuse(`${path}/ratings`, 'LS-CONFIG-002', `lacks "${key}", which a commanded ${device.type} needs`);
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
    refuse('/uplink/url', 'LS-CONFIG-002', 'contains a user or password; put them into uplink.userFile');
  }
  const { proxy, proxyUserFile, identity } = config.uplink;
  if (identity !== undefined && url?.protocol !== 'mqtts:') {
    refuse(
      '/uplink/identity',
      'LS-CONFIG-002',
      'works with mqtts only, and uplink.url is not mqtts; give mqtts://host:8883',
    );
  }
  if (proxy === undefined && proxyUserFile !== undefined) {
    refuse('/uplink/proxyUserFile', 'LS-CONFIG-002', 'is for uplink.proxy, which is missing; give both or none');
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

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

const list = (value: unknown): [number, unknown][] => (Array.isArray(value) ? [...value.entries()] : []);
