import { finite, type DeviceImage } from '../control/image.ts';
import type { Driver } from '../drivers/driver.ts';
import { eventSays, type EventForm } from '../../shared/sentences/event-forms.ts';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import type { Condition } from './alarms.ts';
import type { Decision, StepResult } from './step-types.ts';

/** How long a device may take to read back a setpoint, ms; some report only every half minute. */
const READBACK_MS = 60_000;
const TOLERANCE = 0.02;
/** The sign of a power below this means nothing, kW. */
const SIGN_KW = 5;

interface Quantity {
  readonly unit: 'kW' | 'kvar';
  commanded(decision: Decision): number | null;
  read(device: DeviceImage): number | null;
  ageS(device: DeviceImage): number;
}

const quantities: readonly Quantity[] = [
  {
    unit: 'kW',
    commanded: ({ kw }) => kw,
    read: ({ readbackKw }) => readbackKw,
    ageS: ({ readbackAgeS = 0 }) => readbackAgeS,
  },
  {
    unit: 'kvar',
    commanded: ({ setpoint }) => setpoint.reactivePowerKvar ?? null,
    read: ({ readbackKvar }) => readbackKvar ?? null,
    ageS: ({ readbackKvarAgeS = 0 }) => readbackKvarAgeS,
  },
];

/** A setpoint, and until when it was in force, ms of gateway running time. */
interface Stood {
  readonly commanded: number;
  untilMs: number;
}

/** Setpoints and readback of one quantity of one device. */
interface Compared {
  /** Setpoints that the device may still hold, newest last. */
  readonly stood: Stood[];
  /** When the readback last matched the setpoint of that moment. */
  matchedMs: number;
  matches: boolean;
}

/**
 * Compares readbacks with setpoints. A reading is judged by the setpoints in force when the device was read and in the minute
 * before. Only the gateway's running time counts: during a late cycle no device could follow.
 */
export class Readback {
  /** By device, then by unit. */
  #compared = new Map<string, Map<Quantity['unit'], Compared>>();
  readonly #stepKw: (device: string) => number;
  /** Since when a device's power has had the opposite sign of its setpoint, ms. */
  readonly #turned = new Map<string, number>();

  /** `stepKw`: in which a device's power can be set. */
  constructor(stepKw: (device: string) => number = () => 0) {
    this.#stepKw = stepKw;
  }

  /** Conditions for devices that have not followed for a minute. `nowMs`: how long the gateway has run. */
  update({ decisions, image }: StepResult, nowMs: number): Condition[] {
    const conditions: Condition[] = [];
    const before = this.#compared;
    this.#compared = new Map();
    for (const decision of decisions) {
      const { device } = decision;
      const read = image.devices.get(device);
      const compared = before.get(device) ?? new Map<Quantity['unit'], Compared>();
      this.#compared.set(device, compared);
      const wrong: Wrong[] = [];
      for (const quantity of quantities) {
        const commanded = quantity.commanded(decision);
        const value = read?.fresh === true ? quantity.read(read) : null;
        if (commanded === null || value === null) {
          compared.delete(quantity.unit);
          continue;
        }
        const known = compared.get(quantity.unit) ?? { stood: [], matchedMs: nowMs, matches: false };
        compared.set(quantity.unit, known);
        const readMs = nowMs - 1000 * quantity.ageS(read!);
        const step = quantity.unit === 'kW' ? this.#stepKw(device) : 0;
        if (isWrong(known, { commanded, value, readMs, nowMs, step }))
          wrong.push({ unit: quantity.unit, commanded, value });
      }
      if (wrong.length > 0) conditions.push(conditionOf(device, wrong));
      else if (this.#isTurned(decision, read, nowMs)) conditions.push(turned(decision, read!));
    }
    return conditions;
  }

  #isTurned(decision: Decision, read: DeviceImage | undefined, nowMs: number): boolean {
    if (!isOpposite(decision, read)) {
      this.#turned.delete(decision.device);
      return false;
    }
    const sinceMs = this.#turned.get(decision.device) ?? nowMs;
    this.#turned.set(decision.device, sinceMs);
    return nowMs - sinceMs >= READBACK_MS;
  }

  /** Whether all these devices read back their setpoints; false for an empty list or a device without readback. */
  verified(devices: readonly string[]): boolean {
    return devices.length > 0 && devices.every((device) => this.matches(device));
  }

