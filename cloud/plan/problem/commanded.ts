import type { DeviceValues } from './device-cost.ts';
import type { InjectingDevice } from './problem.ts';

/** A limit that is less than this below the available power counts as none, kW. */
const FREE_KW = 1;

/** Rounded to tenths, as figures are sent. */
export const tenth = (value: number): number => Math.round(value * 10) / 10 + 0;

/** Rounded for people: prices and the state of limits. */
export const hundredth = (value: number): number => Math.round(value * 100) / 100 + 0;
export const sixDigits = (value: number): number => Number(value.toPrecision(6));

/**
 * A device's active power setpoint in a step, kW: the power of a storage, the power or limit of a load, the limit of a PV plant as a
 * magnitude. Null: none, because the device is not restricted. `corners`: the forecast has corners, so a plant has its own limit.
 */
export function commandedKw(
  device: InjectingDevice,
  value: DeviceValues,
  at: { step: number; corners: boolean },
): number | null {
  switch (device.kind) {
    case 'pv': {
      const limit = (at.corners ? value.limit : value.feedIn) * 1000;
      const most = Math.max(device.availableKw[at.step]!, device.availableHighKw?.[at.step] ?? 0);
      return limit > most - FREE_KW ? null : Math.max(0, tenth(limit));
    }
    case 'storage': {
      const kw = tenth((value.charge - value.discharge) * 1000);
      return kw > device.chargeKw
        ? downTo(device.chargeKw)
        : kw < -device.dischargeKw
          ? -downTo(device.dischargeKw)
          : kw;
    }
    case 'ev': {
      const kw = value.power * 1000;
      // Without a limit, a session that waits for its start would begin.
      const waits = device.sessions.some(({ firstStep = 0, lastStep }) => firstStep > at.step && lastStep >= firstStep);
      if (waits) return Math.max(0, tenth(kw));
      return kw > device.maxKw[at.step]! - FREE_KW || kw >= device.wishedKw[at.step]! - FREE_KW
        ? null
        : Math.max(0, tenth(kw));
    }
    case 'flexible':
      return Math.abs(value.power * 1000 - device.wishedKw[at.step]!) < FREE_KW ? null : tenth(value.power * 1000);
  }
}

/** Rounded down to tenths, to stay within a rating. */
const downTo = (kw: number): number => Math.floor(kw * 10) / 10;
