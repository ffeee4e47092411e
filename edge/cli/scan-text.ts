import { UNCONFIGURED } from '../config/load.ts';
import { STATE_FOLDER } from '../local/paths.ts';
import { measuredModel } from '../drivers/sunspec/measure.ts';
import { modelNames } from '../drivers/sunspec/models.ts';
import type { FoundRatings } from '../drivers/sunspec/ratings.ts';
import type { LineAddress } from '../drivers/modbus/field-lines.ts';
import type { SunspecDevice } from '../drivers/sunspec/scan.ts';

export interface Found extends SunspecDevice {
  /** Its address: a host with its port, or a serial port with its speed and parity. */
  readonly connection: Target;
  readonly unit: number;
  readonly ratings: FoundRatings;
}

export type Target = Pick<LineAddress, 'host' | 'port' | 'serial' | 'baud' | 'parity'>;

/** The findings as YAML that is valid as it stands. Values that the devices do not report stay open, and writes are then commented out. */
export function scanText(found: readonly Found[]): string {
  const kinds = found.map((each) => ({ each, measures: measuredModel(each.models) }));
  const unusable = kinds.filter(({ measures }) => measures === undefined);
  const meters = kinds.filter(({ measures }) => measures?.points.sign === 'consumption-positive');
  const devices = kinds.filter(({ measures }) => measures?.points.sign === 'generation-positive');
  const section = (key: string, list: typeof kinds, lines: (each: Found, number: number) => string[]): string[] =>
    list.length === 0
      ? []
      : [`${key}:`, ...list.flatMap(({ each }, at) => [...about(each, '  '), ...lines(each, at + 1)])];
  return [
    `gateway: { id: ${UNCONFIGURED}, substation: ${UNCONFIGURED} }  # "edge enrol" fills in the names that the cloud knows`,
    `journal: { path: ${STATE_FOLDER}/journal }`,
    ...section('guarded', meters, meterLines),
    ...section('devices', devices, deviceLines),
    ...unusable.flatMap(({ each }) => [
      ...about(each, ''),
      '# none of these models measures power: the device cannot be used like this',
    ]),
  ].join('\n');
}

function about({ connection, unit, maker, product, version, serial, models }: Found, indent: string): string[] {
  const { host, port, serial: tty } = connection;
  const named = models.map(({ id }) => (modelNames[id] === undefined ? `${id}` : `${id} ${modelNames[id]}`));
  const where = `${tty ?? host}${tty !== undefined || port === 502 ? '' : `:${port}`} unit ${unit}`;
  const called = [maker, product].filter((each) => each !== '').join(' ');
  return [
    `${indent}# ${where}: ${called}, serial number ${serial}${version === '' ? '' : `, version ${version}`}`,
    `${indent}# models: ${named.join('; ')}`,
  ];
}

function connectionOf({ connection: { host, port, serial, baud, parity }, unit }: Found): string {
  const endpoint =
    serial === undefined
      ? [`host: ${host}`, ...(port === 502 ? [] : [`port: ${port}`])]
      : [`serial: ${serial}`, `baud: ${baud}`, `parity: ${parity}`];
  return [...endpoint, `unitId: ${unit}`].join(', ');
}

const meterLines = (found: Found, number: number): string[] => [
  `  - id: feeder-${number}  # or transformer`,
  `    meter: { driver: sunspec, ${connectionOf(found)} }  # sign: generation-positive if it is installed the other way round`,
  '    limits: { importKw: , exportKw: }  # set on site',
];

function deviceLines(found: Found, number: number): string[] {
  const has = (...wanted: number[]): boolean => found.models.some(({ id }) => wanted.includes(id));
  const battery = has(124, 713);
  const takes = battery ? has(704, 124) : has(704, 123);
  const needed = battery ? (['chargeKw', 'dischargeKw', 'capacityKwh'] as const) : (['activePowerKw'] as const);
  const wanted = battery ? needed : ([...needed, 'apparentPowerKva', 'maxReactiveKvar'] as const);
  const known = wanted.filter((key) => found.ratings[key] !== undefined || needed.some((each) => each === key));
  const missing = needed.filter((key) => found.ratings[key] === undefined);
  const setpoint = battery ? 'activePowerKw' : 'activePowerLimitKw';
  const aside = missing.length === 0 ? '' : '# ';
  return [
    `  - id: ${battery ? 'battery' : 'pv'}-${number}`,
    `    type: ${battery ? 'battery' : 'pv-inverter'}`,
    '    driver: sunspec',
    `    connection: { ${connectionOf(found)}, pollMs: 1000 }`,
    `    ratings: { ${known.map((key) => `${key}: ${found.ratings[key] ?? ''}`).join(', ')} }`,
    ...(takes
      ? [
          ...(missing.length === 0 ? [] : [`    # fill in ${missing.join(', ')} to command it:`]),
          `    ${aside}write: { ${setpoint}: { minIntervalS: 5, deadbandPct: 1, revertAfterS: 120 } }`,
          `    ${aside}safeDefault: { ${battery ? 'activePowerKw: 0' : 'activePowerLimitKw: '} }  # what it reverts to by itself`,
        ]
      : ['    # it accepts no setpoints; it can only be read']),
  ];
}
