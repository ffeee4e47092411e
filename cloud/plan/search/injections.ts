import { isActive, isWhole, type Layout, type Scenario } from '../problem/layout.ts';
import { levelAt } from '../problem/positions.ts';
import type { SteppedDevice } from '../problem/problem.ts';
import { loadsOf } from './loads.ts';

/** Inputs of a power flow. */
interface Injections {
  readonly activePowerKw: Float64Array;
  readonly reactivePowerKvar: Float64Array;
  readonly capacitorKvar: Float64Array | undefined;
  readonly conductanceKw: Float64Array | undefined;
  readonly sourceVoltagePu: number;
}

/** Consumption and capacitors at each bus, and the source's voltage, in one scenario under the decisions. */
export function injections(layout: Layout, x: Float64Array, scenario: Scenario, step: number): Injections {
  const { problem, grid, controls, nodes } = layout;
  const buses = grid.busIds.length;
  const { activePowerKw, reactivePowerKvar, conductanceKw, susceptanceKvar } = loadsOf(layout, scenario, step);
  let sourceVoltagePu = problem.sourceVoltagePu;
  let capacitorKvar = susceptanceKvar;
  for (let index = 0; index < controls.length; index++) {
    const control = controls[index]!;
    const value = x[step * controls.length + index]!;
    if (isWhole(control.role)) {
      const level = levelAt(problem.devices[control.device] as SteppedDevice, value);
      if (control.role === 'source') sourceVoltagePu = level;
      else {
        capacitorKvar ??= new Float64Array(buses);
        capacitorKvar[grid.nodeBus[nodes[control.input % nodes.length]!]!]! += level;
      }
      continue;
    }
    const share = scenarioShare(layout, { x, scenario, step, control: index });
    if (share === 0 && !isClipped(layout, { scenario, step, control: index, x })) continue;
    const bus = grid.nodeBus[nodes[control.input % nodes.length]!]!;
    const target = isActive(control.role) ? activePowerKw : reactivePowerKvar;
    target[bus]! += control.sign * 1000 * (share === 0 ? availableLow(layout, control.device, step) : value);
  }
  return { activePowerKw, reactivePowerKvar, capacitorKvar, conductanceKw, sourceVoltagePu };
}

interface At {
  readonly x: Float64Array;
  readonly scenario: Scenario;
  readonly step: number;
  readonly control: number;
}

/** The least that the sun gives, MW. */
function availableLow(layout: Layout, device: number, step: number): number {
  const item = layout.problem.devices[device]!;
  return item.kind === 'pv' ? (item.availableLowKw?.[step] ?? item.availableKw[step]!) / 1000 : 0;
}

const isClipped = (layout: Layout, { scenario, control }: At): boolean =>
  scenario === 'lowSun' && layout.controls[control]!.role === 'limit';

/**
 * How a control counts in a scenario: 1 as it is, 0 not at all. Where the sun is high a plant feeds in up to its limit; where it is low,
 * what the sun gives, unless the limit is lower still.
 */
export function scenarioShare(layout: Layout, { x, scenario, step, control }: At): 0 | 1 {
  const { role, device } = layout.controls[control]!;
  if (role === 'feed-in') return scenario === 'mid' ? 1 : 0;
  if (role !== 'limit') return 1;
  if (scenario === 'mid') return 0;
  if (scenario === 'highSun') return 1;
  return x[step * layout.controls.length + control]! < availableLow(layout, device, step) ? 1 : 0;
}
