import type { Layout } from '../../problem/layout.ts';
import type { StorageDevice } from '../../problem/problem.ts';
import type { Place } from './constraint.ts';

/** What batteries can still give or take at their ratings, MW, and its change per MW at a place. */
export interface Relief {
  readonly mw: number;
  readonly slope: (place: Place) => number;
}

/** A new plan is in force within this time, h: `OLDEST_MS` of the watch over plans. */
const RENEWED_H = 0.5;
/** Time for which a battery has to hold its relief, h. */
const HELD_H = 0.25;

export const NO_RELIEF: Relief = { mw: 0, slope: () => 0 };

/**
 * Relief that the guard could take from the batteries in a step, beyond what the decisions ask of them: more discharge against import, more
 * charge against export. A battery counts if nobody holds it and if it has the energy now, its reserve spared. Only steps that begin before
 * the next plan have relief: for later ones the plan has to store the energy in time.
 */
export function batteryRelief(
  { controls, hours, problem: { devices } }: Layout,
  x: Float64Array,
  { step, side }: { readonly step: number; readonly side: 'imported' | 'exported' },
): Relief {
  if (hours.subarray(0, step).reduce((sum, each) => sum + each, 0) >= RENEWED_H) return NO_RELIEF;
  const counted = new Set<number>();
  let mw = 0;
  for (const [index, device] of devices.entries()) {
    if (device.kind !== 'storage' || !isReady(device, step, side)) continue;
    counted.add(index);
    mw += (side === 'imported' ? device.dischargeKw : device.chargeKw) / 1000;
  }
  for (const [index, { device, role, sign }] of controls.entries())
    if (counted.has(device) && role !== 'reactive')
      mw += (side === 'imported' ? sign : -sign) * x[step * controls.length + index]!;
  return {
    mw,
    slope: ({ device, role }) =>
      device !== undefined && role !== 'reactive' && counted.has(device) ? (side === 'imported' ? 1 : -1) : 0,
  };
}

function isReady(battery: StorageDevice, step: number, side: 'imported' | 'exported'): boolean {
  const { chargeKw, dischargeKw, capacityKwh, efficiencyCharge, efficiencyDischarge } = battery;
  const { socStart, socMin, socMax, heldKw } = battery;
  if ((heldKw?.[step] ?? null) !== null) return false;
  return side === 'imported'
    ? (socStart - socMin) * capacityKwh * efficiencyDischarge >= dischargeKw * HELD_H
    : (socMax - socStart) * capacityKwh >= chargeKw * efficiencyCharge * HELD_H;
}
