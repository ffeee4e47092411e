import { measuredModel } from '../drivers/sunspec/measure.ts';
import { modelNames } from '../drivers/sunspec/models.ts';
import type { LineAddress } from '../drivers/modbus/field-lines.ts';
import type { SunspecDevice } from '../drivers/sunspec/scan.ts';

export interface Found extends SunspecDevice {
  /** Where it is reached: a host with its port, or a serial port with its speed and parity. */
  readonly connection: Target;
  readonly unit: number;
}

export type Target = Pick<LineAddress, 'host' | 'port' | 'serial' | 'baud' | 'parity'>;

/** What was found for a person, and below it the YAML to paste; ratings stay open where only the site knows them. */
export function foundLines(
  { connection: { host, port, serial: tty, baud, parity }, unit, maker, product, version, serial, models }: Found,
  number: number,
): string[] {
  const ids = models.map(({ id }) => id);
  const named = ids.map((id) => (modelNames[id] === undefined ? `${id}` : `${id} ${modelNames[id]}`));
  const has = (...wanted: number[]): boolean => wanted.some((id) => ids.includes(id));
  const where = `${tty ?? host}${tty !== undefined || port === 502 ? '' : `:${port}`} unit ${unit}`;
  const head = [
    `# ${where}: ${[maker, product].filter((each) => each !== '').join(' ')}, serial number ${serial}${version === '' ? '' : `, version ${version}`}`,
    `# models: ${named.join('; ')}`,
  ];
  const measures = measuredModel(models);
  if (measures === undefined) return [...head, '# none of them measures power: it cannot be used as it is', ''];
  const way =
    tty === undefined
      ? [`host: ${host}`, ...(port === 502 ? [] : [`port: ${port}`])]
      : [`serial: ${tty}`, `baud: ${baud}`, `parity: ${parity}`];
  const connection = [...way, `unitId: ${unit}`];
  if (measures.points.sign === 'consumption-positive')
    return [
      ...head,
      'guarded:',
      '  - id: feeder-1  # or transformer',
      `    meter: { driver: sunspec, ${connection.join(', ')} }  # sign: generation-positive if it is built in the other way round`,
      '    limits: { importKw: , exportKw: }  # set on site',
      '',
    ];
  const battery = has(124, 713);
  const writes = [
    ...(battery && has(704, 124) ? ['activePowerKw: { minIntervalS: 5, deadbandPct: 1, revertAfterS: 120 }'] : []),
    ...(!battery && has(704, 123)
      ? ['activePowerLimitKw: { minIntervalS: 5, deadbandPct: 1, revertAfterS: 120 }']
      : []),
  ];
  return [
    ...head,
    'devices:',
    `  - id: ${battery ? 'battery' : 'pv'}-${number}`,
    `    type: ${battery ? 'battery' : 'pv-inverter'}`,
    '    driver: sunspec',
    `    connection: { ${connection.join(', ')}, pollMs: 1000 }`,
    battery
      ? '    ratings: { chargeKw: , dischargeKw: , capacityKwh: }'
      : '    ratings: { activePowerKw: , apparentPowerKva: }',
    ...(writes.length === 0
      ? ['    # it takes no setpoints: only read it']
      : [
          `    write: { ${writes.join(', ')} }`,
          `    safeDefault: { ${battery ? 'activePowerKw: 0' : 'activePowerLimitKw: '} }`,
        ]),
    '',
  ];
}