  /** False while any commanded quantity differs from its readback; true if nothing that is commanded can be read back. */
  follows(device: string): boolean {
    return [...(this.#compared.get(device)?.values() ?? [])].every(({ matches }) => matches);
  }

  matches(device: string): boolean {
    const compared = [...(this.#compared.get(device)?.values() ?? [])];
    return compared.length > 0 && compared.every(({ matches }) => matches);
  }

  /** Whether a device has reached its final setpoint: by its readback, or without one by its measured power. */
  obeys(device: string, { decisions, image }: Pick<StepResult, 'decisions' | 'image'>): boolean {
    const decision = decisions.find((each) => each.device === device);
    if (decision === undefined) return true;
    // Nothing is commanded yet, for example while its voltage comes back, or there is nothing to command.
    if (decision.kw === null) return decision.wishedKw === null;
    if (decision.limitedBy === 'ramp') return false;
    return (this.#compared.get(device)?.size ?? 0) > 0
      ? this.matches(device)
      : gives(decision, image.devices.get(device));
  }
}

/** Its power matches the setpoint, or is within the commanded limit. */
function gives({ kw, setpoint }: Decision, read: DeviceImage | undefined): boolean {
  const does = read?.activePowerKw;
  if (!finite(does) || kw === null) return false;
  return setpoint.activePowerKw === undefined ? isNear(kw, does) || Math.abs(does) < Math.abs(kw) : isNear(kw, does);
}

interface Reading {
  readonly commanded: number;
  readonly value: number;
  readonly readMs: number;
  readonly nowMs: number;
  readonly step: number;
}

/** The readback has not matched for a minute, and matches no setpoint that the device could still hold. */
function isWrong(known: Compared, { commanded, value, readMs, nowMs, step }: Reading): boolean {
  const { stood } = known;
  const last = stood.at(-1);
  if (last !== undefined) last.untilMs = nowMs;
  if (last === undefined || !isNear(last.commanded, commanded)) stood.push({ commanded, untilMs: nowMs });
  // A device that reports changes only is silent while nothing changes, so its reading counts as at most a minute old.
  const sinceMs = Math.max(readMs, nowMs - READBACK_MS) - READBACK_MS;
  while (stood[0]!.untilMs <= sinceMs) stood.shift();
  known.matches = isNear(commanded, value, step);
  if (known.matches) known.matchedMs = nowMs;
  return nowMs - known.matchedMs >= READBACK_MS && !stood.some((each) => isNear(each.commanded, value, step));
}

const isNear = (commanded: number, value: number, step = 0): boolean =>
  Math.abs(value - commanded) <= Math.max(step, TOLERANCE * Math.max(Math.abs(commanded), 50));

/** Applies to devices with a power setpoint, not a limit. */
function isOpposite({ setpoint: { activePowerKw: commanded } }: Decision, read: DeviceImage | undefined): boolean {
  const does = read?.fresh === true ? read.activePowerKw : null;
  if (commanded === undefined || !finite(does)) return false;
  return (
    commanded * does < 0 && Math.abs(commanded) > SIGN_KW && Math.abs(does) > Math.max(SIGN_KW, Math.abs(commanded) / 2)
  );
}

const turned = ({ device, kw }: Decision, { activePowerKw }: DeviceImage): Condition => ({
  key: `readback:${device}`,
  severity: 'medium',
  ...eventSays(
    'LS-CONTROL-005',
    '{device} was told {told} kW and gives {read} kW: its sign, or that of its meter, is turned',
    { device, told: kw?.toFixed(1) ?? '', read: activePowerKw?.toFixed(1) ?? '' },
  ),
  device,
  live: { value: 0, step: 1 },
});

interface Wrong {
  readonly unit: Quantity['unit'];
  readonly commanded: number;
  readonly value: number;
}

const READS_BACK: Readonly<Record<Wrong['unit'] | 'both', EventForm<'LS-CONTROL-005'>>> = {
  kW: '{device} was told {told} kW and reads back {read} kW',
  kvar: '{device} was told {told} kvar and reads back {read} kvar',
  both: '{device} was told {told} kW and reads back {read} kW, was told {toldKvar} kvar and reads back {readKvar} kvar',
};

/** One condition per device, reported again when a different quantity does not follow. */
function conditionOf(device: string, wrong: readonly Wrong[]): Condition {
  const [first, second] = wrong;
  return {
    key: `readback:${device}`,
    severity: 'medium',
    ...eventSays('LS-CONTROL-005', READS_BACK[second === undefined ? first!.unit : 'both'], {
      device,
      told: first!.commanded.toFixed(1),
      read: first!.value.toFixed(1),
      toldKvar: second?.commanded.toFixed(1) ?? '',
      readKvar: second?.value.toFixed(1) ?? '',
    }),
    device,
    live: { value: wrong.reduce((sum, { unit }) => sum + (unit === 'kW' ? 1 : 2), 0), step: 1 },
  };
}

const SHOWN = 3;

function some(list: readonly string[]): string {
  const changes = list.slice(0, SHOWN).join('; ');
  const count = list.length - SHOWN;
  return count > 0 ? formatMessage('LS-DEVICE-005', '{changes} and {count} more', { changes, count }) : changes;
}

/** Conditions for inverters whose curves differ from their grid code, and for devices not configured to report what is read. */
export function parameterConditions(drivers: ReadonlyMap<string, Driver>): Condition[] {
  return [...drivers].flatMap(([id, driver]) => {
    const [differences, unreported] = [driver.parameters?.() ?? [], driver.unreported?.() ?? []];
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
        : [
            condition(
              'parameters',
              'LS-DEVICE-005',
              formatMessage('LS-DEVICE-005', '{device} does not hold its grid code: {changes}', {
                device: id,
                changes: some(differences),
              }),
            ),
          ]),
      ...(unreported.length === 0
        ? []
        : [
            condition(
              'untold',
              'LS-DEVICE-007',
              formatMessage('LS-DEVICE-007', '{device}: {changes}', { device: id, changes: some(unreported) }),
            ),
          ]),
    ];
  });
}
