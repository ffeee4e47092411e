import type { DeviceImage } from '../control/image.ts';
import type { Driver } from '../drivers/driver.ts';
import type { Condition } from './alarms.ts';
import type { Decision, StepResult } from './step-types.ts';

/** How long a device may take until it reads back a setpoint that stands, s: some report each half minute only. */
const READBACK_S = 60;
const TOLERANCE = 0.02;

interface Quantity {
  readonly unit: 'kW' | 'kvar';
  told(decision: Decision): number | null;
  read(device: DeviceImage): number | null;
}

const quantities: readonly Quantity[] = [
  { unit: 'kW', told: ({ kw }) => kw, read: ({ readbackKw }) => readbackKw },
  {
    unit: 'kvar',
    told: ({ setpoint }) => setpoint.reactivePowerKvar ?? null,
    read: ({ readbackKvar }) => readbackKvar ?? null,
  },
];

/** One quantity of one device that is told and read back. */
interface Compared {
  readonly told: number;
  readonly wrongS: number;
  readonly matches: boolean;
}

/** Compares what devices read back with what they were told. */
export class Readback {
  /** By device, then by unit. */
  readonly #compared = new Map<string, Map<Quantity['unit'], Compared>>();

  /** Conditions for devices that have not followed for a minute. */
  update({ decisions, image }: StepResult): Condition[] {
    const conditions: Condition[] = [];
    for (const decision of decisions) {
      const { device } = decision;
      const read = image.devices.get(device);
      const compared = this.#compared.get(device) ?? new Map<Quantity['unit'], Compared>();
      this.#compared.set(device, compared);
      for (const quantity of quantities) {
        const told = quantity.told(decision);
        const value = read?.fresh === true ? quantity.read(read) : null;
        if (told === null || value === null) {
          compared.delete(quantity.unit);
          continue;
        }
        const next = compare(compared.get(quantity.unit), { told, value, stepS: image.stepS });
        compared.set(quantity.unit, next);
        if (next.wrongS >= READBACK_S) conditions.push(conditionOf(device, quantity, { told, value }));
      }
    }
    return conditions;
  }

  /** Whether every one of these devices reads back what it was told; false where none reads back. */
  verified(devices: readonly string[]): boolean {
    return devices.length > 0 && devices.every((device) => this.matches(device));
  }

  matches(device: string): boolean {
    const compared = [...(this.#compared.get(device)?.values() ?? [])];
    return compared.length > 0 && compared.every(({ matches }) => matches);
  }
}

/** How long it has been otherwise; what is told anew begins anew. */
function compare(
  last: Compared | undefined,
  { told, value, stepS }: { readonly told: number; readonly value: number; readonly stepS: number },
): Compared {
  const tolerance = TOLERANCE * Math.max(Math.abs(told), 50);
  const anew = last === undefined || Math.abs(last.told - told) > tolerance;
  const matches = Math.abs(value - told) <= tolerance;
  return { told: anew ? told : last.told, wrongS: matches ? 0 : (anew ? 0 : last.wrongS) + stepS, matches };
}

const conditionOf = (
  device: string,
  { unit }: Quantity,
  { told, value }: { readonly told: number; readonly value: number },
): Condition => ({
  key: unit === 'kW' ? `readback:${device}` : `readback:${device}:${unit}`,
  code: 'LS-CONTROL-005',
  severity: 'medium',
  text: `${device} was told ${told.toFixed(1)} ${unit} and reads back ${value.toFixed(1)} ${unit}`,
  device,
});

const SHOWN = 3;

const some = (list: readonly string[]): string =>
  `${list.slice(0, SHOWN).join('; ')}${list.length > SHOWN ? ` and ${list.length - SHOWN} more` : ''}`;

/** Conditions for inverters that hold other curves than their grid code's, and for devices that nobody has set to tell what they should. */
export function parameterConditions(drivers: ReadonlyMap<string, Driver>): Condition[] {
  return [...drivers].flatMap(([id, driver]) => {
    const [differences, untold] = [driver.parameters?.() ?? [], driver.untold?.() ?? []];
    const condition = (key: string, code: Condition['code'], text: string): Condition => ({
      key: `${key}:${id}`,
      code,
      severity: 'medium',
      text,
      device: id,
    });
    return [
      ...(differences.length === 0
        ? []
        : [condition('parameters', 'LS-DEVICE-005', `${id} does not hold its grid code: ${some(differences)}`)]),
      ...(untold.length === 0 ? [] : [condition('untold', 'LS-DEVICE-007', `${id}: ${some(untold)}`)]),
    ];
  });
}
