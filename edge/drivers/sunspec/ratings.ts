import { RegisterImage, type Block } from '../modbus/blocks.ts';
import type { ReadBlock } from '../modbus/profile.ts';
import { derRatings, nameplateRatings, storage, storageCapacity, type Point } from './models.ts';
import { valueOf, type FoundModel } from './points.ts';

/** A device's own ratings, under the keys of the configuration: kW, kVA, kvar, kWh. */
export interface FoundRatings {
  readonly activePowerKw?: number;
  readonly apparentPowerKva?: number;
  readonly maxReactiveKvar?: number;
  readonly chargeKw?: number;
  readonly dischargeKw?: number;
  readonly capacityKwh?: number;
}

const lengths: Readonly<Record<number, number>> = {
  120: nameplateRatings.length,
  124: storage.length,
  702: derRatings.length,
  713: storageCapacity.length,
};

/** Reads them from models 702, 713, 120 and 124, newer ones first. Ratings that are not implemented or zero are left out. */
export async function readRatings(read: ReadBlock, models: readonly FoundModel[]): Promise<FoundRatings> {
  const image = new RegisterImage();
  const heard = new Map<number, FoundModel>();
  for (const model of models) {
    const most = lengths[model.id];
    if (most === undefined) continue;
    const block: Block = { table: 'holding', address: model.address, count: Math.min(most, model.length + 2) };
    const words = await read(block);
    if (!words.ok) continue;
    image.put(block, words.value);
    heard.set(model.id, model);
  }
  const kilo = (...places: readonly (readonly [id: number, point: Point])[]): number | undefined => {
    for (const [id, point] of places) {
      const model = heard.get(id);
      const value = model === undefined ? undefined : valueOf(model, image, point);
      if (value !== undefined && value !== 0) return Math.round(Math.abs(value)) / 1000;
    }
    return undefined;
  };
  const found = {
    activePowerKw: kilo([702, derRatings.watts], [120, nameplateRatings.watts]),
    apparentPowerKva: kilo([702, derRatings.voltAmperes], [120, nameplateRatings.voltAmperes]),
    maxReactiveKvar: kilo([702, derRatings.vars], [120, nameplateRatings.vars]),
    chargeKw: kilo(
      [702, derRatings.chargeWatts],
      [120, nameplateRatings.chargeWatts],
      [124, storage.chargeWatts],
      [702, derRatings.watts],
    ),
    dischargeKw: kilo(
      [702, derRatings.dischargeWatts],
      [120, nameplateRatings.dischargeWatts],
      [702, derRatings.watts],
      [120, nameplateRatings.watts],
    ),
    capacityKwh: kilo([713, storageCapacity.wattHours], [120, nameplateRatings.wattHours]),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}
