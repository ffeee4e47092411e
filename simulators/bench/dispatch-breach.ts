import { overOf, type LimitRow } from '../../cloud/plan/search/constraints/constraint.ts';
import { constraintOf } from '../../cloud/plan/search/constraints/table.ts';
import { injections } from '../../cloud/plan/search/injections.ts';
import { isLimit } from '../../cloud/plan/search/network-rows.ts';
import { isBroken } from '../../cloud/plan/search/price.ts';
import type { Solved } from '../../cloud/plan/problem/ac.ts';
import type { Layout } from '../../cloud/plan/problem/layout.ts';
import type { Optimised } from '../../cloud/plan/search/optimised.ts';
import type { LoadProfile } from '../../cloud/plan/problem/problem.ts';
import { createWorkspace, solveRadial, type RadialWorkspace } from '../../shared/grid/radial.ts';
import { gaussian, type Random } from '../../shared/ports/random.ts';

export interface Breaches {
  /** Network limits that bind in a step of a plan, and that it keeps at the corners of the forecast. */
  readonly binding: number;
  /** Share of draws in which such a limit is exceeded before the guard acts, %; then the same for voltages and for the others alone. */
  readonly passedPct: number;
  readonly voltagePct: number;
  readonly powerPct: number;
}

export interface BreachOptions {
  readonly random: Random;
  /** Error draws per step in which a limit binds. */
  readonly draws: number;
}

export interface PlanWithBand {
  readonly plan: Optimised;
  /** Half width of the forecast's 0.05 to 0.95 band of a feeder in a step, kW. */
  readonly bandKw: (feeder: string, step: number) => number;
}

/** Standard normal quantile of 0.95. */
const Z95 = 1.644_853_627;

/**
 * How often the binding limits of plans are exceeded: power flows over joint draws of the forecast errors. One sky error applies to all PV
 * plants and one load error to each feeder, so that a feeder's net error matches its forecast band. Setpoints as planned, PV up to its
 * limits; no guard, no inverter curves.
 */
export function breaches(plans: readonly PlanWithBand[], options: BreachOptions): Breaches {
  const count = { binding: 0, voltage: [0, 0], power: [0, 0] };
  for (const one of plans) {
    const { plan } = one;
    const steps = new Map<number, Map<string, LimitRow>>();
    for (const { row } of plan.binding) {
      // Limits of a single meter are skipped: no error is drawn for one alone.
      if (!isLimit(row) || constraintOf(row).meter !== undefined) continue;
      // Nor those that the plan cannot keep at every corner.
      if (plan.layout.scenarios.some((_, scenario) => isBroken(plan, { ...row, scenario }))) continue;
      const rows = steps.get(row.step) ?? new Map<string, LimitRow>();
      steps.set(row.step, rows.set(`${row.kind} ${constraintOf(row).place(row)}`, { ...row, scenario: 0 }));
    }
    const workspace = createWorkspace(plan.layout.grid);
    for (const [step, rows] of steps) {
      count.binding += rows.size;
      const bands = new Map(plan.layout.problem.network.feeders.map(({ id }) => [id, one.bandKw(id, step)]));
      for (let draw = 0; draw < options.draws; draw++) {
        const solved = drawn(plan, { step, bands, workspace, random: options.random });
        for (const row of rows.values()) {
          const constraint = constraintOf(row);
          const tally = constraint.priced === 'voltage' ? count.voltage : count.power;
          tally[0]! += overOf(constraint.reading(plan.layout, { x: plan.best.x, solved }, row)) > 0 ? 1 : 0;
          tally[1]! += 1;
        }
      }
    }
  }
  const pct = ([some, all]: number[]): number => (all === 0 ? 0 : (100 * some!) / all!);
  return {
    binding: count.binding,
    passedPct: pct([count.voltage[0]! + count.power[0]!, count.voltage[1]! + count.power[1]!]),
    voltagePct: pct(count.voltage),
    powerPct: pct(count.power),
  };
}

interface Draw {
  readonly step: number;
  /** Half width of the forecast band by feeder, kW; see `PlanWithBand`. */
  readonly bands: ReadonlyMap<string, number>;
  /** Holds the power flow until the next draw. */
  readonly workspace: RadialWorkspace;
  readonly random: Random;
}

/** The network in one step under the plan, with drawn errors. */
function drawn({ layout, best }: Optimised, { step, bands, workspace, random }: Draw): Solved {
  const { problem, grid, controls, nodes } = layout;
  const { network } = problem;
  const input = injections(layout, best.x, 'mid', step);
  const sky = gaussian(random);
  for (const { id } of network.feeders) {
    const buses = network.buses.flatMap((bus, at) => (bus.feeder === id ? [at] : []));
    let skyKw = 0;
    for (const [index, { device, role, input: place }] of controls.entries()) {
      const item = problem.devices[device]!;
      if (role !== 'feed-in' || item.kind !== 'pv') continue;
      const bus = grid.nodeBus[nodes[place]!]!;
      if (!buses.includes(bus)) continue;
      const [low, mid, high] = [
        item.availableLowKw ?? item.availableKw,
        item.availableKw,
        item.availableHighKw ?? item.availableKw,
      ];
      const band = sky > 0 ? high[step]! - mid[step]! : mid[step]! - low[step]!;
      skyKw += band;
      const available = Math.max(0, mid[step]! + (sky / Z95) * band);
      const limit = 1000 * best.x[step * controls.length + limitOf(layout, device, index)]!;
      input.activePowerKw[bus]! += 1000 * best.x[step * controls.length + index]! - Math.min(available, limit);
    }
    const own = Math.sqrt(Math.max(0, bands.get(id)! ** 2 - skyKw ** 2));
    share(layout, buses, problem.loads.mid, { step, kw: (gaussian(random) / Z95) * own, into: input });
  }
  solveRadial(grid, input, workspace, { tolerancePu: 1e-9, stateOnly: true });
  return { grid, workspace };
}

const limitOf = ({ controls }: Layout, device: number, feedIn: number): number => {
  const limit = controls.findIndex((control) => control.device === device && control.role === 'limit');
  return limit < 0 ? feedIn : limit;
};

/** Spreads an error over the buses of a feeder in proportion to their load, at constant power factor. */
function share(
  { grid }: Layout,
  buses: readonly number[],
  loads: LoadProfile,
  { step, kw, into }: { readonly step: number; readonly kw: number; readonly into: LoadProfile },
): void {
  const from = step * grid.busIds.length;
  const whole = buses.reduce((sum, bus) => sum + Math.abs(loads.activePowerKw[from + bus]!), 0);
  const part = kw / Math.max(1e-9, whole);
  for (const bus of buses) {
    into.activePowerKw[bus]! += part * Math.abs(loads.activePowerKw[from + bus]!);
    into.reactivePowerKvar[bus]! += part * Math.abs(loads.reactivePowerKvar[from + bus]!);
  }
}
