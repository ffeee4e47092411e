import type { RegionDevice, RegionSubstation } from '../../shared/contracts/region.ts';
import type { Plant } from '../plant/plant.ts';
import type { DeviceCommand } from '../plant/setpoints.ts';
import type { LimitKw } from './world.ts';

/** Range over which a device responds, from zero to full response: its voltage, pu, and loading as a share of the limit. */
const LOW_PU = [0.95, 0.92] as const;
const HIGH_PU = [1.05, 1.08] as const;
const LOADED = [0.95, 1.05] as const;
/** Time constant that smooths a device's inputs, because the other devices respond too. */
const SMOOTH_S = 10;
/** Response resolution, as a share of the device's range. */
const STEP = 0.02;
const HOLD_S = 900;
const REPEAT_MS = 300_000;

interface Seen {
  /** Response from 0 (none) to 1 (full). */
  less: number;
  more: number;
  sent: string;
  sentMs: number;
}

/**
 * Droop without computer or network: each device responds to the voltage at its terminal, and to the power in its feeder head and the
 * transformer against their limits and the static share. Inverters follow their own voltage curves.
 */
export class Droop {
  readonly #plant: Plant;
  readonly #devices: readonly RegionDevice[];
  readonly #limits: ReadonlyMap<string, LimitKw>;
  readonly #seen = new Map<string, Seen>();
  readonly #readings = new Map<string, ReturnType<Plant['readings']>[number]['values']>();
  #atMs: number | undefined;

  constructor(plant: Plant, { id, limits, heads = [], devices }: RegionSubstation, share: LimitKw) {
    this.#plant = plant;
    this.#devices = devices;
    this.#limits = new Map([
      [
        'transformer',
        {
          importKw: Math.min(limits.importKw, share.importKw),
          exportKw: Math.min(limits.exportKw, share.exportKw),
        },
      ],
      ...heads.map(({ feeder, ...limit }): [string, LimitKw] => [feeder.replace(`${id}-`, 'feeder-'), limit]),
    ]);
  }

  /** Runs after each step of the plant. */
  step(nowMs: number): void {
    const part = 1 - Math.exp(-(nowMs - (this.#atMs ?? nowMs - 1000)) / 1000 / SMOOTH_S);
    this.#atMs = nowMs;
    const readings = this.#readings;
    for (const { device, values } of this.#plant.readings()) readings.set(device, values);
    const loaded = (meter: string, sign: 1 | -1): number => {
      const kw = sign * (readings.get(meter)?.activePowerKw ?? 0);
      const limit = this.#limits.get(meter);
      return limit === undefined ? 0 : between(kw / Math.max(1, sign > 0 ? limit.importKw : limit.exportKw), LOADED);
    };
    for (const device of this.#devices) {
      const head = device.feeder.replace(`${this.#plant.id}-`, 'feeder-');
      const pu = readings.get(device.id)?.voltagePu ?? 1;
      const less = Math.max(between(pu, LOW_PU), loaded(head, 1), loaded('transformer', 1));
      const overKw = Math.max(loaded(head, -1), loaded('transformer', -1));
      const more = device.type === 'pv-inverter' ? overKw : Math.max(between(pu, HIGH_PU), overKw);
      const seen = this.#seen.get(device.id) ?? { less: 0, more: 0, sent: '', sentMs: -Infinity };
      seen.less += part * (less - seen.less);
      seen.more += part * (more - seen.more);
      this.#seen.set(device.id, seen);
      this.#tell(device, seen, nowMs);
    }
  }

  #tell(device: RegionDevice, seen: Seen, nowMs: number): void {
    const command = commandOf(device, STEP * Math.round(seen.less / STEP), STEP * Math.round(seen.more / STEP));
    if (command === undefined) return;
    const said = JSON.stringify(command);
    const isFree = said === JSON.stringify(commandOf(device, 0, 0));
    // A device that was never limited gets no command.
    if (seen.sent === '' && isFree) return;
    if (seen.sent === said && nowMs - seen.sentMs < REPEAT_MS) return;
    seen.sent = said;
    seen.sentMs = nowMs;
    this.#plant.command(device.id, { ...command, revertAfterS: HOLD_S });
  }
}

function commandOf(
  { type, activePowerKw = 0, floorKw = 0, chargeKw = 0, dischargeKw = 0 }: RegionDevice,
  less: number,
  more: number,
): DeviceCommand | undefined {
  switch (type) {
    case 'ev-site':
    case 'flexible-load':
      return { activePowerLimitKw: activePowerKw - less * (activePowerKw - floorKw) };
    case 'pv-inverter':
      return { activePowerLimitKw: (1 - more) * activePowerKw };
    case 'battery':
      return { activePowerKw: more * chargeKw - less * dischargeKw };
    default:
      return undefined;
  }
}

/** Position of a value between the two ends, clamped to 0 to 1. */
const between = (value: number, [from, to]: readonly [number, number]): number =>
  Math.min(1, Math.max(0, (value - from) / (to - from)));
