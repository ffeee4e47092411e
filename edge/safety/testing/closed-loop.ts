import { compileRadial, createWorkspace, nominalInput, solveRadial } from '../../../shared/grid/radial.ts';
import { sensitivities } from '../../../shared/grid/sensitivities.ts';
import type { Network } from '../../../shared/grid/network.ts';
import type { GuardLever, WatchedValue } from '../guard-types.ts';
import { emptyGuardState } from '../../control/safety-memory.ts';
import { guard } from '../guard.ts';

export interface LoopDevice {
  readonly bus: number;
  readonly kind: 'battery' | 'pv' | 'ev';
  /** Rating, kW. */
  readonly ratedKw: number;
  /** Its wish relative to its rating, 0 to 1 (battery: -1 to 1). */
  readonly wish: number;
  /** Cycles from command to effect. */
  readonly dead: number;
  /** Error of its sensitivities: believed relative to true. */
  readonly believed: number;
  /** `lost`: not heard. `stuck`: does not follow, visibly. `boasting`: claims to follow but does not. */
  readonly fate: 'well' | 'lost' | 'stuck' | 'boasting';
}

export interface LoopWorld {
  readonly network: Network;
  readonly devices: readonly LoopDevice[];
  /** Loads relative to nominal, before, during and after the disturbance. */
  readonly load: number;
  readonly spike: number;
  /** Source voltage during the disturbance, relative to normal. */
  readonly sourceStep: number;
  /** Import limit at the source minus its initial flow, as a share of the network's load. */
  readonly importShare: number;
  /** Distance between import and export limit, as a share of the load. */
  readonly widthShare: number;
  readonly meterDelay: number;
  /** True: with a plan's sensitivities; false: with the gateway's own rule. */
  readonly mapped: boolean;
}

export interface LoopPhase {
  /** Setpoints of each device in each cycle, kW and kvar. */
  readonly commanded: readonly (readonly { readonly kw: number; readonly kvar: number }[])[];
  /** Values at the end. */
  readonly sourceKw: number;
  readonly terminalPu: readonly number[];
  readonly levers: readonly GuardLever[];
  readonly limits: readonly WatchedValue[];
}

const STEP_S = 1;
export const PHASE = 400;
export const BAND = [0.9, 1.1] as const;
const SETTINGS = { responseS: 3, marginPct: 1 };
/** The gateway's own rule without a map: voltage drop at the terminal for the device's full rating. */
const OWN_DROP_PU = 0.02;

