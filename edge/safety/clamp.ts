import type { PowerRange } from '../../shared/contracts/plan.ts';
import type { DeviceSpec } from '../control/model.ts';
import { intersect, type Layer, type LimitName } from './limits.ts';

export interface ClampInput {
  readonly spec: DeviceSpec;
  /** Target before limits, signed kW of the lever. A non-number counts as the safe default. */
  readonly wishedKw: number;
  /** The device's last setpoint, or null. */
  readonly lastKw: number | null;
  readonly stepS: number;
  readonly socPct: number | null;
  /** What the minimum on and off times leave; null: no restriction. */
  readonly run: Layer | null;
  /** Guard, grid limit and envelope, in this order; absent layers are not in force. */
  readonly layers: readonly Layer[];
}

export interface Clamped {
  readonly kw: number;
  /** The limit that changed the wish, or null. */
  readonly limitedBy: LimitName | 'ramp' | null;
  readonly reason: string;
  /** Limits that could not be kept. */
  readonly losers: readonly Layer[];
  /** Guard, grid limit or envelope changed the setpoint. It bypasses dead bands. */
  readonly relief: boolean;
}

/** Time that a battery must be able to hold its setpoint, s. Power tapers near both ends of its charge. */
const SOC_HORIZON_S = 60;

/**
 * Applies the final limits of a setpoint. Rating, contract, state of charge and minimum on and off times are hard. The customer's
 * floor outranks guard, grid limit and envelope. A ramp limits moves that add stress, never one that a limit requires. The result
 * is always within the rating.
 */
export function clampPower(input: ClampInput): Clamped {
  const { spec } = input;
  const hard = hardLayers(spec, input);
  const ability = intersect(hard).range;
  const soft = input.layers.map((layer) => aboveFloor(spec, layer, ability));
  const floorLosers = input.layers.filter((layer, index) => soft[index] !== layer);
  const { range, minBy, maxBy, losers } = intersect([...hard, ...soft]);
  const wished = Number.isFinite(input.wishedKw) ? input.wishedKw : spec.safeKw;
  const ramped = ramp(wished, input);
  const kw = within(Number.isFinite(ramped) ? ramped : spec.safeKw, range);
  const mover = kw < wished ? maxBy : minBy;
  const moved = Math.abs(kw - wished) > 1e-9;
  const byRamp = moved && Math.abs(kw - ramped) <= 1e-9;
  const name = !moved ? null : byRamp ? 'ramp' : (mover?.name ?? 'rating');
  return {
    kw: kw === 0 ? 0 : kw,
    limitedBy: name,
    reason: name === null ? '' : name === 'ramp' ? `ramp of ${spec.rampKwPerS} kW/s` : (mover?.reason ?? ''),
    losers: [...losers, ...floorLosers],
    relief: name === 'guard' || name === 'grid-limit' || name === 'envelope',
  };
}

const hardLayers = (spec: DeviceSpec, { socPct, run }: Pick<ClampInput, 'socPct' | 'run'>): Layer[] => [
  { name: 'rating', range: spec.rating, reason: 'rating of the device' },
  { name: 'contract', range: spec.contract, reason: 'contract of the connection point' },
  ...(spec.battery === null ? [] : [chargeLayer(spec, socPct)]),
  ...(run === null ? [] : [run]),
];

/** What the device can do now: rating, contract, state of charge, minimum on and off times. */
export const abilityOf = (spec: DeviceSpec, now: Pick<ClampInput, 'socPct' | 'run'>): PowerRange =>
  intersect(hardLayers(spec, now)).range;

/** Clamps reactive power to the device's own limit, the guard's range, and what active power leaves of the apparent power. */
export function clampReactive(spec: DeviceSpec, kw: number, wishedKvar: number, guard: PowerRange | null): number {
  const left =
    spec.apparentKva === null ? Infinity : Math.sqrt(Math.max(0, spec.apparentKva ** 2 - Math.min(kw ** 2, 1e18)));
  const most = Math.min(spec.maxReactiveKvar, left);
  const wished = Number.isFinite(wishedKvar) ? wishedKvar : 0;
  const guarded = guard === null ? wished : within(wished, guard);
  return within(guarded, { minKw: -most, maxKw: most }) || 0;
}

export const within = (value: number, { minKw, maxKw }: PowerRange): number => Math.max(minKw, Math.min(maxKw, value));

function chargeLayer({ battery, rating }: DeviceSpec, socPct: number | null): Layer {
  const reason = socPct === null ? 'state of charge is not known' : `state of charge ${socPct.toFixed(1)} %`;
  if (battery === null || socPct === null || !Number.isFinite(socPct)) {
    return { name: 'state-of-charge', range: { minKw: 0, maxKw: 0 }, reason };
  }
  const kwPerPct = (battery.capacityKwh / 100) * (3600 / SOC_HORIZON_S);
  const charge = (Math.max(0, battery.socMaxPct - socPct) * kwPerPct) / battery.efficiency;
  const discharge = Math.max(0, socPct - battery.socMinPct) * kwPerPct * battery.efficiency;
  const range = { minKw: Math.max(rating.minKw, -discharge), maxKw: Math.min(rating.maxKw, charge) };
  return { name: 'state-of-charge', range, reason };
}

/** The layer with its ends moved to leave the customer's floor. If nothing changes, it returns the same object. */
function aboveFloor({ lever, floorKw }: DeviceSpec, layer: Layer, ability: PowerRange): Layer {
  if (floorKw <= 0 || lever === 'none') return layer;
  const { minKw, maxKw } = layer.range;
  if (lever === 'export-limit') {
    const floor = Math.max(-floorKw, ability.minKw);
    return minKw > floor ? { ...layer, range: { minKw: floor, maxKw: Math.max(maxKw, floor) } } : layer;
  }
  const floor = Math.min(floorKw, ability.maxKw);
  return maxKw < floor ? { ...layer, range: { minKw: Math.min(minKw, floor), maxKw: floor } } : layer;
}

/** Moves from the last setpoint towards the wish. A move towards zero is relief and is not ramped. */
function ramp(wished: number, { spec, lastKw, stepS }: ClampInput): number {
  const bounded = Number.isFinite(spec.rampKwPerS) && lastKw !== null && Number.isFinite(lastKw);
  if (!bounded) return wished;
  const step = spec.rampKwPerS * (Number.isFinite(stepS) ? Math.max(0, stepS) : 0);
  // To zero at once, from there on at the ramp.
  const from = lastKw > 0 ? Math.min(lastKw, Math.max(0, wished)) : Math.max(lastKw, Math.min(0, wished));
  return Math.max(from - step, Math.min(from + step, wished));
}
