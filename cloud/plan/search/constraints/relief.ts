import { createWorkspace, solveRadial } from '../../../../shared/grid/radial.ts';
import { importOf, type Solved } from '../../problem/ac.ts';
import type { Layout } from '../../problem/layout.ts';
import type { StorageDevice } from '../../problem/problem.ts';
import { OLDEST_PLAN_MS } from '../../problem/step-time.ts';
import { injections } from '../injections.ts';
import type { At, State } from './constraint.ts';

export type Side = 'imported' | 'exported';

/** What the guard can still take off the power at the source. */
export interface Relief {
  readonly mw: number;
  /** Devices that give it: whatever they do, the power that is left stays the same. */
  readonly devices: ReadonlySet<number>;
}

/** Time for which a battery has to hold its relief, h. */
const HELD_H = 0.25;
/** Losses change the power at the source by less than this factor. */
const LOSSES = 1.2;

export const NO_RELIEF: Relief = { mw: 0, devices: new Set() };

/**
 * Relief that the guard could take in a step, beyond what the decisions ask: more discharge against import; more charge and less feed-in
 * against export. It is found by a power flow with batteries at their ratings and plants at their lower bounds. A battery counts if nobody
 * holds it and if it has the energy now, its reserve spared, and only in steps that begin before the next plan: for later ones the plan has
 * to store the energy, or leave room for it, in time. Curtailment needs no preparation, so it counts in each step; it would be needless if
 * the corner does not come true. Plants with a date of agreement do not count: the guard does not know their order.
 */
export function guardRelief(layout: Layout, { x, solved }: State, at: ReliefAt): Relief {
  const devices = readyDevices(layout, at);
  // However these devices move, the limit holds.
  if (devices.size === 0 || at.spareMw > reachMw(layout, devices, at.step)) return NO_RELIEF;
  const left = relieved(layout, relievedDecisions(layout, x, { devices, ...at }), at);
  if (left === undefined) return NO_RELIEF;
  return { mw: Math.max(0, (at.side === 'imported' ? 1 : -1) * (importOf(solved).mw - importOf(left).mw)), devices };
}

interface ReliefAt extends At {
  readonly side: Side;
  /** By which the limit holds without relief; negative: it does not. */
  readonly spareMw: number;
}

function readyDevices({ hours, problem }: Layout, { step, side }: ReliefAt): ReadonlySet<number> {
  const isSoon = hours.subarray(0, step).reduce((sum, each) => sum + each, 0) < OLDEST_PLAN_MS / 3_600_000;
  const ready = new Set<number>();
  for (const [index, device] of problem.devices.entries()) {
    const isReady =
      device.kind === 'pv'
        ? side === 'exported' && device.connectedOn === undefined
        : device.kind === 'storage' && isSoon && isCharged(device, step, side);
    if (isReady) ready.add(index);
  }
  return ready;
}

/** The farthest that devices can move the power at the source between them. */
function reachMw({ controls, lower, upper }: Layout, devices: ReadonlySet<number>, step: number): number {
  let reach = 0;
  for (const [index, { device, role }] of controls.entries()) {
    const at = step * controls.length + index;
    if (devices.has(device) && role !== 'reactive') reach += upper[at]! - lower[at]!;
  }
  return LOSSES * reach;
}

/** The decisions with all relief taken in a step. */
function relievedDecisions(
  { controls, lower, problem }: Layout,
  x: Float64Array,
  { devices, step, side }: { readonly devices: ReadonlySet<number>; readonly step: number; readonly side: Side },
): Float64Array {
  const there = x.slice();
  for (const [index, { device, role }] of controls.entries()) {
    if (!devices.has(device) || role === 'reactive') continue;
    const at = step * controls.length + index;
    const item = problem.devices[device]!;
    const full = side === 'imported' ? 'discharge' : 'charge';
    there[at] =
      item.kind === 'storage' && role === full
        ? (full === 'discharge' ? item.dischargeKw : item.chargeKw) / 1000
        : lower[at]!;
  }
  return there;
}

function relieved(layout: Layout, x: Float64Array, { scenario, step }: At): Solved | undefined {
  const workspace = createWorkspace(layout.grid);
  const input = injections(layout, x, layout.scenarios[scenario]!, step);
  return solveRadial(layout.grid, input, workspace).converged ? { grid: layout.grid, workspace } : undefined;
}

function isCharged(battery: StorageDevice, step: number, side: Side): boolean {
  const { chargeKw, dischargeKw, capacityKwh, efficiencyCharge, efficiencyDischarge } = battery;
  const { socStart, socMin, socMax, heldKw } = battery;
  if ((heldKw?.[step] ?? null) !== null) return false;
  return side === 'imported'
    ? (socStart - socMin) * capacityKwh * efficiencyDischarge >= dischargeKw * HELD_H
    : (socMax - socStart) * capacityKwh >= chargeKw * efficiencyCharge * HELD_H;
}
