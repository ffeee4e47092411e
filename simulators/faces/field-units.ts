import { metrics, type Metric } from '../../shared/contracts/frame.ts';
import { setpointKeys, type SetpointKey } from '../plant/setpoints.ts';

/** Protocol of a device on Modbus: SunSpec models, or the maker's own registers. */
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

/** Undefined for devices that use MQTT even there. */
export function fieldUnit(device: string): FieldUnit | undefined {
  for (const [pattern, kind, firstUnit] of kinds) {
    const match = pattern.exec(device);
    if (match !== null) return { kind, unitId: firstUnit + Number(match[1] ?? 0) };
  }
  return undefined;
}

/** A table unit holds each metric as a float64 in four registers; NaN without a value. */
export const tableRegister = (metric: Metric): number => 4 * Object.keys(metrics).indexOf(metric);

/** A table unit takes each setpoint as a float64, with its revert time in seconds in the register before it. */
export const tableCommand = (key: SetpointKey): { readonly value: number; readonly revert: number } => {
  const revert = 500 + 5 * setpointKeys.indexOf(key);
  return { revert, value: revert + 1 };
};