/** Runs the guard on a real power flow through three phases: quiet, disturbed, quiet. Null if the power flow has no solution. */
export function runLoop(world: LoopWorld): LoopPhase[] | null {
  const { network, devices } = world;
  const grid = compileRadial(network);
  const workspace = createWorkspace(grid);
  const nominal = nominalInput(grid);
  const input = {
    ...nominal,
    activePowerKw: nominal.activePowerKw.slice(),
    reactivePowerKvar: nominal.reactivePowerKvar.slice(),
  };
  const total = nominal.activePowerKw.reduce((sum, kw) => sum + Math.abs(kw), 0);
  const spans = devices.map(spanOf);
  const power = devices.map(({ ratedKw, wish }, at) => ({
    kw: clamp(wish * ratedKw * (devices[at]!.kind === 'pv' ? -1 : 1), spans[at]),
    kvar: 0,
  }));
  const wished = power.map(({ kw }) => kw);
  const orders = devices.map(({ dead }, at) => Array.from({ length: dead }, () => ({ kw: wished[at]!, kvar: 0 })));
  let [solvedFor, solved] = ['', false];
  const solve = (load: number, sourceStep: number): boolean => {
    // Most cycles change nothing, so the last solution is reused.
    const asked = JSON.stringify([load, sourceStep, power]);
    if (asked === solvedFor) return solved;
    solvedFor = asked;
    for (const [bus, kw] of nominal.activePowerKw.entries()) input.activePowerKw[bus] = kw * load;
    for (const [bus, kvar] of nominal.reactivePowerKvar.entries()) input.reactivePowerKvar[bus] = kvar * load;
    for (const [at, { bus }] of devices.entries()) {
      input.activePowerKw[bus]! += power[at]!.kw;
      input.reactivePowerKvar[bus]! += power[at]!.kvar;
    }
    const sourceVoltagePu = grid.sourceVoltagePu.map((pu) => pu * sourceStep);
    const { converged, vmPu } = solveRadial(grid, { ...input, sourceVoltagePu }, workspace, {
      tolerancePu: 1e-9,
      warmStart: true,
    });
    solved = converged && Math.min(...devices.map(({ bus }) => vmPu[bus]!)) > 0.6;
    return solved;
  };
  const roots = grid.branchIds.flatMap((_, branch) =>
    grid.branchNode[branch]! >= 0 && grid.parent[grid.branchNode[branch]!]! < grid.sourceCount ? [branch] : [],
  );
  const sourceOf = (column: { readonly fromKw: Float64Array; readonly toKw: Float64Array }): number =>
    roots.reduce(
      (sum, branch) =>
        sum + (grid.nodeAtTo[grid.branchNode[branch]!] === 1 ? column.fromKw[branch]! : column.toKw[branch]!),
      0,
    );
  if (!solve(world.load, 1)) return null;
  const { perKw, perKvar } = sensitivities(
    grid,
    workspace,
    devices.map(({ bus }) => bus),
  );
  const importKw = sourceOf(workspace.solution) + world.importShare * total;
  const exportKw = world.widthShare * total - importKw;
  const settings = { ...SETTINGS, releaseKwPerS: total / 20 };
  const believed = (values: readonly number[]): Map<string, number> =>
    new Map(values.map((value, at) => [`d${at}`, value * devices[at]!.believed]));
  const atTerminal = devices.map(({ bus, ratedKw }, at) => {
    const own = new Map([[`d${at}`, -OWN_DROP_PU / ratedKw]]);
    return {
      perKw: world.mapped ? believed(perKw.map(({ vmPu }) => vmPu[bus]!)) : own,
      perKvar: world.mapped ? believed(perKvar.map(({ vmPu }) => vmPu[bus]!)) : own,
    };
  });
  const atSource = {
    perKw: world.mapped ? believed(perKw.map(sourceOf)) : new Map(devices.map((_, at) => [`d${at}`, 1])),
    perKvar: world.mapped ? believed(perKvar.map(sourceOf)) : new Map<string, number>(),
  };
  const meters = Array.from({ length: world.meterDelay }, () => ({
    kw: sourceOf(workspace.solution),
    pu: devices.map(({ bus }) => workspace.solution.vmPu[bus]!),
  }));
  let state = emptyGuardState();
  const phases: LoopPhase[] = [];
  for (const [load, sourceStep] of [
    [world.load, 1],
    [world.load * world.spike, world.sourceStep],
    [world.load, 1],
  ] as const) {
    const commanded: { kw: number; kvar: number }[][] = [];
    let levers: GuardLever[] = [];
    let limits: WatchedValue[] = [];
    for (let cycle = 0; cycle < PHASE; cycle++) {
      if (!solve(load, sourceStep)) return null;
      meters.push({ kw: sourceOf(workspace.solution), pu: devices.map(({ bus }) => workspace.solution.vmPu[bus]!) });
      const seen = meters.shift()!;
      levers = devices.flatMap((device, at) =>
        leversOf(device, at, {
          power: device.fate === 'boasting' ? (commanded.at(-1)?.[at] ?? power[at]!) : power[at]!,
          span: spans[at]!,
          wishKw: wished[at]!,
        }),
      );
      limits = [
        ...devices.flatMap(({ fate }, at) =>
          fate === 'lost'
            ? []
            : [
                {
                  id: `d${at}-voltage`,
                  element: `d${at}`,
                  quantity: 'voltagePu' as const,
                  min: BAND[0],
                  max: BAND[1],
                  value: seen.pu[at]!,
                  mapped: world.mapped,
                  ...atTerminal[at]!,
                },
              ],
        ),
        {
          id: 'source',
          element: 'transformer',
          quantity: 'activePowerKw',
          min: -exportKw,
          max: importKw,
          value: seen.kw,
          mapped: world.mapped,
          ...atSource,
        },
      ];
      const result = guard(limits, levers, state, { settings, stepS: STEP_S });
      state = result.state;
      const now = devices.map((_, at) => ({
        kw: clamp(clamp(wished[at]!, result.ranges.get(`d${at}:p`)), spans[at]),
        kvar: clamp(clamp(0, result.ranges.get(`d${at}:q`)), {
          minKw: -kvarOf(devices[at]!),
          maxKw: kvarOf(devices[at]!),
        }),
      }));
      commanded.push(now);
      for (const [at, { fate }] of devices.entries()) {
        orders[at]!.push(now[at]!);
        const due = orders[at]!.shift()!;
        if (fate === 'well') power[at] = due;
      }
    }
    phases.push({
      commanded,
      levers,
      limits,
      sourceKw: sourceOf(workspace.solution),
      terminalPu: devices.map(({ bus }) => workspace.solution.vmPu[bus]!),
    });
  }
  return phases;
}

const kvarOf = ({ kind, ratedKw }: LoopDevice): number => (kind === 'ev' ? 0 : 0.44 * ratedKw);

function spanOf({ kind, ratedKw }: LoopDevice): { minKw: number; maxKw: number } {
  return { minKw: kind === 'ev' ? 0.2 * ratedKw : -ratedKw, maxKw: kind === 'pv' ? 0 : ratedKw };
}

function leversOf(
  device: LoopDevice,
  at: number,
  {
    power,
    span,
    wishKw,
  }: { power: { kw: number; kvar: number }; span: { minKw: number; maxKw: number }; wishKw: number },
): GuardLever[] {
  if (device.fate === 'lost') return [];
  const kvar = kvarOf(device);
  const active: GuardLever = {
    key: `d${at}:p`,
    device: `d${at}`,
    kind: 'p',
    value: power.kw,
    ageS: 0,
    commanded: power.kw,
    span,
    safe: 0,
    goal: wishKw,
    cost: at + 1,
    moves: device.kind === 'battery' ? 'both' : device.kind === 'pv' ? 'up' : 'down',
  };
  if (kvar === 0) return [active];
  return [
    active,
    {
      ...active,
      key: `d${at}:q`,
      kind: 'q',
      value: power.kvar,
      commanded: power.kvar,
      goal: 0,
      span: { minKw: -kvar, maxKw: kvar },
      moves: 'both',
      cost: 0.2,
    },
  ];
}

const clamp = (value: number, range: { readonly minKw: number; readonly maxKw: number } | undefined): number =>
  range === undefined ? value : Math.max(range.minKw, Math.min(range.maxKw, value));
