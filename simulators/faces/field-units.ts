import { metrics, type Metric } from '../../shared/contracts/frame.ts';
import { setpointKeys, type SetpointKey } from '../plant/setpoints.ts';

/** How a device of a substation on Modbus is met: by SunSpec models, or by registers of its maker's own. */
export type FieldKind = 'inverter' | 'storage' | 'meter' | 'table';

const kinds: readonly (readonly [pattern: RegExp, kind: FieldKind, firstUnit: number])[] = [
  [/^transformer$/, 'meter', 1],
  [/^feeder-(\d)$/, 'meter', 1],
  [/^pv-(\d)$/, 'inverter', 10],
  [/^battery-(\d)$/, 'storage', 20],
  [/^ev-(\d)$/, 'table', 30],
  [/^flex-(\d)$/, 'table', 40],
];

export interface FieldUnit {
  readonly kind: FieldKind;
  readonly unitId: number;
}

/** Undefined for what speaks MQTT there too. */
export function fieldUnit(device: string): FieldUnit | undefined {
  for (const [pattern, kind, firstUnit] of kinds) {
    const match = pattern.exec(device);
    if (match !== null) return { kind, unitId: firstUnit + Number(match[1] ?? 0) };
  }
  return undefined;
}

/** A table unit keeps each metric as a float64 of four registers, NaN where it has none. */
export const tableRegister = (metric: Metric): number => 4 * Object.keys(metrics).indexOf(metric);

/** And takes each setpoint as a float64 with the seconds after which it reverts in the register before it. */
export const tableCommand = (key: SetpointKey): { readonly value: number; readonly revert: number } => {
  const revert = 500 + 5 * setpointKeys.indexOf(key);
  return { revert, value: revert + 1 };
};
