import type { PowerRange } from '../../shared/contracts/plan.ts';
import type { QuantileForecast } from '../../shared/forecast/naive.ts';
import { finite, type Image } from './image.ts';
import type { DeviceSpec } from './model.ts';

/** Horizon for peaks, and the highest shaving level as a share of the limit. */
const HORIZON_S = 24 * 3600;
const NEAR_LIMIT = 0.9;
const BISECTIONS = 40;

/**
 * The gateway's own plan: peak shaving with the batteries, based on quantiles of the local forecast. The forecast covers the
 * uncontrolled load, so the present power of EVs and flexible loads is added. The level is the lowest to which the available energy
 * can bring the high quantile. Above it the batteries discharge, in the valley below they recharge, and they absorb feed-in beyond
 * the export limit. Each battery stays between the charge levels in `specs`, which exclude the guard's reserve. Returns kW by
 * device, or nothing if the forecast does not cover the present.
 */
export function ownPlan(
  forecast: QuantileForecast,
  specs: readonly DeviceSpec[],
  image: Image,
  limit: PowerRange,
): ReadonlyMap<string, number> {
  const batteries = specs.filter(
    ({ id, battery, lever }) =>
      battery !== null &&
      lever === 'power' &&
      image.devices.get(id)?.fresh === true &&
      finite(image.devices.get(id)?.socPct),
  );
  const others = specs
    .filter(({ type }) => type === 'ev-site' || type === 'flexible-load')
    .reduce((sum, { id }) => sum + (image.devices.get(id)?.activePowerKw ?? 0), 0);
  const high = upcoming(forecast, 0.9, image.time).map((kw) => kw + others);
  const middle = upcoming(forecast, 0.5, image.time).map((kw) => kw + others);
  if (batteries.length === 0 || high.length === 0 || middle.length === 0) return new Map();
  const stepH = forecast.stepS / 3600;
  const power = batteries.reduce((sum, { rating }) => sum - rating.minKw, 0);
  const stores = batteries.map((spec) => store(spec, image));
  const energy = stores.reduce((sum, { outKwh }) => sum + outKwh, 0);
  const room = stores.reduce((sum, { roomKwh }) => sum + roomKwh, 0);
  const needed = (level: number): number =>
    high.reduce((sum, kw) => sum + Math.min(power, Math.max(0, kw - level)) * stepH, 0);
  const mean = middle.reduce((sum, kw) => sum + kw, 0) / middle.length;
  const lowest = least(mean, Math.max(mean, ...high), (level) => needed(level) <= energy);
  const level = Math.min(lowest, NEAR_LIMIT * limit.maxKw);
  const now = middle[0]!;
  const total = now > level ? -Math.min(now - level, power) : charge({ now, middle, level, room, limit, stepH });
  const share = total < 0 ? energy : room;
  if (share <= 0) return new Map(batteries.map(({ id }) => [id, 0]));
  return new Map(
    batteries.map(({ id, rating }, index) => {
      const part = total < 0 ? stores[index]!.outKwh : stores[index]!.roomKwh;
      return [id, Math.max(rating.minKw, Math.min(rating.maxKw, (total * part) / share))];
    }),
  );
}

/** Power to charge in the valley, or to absorb feed-in beyond the export limit, kW. */
function charge(input: {
  readonly now: number;
  readonly middle: readonly number[];
  readonly level: number;
  readonly room: number;
  readonly limit: PowerRange;
  readonly stepH: number;
}): number {
  const { now, middle, level, room, limit, stepH } = input;
  const surplus = Math.max(0, NEAR_LIMIT * limit.minKw - now);
  const filled = (valley: number): number => middle.reduce((sum, kw) => sum + Math.max(0, valley - kw) * stepH, 0);
  const bottom = Math.min(...middle);
  const valley = bottom >= level ? level : -least(-level, -bottom, (negative) => filled(-negative) <= room);
  return Math.max(surplus, valley - now, 0);
}

/** The least x in [low, high] for which `holds`, which is false below it and true above. */
function least(low: number, high: number, holds: (x: number) => boolean): number {
  if (holds(low)) return low;
  for (let i = 0; i < BISECTIONS; i++) {
    const middle = (low + high) / 2;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Energy that a battery can still deliver and absorb at its terminals, kWh. */
function store({ id, battery }: DeviceSpec, image: Image): { outKwh: number; roomKwh: number } {
  const soc = image.devices.get(id)?.socPct ?? 0;
  const perPct = (battery?.capacityKwh ?? 0) / 100;
  return {
    outKwh: Math.max(0, soc - (battery?.socMinPct ?? 0)) * perPct * (battery?.efficiency ?? 1),
    roomKwh: (Math.max(0, (battery?.socMaxPct ?? 0) - soc) * perPct) / (battery?.efficiency ?? 1),
  };
}

/** The quantile nearest to `wanted`, from the step of `time` on. */
function upcoming({ levels, values, start, stepS }: QuantileForecast, wanted: number, time: number): readonly number[] {
  let best = 0;
  for (const [index, level] of levels.entries()) {
    if (Math.abs(level - wanted) < Math.abs(levels[best]! - wanted)) best = index;
  }
  const row = values[best] ?? [];
  const from = Math.floor((time - start) / 1000 / stepS);
  if (from < 0 || from >= row.length) return [];
  const part = row.slice(from, from + Math.ceil(HORIZON_S / stepS));
  return part.every((kw) => Number.isFinite(kw)) ? part : [];
}
