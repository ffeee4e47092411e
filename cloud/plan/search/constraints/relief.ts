import { createWorkspace, solveRadial } from '../../../../shared/grid/radial.ts';
import { importOf, type Solved } from '../../problem/ac.ts';
import type { Layout } from '../../problem/layout.ts';
import type { StorageDevice } from '../../problem/problem.ts';
import { OLDEST_PLAN_MS } from '../../problem/step-time.ts';
import { injections } from '../injections.ts';
import type { At, State } from './constraint.ts';

export type Side = 'imported' | 'exported';

/** What batteries can still take off the power at the source. */
export interface Relief {
  readonly mw: number;
  /** Devices that give it: whatever they do, the power that is left stays the same. */
  readonly devices: ReadonlySet<number>;
}

/** Time for which a battery has to hold its relief, h. */
const HELD_H = 0.25;

export const NO_RELIEF: Relief = { mw: 0, devices: new Set() };

/**
 * Relief that the guard could take from the batteries in a step, beyond what the decisions ask of them: more discharge against import, more
 * charge against export, by a power flow with them at their ratings. A battery counts if nobody holds it and if it has the energy now, its
 * reserve spared. Only steps that begin before the next plan have relief: for later ones the plan has to store the energy in time.
 */
export function batteryRelief(layout: Layout, { x, solved }: State, at: At & { readonly side: Side }): Relief {
  const { hours, problem } = layout;
  const { step, side } = at;
  if (hours.subarray(0, step).reduce((sum, each) => sum + each, 0) >= OLDEST_PLAN_MS / 3_600_000) return NO_RELIEF;
  const devices = new Set(
    problem.devices.flatMap((device, index) =>
      device.kind === 'storage' && isReady(device, step, side) ? [index] : [],
    ),
  );
  if (devices.size === 0) return NO_RELIEF;
  const left = relieved(layout, relievedDecisions(layout, x, { devices, step, side }), at);
  if (left === undefined) return NO_RELIEF;
  return { mw: Math.max(0, (side === 'imported' ? 1 : -1) * (importOf(solved).mw - importOf(left).mw)), devices };
}

/** The decisions with batteries at their ratings in a step. */
function relievedDecisions(
  { controls, problem }: Layout,
  x: Float64Array,
  { devices, step, side }: { readonly devices: ReadonlySet<number>; readonly step: number; readonly side: Side },
): Float64Array {
  const there = x.slice();
  for (const [index, { device, role }] of controls.entries()) {
    if (!devices.has(device) || role === 'reactive') continue;
    const { chargeKw, dischargeKw } = problem.devices[device] as StorageDevice;
    const full = side === 'imported' ? { role: 'discharge', kw: dischargeKw } : { role: 'charge', kw: chargeKw };
    there[step * controls.length + index] = role === full.role ? full.kw / 1000 : 0;
  }
  return there;
}

function relieved(layout: Layout, x: Float64Array, { scenario, step }: At): Solved | undefined {
  const workspace = createWorkspace(layout.grid);
  const input = injections(layout, x, layout.scenarios[scenario]!, step);
  return solveRadial(layout.grid, input, workspace).converged ? { grid: layout.grid, workspace } : undefined;
}

function isReady(battery: StorageDevice, step: number, side: Side): boolean {
  const { chargeKw, dischargeKw, capacityKwh, efficiencyCharge, efficiencyDischarge } = battery;
  const { socStart, socMin, socMax, heldKw } = battery;
  if ((heldKw?.[step] ?? null) !== null) return false;
  return side === 'imported'
    ? (socStart - socMin) * capacityKwh * efficiencyDischarge >= dischargeKw * HELD_H
    : (socMax - socStart) * capacityKwh >= chargeKw * efficiencyCharge * HELD_H;
}
