import type { Driver } from '../drivers/driver.ts';
import type { Condition } from './alarms.ts';
import type { StepResult } from './step-types.ts';

/** How long a device may take until it reads back a setpoint that stands, s: some report each half minute only. */
const READBACK_S = 60;
const TOLERANCE = 0.02;

/** Compares what devices read back with what they were told. */
export class Readback {
  readonly #wrongS = new Map<string, number>();
  readonly #matched = new Set<string>();
  readonly #told = new Map<string, number>();

  /** Conditions for devices that have not followed for a minute. */
  update({ decisions, image }: StepResult): Condition[] {
    const conditions: Condition[] = [];
    for (const { device, kw } of decisions) {
      const read = image.devices.get(device);
      if (kw === null || read?.fresh !== true || read.readbackKw === null) {
        this.#wrongS.delete(device);
        this.#matched.delete(device);
        continue;
      }
      const tolerance = TOLERANCE * Math.max(Math.abs(kw), 50);
      if (Math.abs((this.#told.get(device) ?? Infinity) - kw) > tolerance) {
        this.#told.set(device, kw);
        this.#wrongS.delete(device);
      }
      const wrong = Math.abs(read.readbackKw - kw) > tolerance;
      if (!wrong) {
        this.#wrongS.delete(device);
        this.#matched.add(device);
        continue;
      }
      this.#matched.delete(device);
      const wrongS = (this.#wrongS.get(device) ?? 0) + image.stepS;
      this.#wrongS.set(device, wrongS);
      if (wrongS < READBACK_S) continue;
      conditions.push({
        key: `readback:${device}`,
        code: 'LS-CONTROL-005',
        severity: 'medium',
        text: `${device} was told ${kw.toFixed(1)} kW and reads back ${read.readbackKw.toFixed(1)} kW`,
        device,
      });
    }
    return conditions;
  }

  /** Whether every one of these devices reads back what it was told; false where none reads back. */
  verified(devices: readonly string[]): boolean {
    return devices.length > 0 && devices.every((device) => this.#matched.has(device));
  }

  matches(device: string): boolean {
    return this.#matched.has(device);
  }
}

const SHOWN = 3;

/** Conditions for inverters that hold other curves than their grid code's. */
export function parameterConditions(drivers: ReadonlyMap<string, Driver>): Condition[] {
  return [...drivers].flatMap(([id, driver]) => {
    const differences = driver.parameters?.() ?? [];
    if (differences.length === 0) return [];
    const more = differences.length > SHOWN ? ` and ${differences.length - SHOWN} more` : '';
    const text = `${id} does not hold its grid code: ${differences.slice(0, SHOWN).join('; ')}${more}`;
    return [{ key: `parameters:${id}`, code: 'LS-DEVICE-005', severity: 'medium', text, device: id }];
  });
}
