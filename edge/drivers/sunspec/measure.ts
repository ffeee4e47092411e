import type { RegisterImage } from '../modbus/blocks.ts';
import type { Reading } from '../modbus/profile.ts';
import { measuring, storage, storageCapacity, type Measuring, type Point } from './models.ts';
import { valueOf, type FoundModel } from './points.ts';

export interface MeasuredModel {
  readonly model: FoundModel;
  readonly points: Measuring;
}

/** The most informative measuring model of a device. */
export function measuredModel(models: readonly FoundModel[]): MeasuredModel | undefined {
  for (const [id, points] of measuring) {
    const model = models.find((each) => each.id === id);
    if (model !== undefined) return { model, points };
  }
  return undefined;
}

/** Power in the device's own sign; voltage of the phase furthest from `nominalV`; current of the highest phase. */
export function measured({ model, points }: MeasuredModel, image: RegisterImage, nominalV: number): Reading[] {
  const value = (point: Point): number | undefined => valueOf(model, image, point);
  const kilo = (point: Point): number | undefined => {
    const units = value(point);
    return units === undefined ? undefined : units / 1000;
  };
  const perUnit = phases(points.volts.map(value)).map((volts) => volts / nominalV);
  const amperes = phases(points.amperes.map(value)).map((each) => Math.abs(each));
  return [
    ['activePowerKw', kilo(points.watts)],
    ['reactivePowerKvar', kilo(points.vars)],
    ['voltagePu', perUnit.toSorted((a, b) => Math.abs(b - 1) - Math.abs(a - 1))[0]],
    ['currentA', amperes.length === 0 ? undefined : Math.max(...amperes)],
  ];
}

const phases = (values: readonly (number | undefined)[]): number[] => values.filter((value) => value !== undefined);

/** State of charge from model 713, else from 124. */
export function charge(models: readonly FoundModel[], image: RegisterImage): Reading[] {
  const capacity = models.find(({ id }) => id === 713);
  if (capacity !== undefined) return [['socPct', valueOf(capacity, image, storageCapacity.chargePct)]];
  const basic = models.find(({ id }) => id === 124);
  return basic === undefined ? [] : [['socPct', valueOf(basic, image, storage.chargePct)]];
}

/** Below this share of its limit a plant is held back by the sun only. */
const FREE_SHARE = 0.97;

/**
 * What a PV inverter could feed in: its present power while that is below its limit. At its limit this is unknown, so nothing is
 * reported.
 */
export function available(
  { points }: MeasuredModel,
  models: readonly FoundModel[],
  readings: readonly Reading[],
): Reading[] {
  const stores = models.some(({ id }) => id === 124 || id === 713);
  if (points.sign !== 'generation-positive' || stores) return [];
  const value = (name: Reading[0]): number | undefined => readings.find(([metric]) => metric === name)?.[1];
  const power = value('activePowerKw');
  const limit = value('activePowerLimitKw');
  if (power === undefined || (limit !== undefined && power >= FREE_SHARE * limit)) return [];
  return [['availableKw', Math.max(0, power)]];
}
