import { END_LEVEL_FACTOR, FREE_LIMIT_EUR_PER_MWH } from './device-rows.ts';
import type { Layout } from './layout.ts';
import type { PvDevice, StorageDevice } from './problem.ts';
import { movesOf } from './positions.ts';
import { servedBy } from './sessions.ts';

/** Values of one device's controls in one step, MW or Mvar; 0 for controls that it lacks. */
export interface DeviceValues {
  readonly feedIn: number;
  readonly limit: number;
  readonly charge: number;
  readonly discharge: number;
  readonly power: number;
  readonly reactive: number;
  /** Of stepped devices. */
  readonly position: number;
}

const keys = {
  'feed-in': 'feedIn',
  limit: 'limit',
  charge: 'charge',
  discharge: 'discharge',
  power: 'power',
  reactive: 'reactive',
  source: 'position',
  capacitor: 'position',
} as const;

/** [device][step], from the vector of controls. */
export function valuesOf(layout: Layout, x: Float64Array): DeviceValues[][] {
  const steps = Array.from({ length: layout.steps }, (_, step) => valuesIn(layout, x, step));
  return layout.problem.devices.map((_, device) => steps.map((values) => values[device]!));
}

/** The same for one step, [device]. */
export function valuesIn({ controls, problem }: Layout, x: Float64Array, step: number): DeviceValues[] {
  const values = problem.devices.map(() => ({
    feedIn: 0,
    limit: 0,
    charge: 0,
    discharge: 0,
    power: 0,
    reactive: 0,
    position: 0,
  }));
  for (const [index, { device, role }] of controls.entries())
    values[device]![keys[role]] = x[step * controls.length + index]!;
  return values;
}

/** Levels of a storage at the end of each step, kWh. */
export function levelsOf(layout: Layout, device: number, values: readonly DeviceValues[]): number[] {
  const item = layout.problem.devices[device]!;
  if (item.kind !== 'storage') return [];
  let level = item.socStart * item.capacityKwh;
  return values.map((at, step) => {
    level += (item.efficiencyCharge * at.charge - at.discharge / item.efficiencyDischarge) * 1000 * layout.hours[step]!;
    return level;
  });
}

/** The devices' part of what a search minimises, EUR. */
export interface DeviceCost {
  /** Wear, curtailment, delay, unserved energy, moves. */
  readonly costEur: number;
  /** Penalty for levels of charge missing at the end of the horizon: it steers the plan, and nobody pays it. */
  readonly penaltyEur: number;
  /** Reward for limits left open without a cause: small enough to move nothing else. */
  readonly rewardEur: number;
}

export function deviceCost(layout: Layout, x: Float64Array): DeviceCost {
  let [costEur, penaltyEur, rewardEur] = [0, 0, 0];
  const all = valuesOf(layout, x);
  for (const [device, item] of layout.problem.devices.entries()) {
    const values = all[device]!;
    costEur += costOf(layout, x, device, values);
    if (item.kind === 'storage') penaltyEur += missingLevelEur(layout, device, values);
    else if (item.kind === 'pv' && layout.scenarios.length > 1)
      for (const [step, { limit }] of values.entries())
        rewardEur += FREE_LIMIT_EUR_PER_MWH * limit * layout.hours[step]!;
  }
  return { costEur, penaltyEur, rewardEur };
}

function missingLevelEur(layout: Layout, device: number, values: readonly DeviceValues[]): number {
  const item = layout.problem.devices[device] as StorageDevice;
  const short = item.socEndMin * item.capacityKwh - levelsOf(layout, device, values).at(-1)!;
  const price = END_LEVEL_FACTOR * Math.max(50, ...layout.problem.prices.importEurPerMwh.map(Math.abs));
  return (Math.max(0, short) / 1000) * price;
}

/** Cost of the sun that a plant holds back in a step, EUR. */
export const curtailedEur = ({ hours }: Layout, plant: PvDevice, step: number, feedInMw: number): number =>
  plant.curtailmentEurPerKwh * (plant.availableKw[step]! - feedInMw * 1000) * hours[step]!;

function costOf(layout: Layout, x: Float64Array, device: number, values: readonly DeviceValues[]): number {
  const { hours, problem } = layout;
  const item = problem.devices[device]!;
  let sum = 0;
  switch (item.kind) {
    case 'pv':
      for (const [step, at] of values.entries()) sum += curtailedEur(layout, item, step, at.feedIn);
      return sum;
    case 'storage':
      for (const [step, at] of values.entries())
        sum += item.wearEurPerKwh * (at.charge + at.discharge) * 1000 * hours[step]!;
      return sum;
    case 'ev': {
      for (const [step, at] of values.entries())
        sum += item.delayEurPerKwh * Math.max(0, item.wishedKw[step]! - at.power * 1000) * hours[step]!;
      if (item.sessions.length === 0) return sum;
      return sum + item.unservedEurPerKwh * servedBy(layout, device, x).missingKwh;
    }
    case 'flexible':
      for (const [step, at] of values.entries()) {
        const wished = Math.max(item.minKw[step]!, Math.min(item.maxKw[step]!, item.wishedKw[step]!));
        sum += (item.shiftEurPerKwh * Math.abs(at.power * 1000 - wished) * hours[step]!) / 2;
      }
      return sum;
    case 'tap':
    case 'capacitor':
      return (
        item.moveEur *
        movesOf(
          item,
          values.map(({ position }) => position),
        )
      );
  }
}
