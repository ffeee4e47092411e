import type { SetpointWish } from '../../shared/contracts/command.ts';
import type { EffectState, EffectView } from '../../shared/contracts/desk.ts';
import type { RegionDevice, RegionSubstation } from '../../shared/contracts/region.ts';
import { compileRadial, createWorkspace, solveRadial, type RadialGrid } from '../../shared/grid/radial.ts';
import { bad, good, type Outcome } from '../../shared/outcome/outcome.ts';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import type { EstimateState } from '../estimate/state.ts';

export interface EffectInput {
  readonly substation: RegionSubstation;
  readonly device: RegionDevice;
  /** Checked: accepted by the device and within its range. */
  readonly wish: SetpointWish;
  readonly estimate: EstimateState;
  /** Newest value of a device's metric; undefined: unknown. */
  readonly live: (device: string, metric: string) => number | undefined;
  /** Operating envelope in force at the device, kW, and its source; undefined: unknown. */
  readonly envelope?: { readonly minKw: number; readonly maxKw: number; readonly by: string } | undefined;
}

/** Tolerances within which a voltage, a loading or a power still keeps its limit. */
const CLOSE = { pu: 1e-6, share: 1e-6, kw: 0.05 } as const;
const TAPS = { least: -16, most: 16 } as const;

/**
 * AC power flow of a substation at its newest estimate, with the device as it is and as it would be. Loads, source voltage, tap and
 * switches come from the estimate. Other devices stay at their reported power; neither they nor the guard react. The envelope in force
 * limits the device.
 */
export function effectOf(input: EffectInput): Outcome<EffectView> {
  const { substation, device, wish, estimate } = input;
  if (!estimate.converged)
    return bad('LS-DESK-002', `the state of ${substation.id} is not known: no power flow fits its readings`);
  const rig = rigOf(input);
  const notes: string[] = [];
  const before = solve(rig, {});
  const powers = withinEnvelope(input, wishedPowers(input, notes), notes);
  const target = wish.voltageTargetPu;
  const after = target === undefined ? solve(rig, powers) : nearest(rig, target);
  if (before === undefined || after === undefined)
    return bad(
      'LS-DESK-002',
      `the power flow of ${substation.id} does not converge with this setpoint of ${device.id}`,
    );
  const known = new Set(passed(rig, before).map(({ key }) => key));
  return good({
    time: estimate.time,
    before: before.state,
    after: after.state,
    beyond: passed(rig, after).map(({ key, text }) => ({ text, isNew: !known.has(key) })),
    notes,
  });
}

interface Rig {
  readonly input: EffectInput;
  readonly grid: RadialGrid;
  readonly activePowerKw: Float64Array;
  readonly reactivePowerKvar: Float64Array;
  readonly sourceVoltagePu: number;
  readonly bus: number;
  readonly now: { readonly kw: number; readonly kvar: number };
}

interface Flow {
  readonly state: EffectState;
  readonly vmPu: Float64Array;
  readonly loadingPct: Float64Array;
}

function rigOf(input: EffectInput): Rig {
  const { substation, device, estimate, live } = input;
  const closed = new Map(estimate.branches.map((branch) => [branch.id, branch.closed]));
  const network = {
    ...substation.network,
    lines: substation.network.lines.map((line) => ({ ...line, closed: closed.get(line.id) ?? line.closed ?? true })),
  };
  const grid = compileRadial(network);
  const activePowerKw = new Float64Array(grid.busIds.length);
  const reactivePowerKvar = new Float64Array(grid.busIds.length);
  for (const { id, loadKw, loadKvar } of estimate.buses) {
    const at = grid.busIndex.get(id);
    if (at === undefined) continue;
    activePowerKw[at] = loadKw;
    reactivePowerKvar[at] = loadKvar;
  }
  for (const each of substation.devices) {
    const at = grid.busIndex.get(each.bus);
    if (at === undefined || each.type === 'tap-changer' || each.type === 'meter') continue;
    activePowerKw[at]! += live(each.id, 'activePowerKw') ?? 0;
    reactivePowerKvar[at]! += live(each.id, 'reactivePowerKvar') ?? 0;
  }
  const source = network.sources[0];
  return {
    input,
    grid,
    activePowerKw,
    reactivePowerKvar,
    sourceVoltagePu: estimate.buses.find(({ id }) => id === source?.bus)?.voltagePu.value ?? source?.voltagePu ?? 1,
    bus: grid.busIndex.get(device.bus) ?? -1,
    now: { kw: live(device.id, 'activePowerKw') ?? 0, kvar: live(device.id, 'reactivePowerKvar') ?? 0 },
  };
}

/** Resulting power of the device. A limit leaves power below it unchanged and never adds power. */
function wishedPowers({ device, wish, live }: EffectInput, notes: string[]): { kw?: number; kvar?: number } {
  const now = live(device.id, 'activePowerKw');
  if (now === undefined && device.type !== 'tap-changer')
    notes.push(
      formatMessage('any', 'what {device} does now is not known: it counts as nothing', { device: device.id }),
    );
  // At 1 pu; the true voltage factor is within a few percent.
  if (wish.capacitorStep !== undefined) return { kvar: -wish.capacitorStep * (device.stepKvar ?? 0) };
  const kvar = wish.reactivePowerKvar === undefined ? {} : { kvar: wish.reactivePowerKvar };
  if (wish.activePowerKw !== undefined) return { kw: wish.activePowerKw, ...kvar };
  const limit = wish.activePowerLimitKw;
  if (limit === undefined) return kvar;
  const sign = device.type === 'pv-inverter' ? -1 : 1;
  const metric = device.type === 'pv-inverter' ? 'availableKw' : 'wishedKw';
  const free = live(device.id, metric) ?? Math.max(0, sign * (now ?? 0));
  if (free < limit)
    notes.push(
      formatMessage('any', 'only {power} kW are there to be limited now: the limit does not bind', {
        power: free.toFixed(0),
      }),
    );
  return { kw: sign * Math.min(limit, free), ...kvar };
}

/** The envelope also clamps an override; the result is the power after clamping. */
function withinEnvelope(
  { device, envelope }: EffectInput,
  powers: { kw?: number; kvar?: number },
  notes: string[],
): { kw?: number; kvar?: number } {
  if (envelope === undefined || powers.kw === undefined) return powers;
  const kw = Math.max(envelope.minKw, Math.min(envelope.maxKw, powers.kw));
  if (Math.abs(kw - powers.kw) < CLOSE.kw) return powers;
  notes.push(
    formatMessage(
      'any',
      'the envelope of {plan} leaves {low} to {high} kW: {device} is held at {power} kW, not {wished} kW',
      {
        plan: envelope.by,
        low: envelope.minKw.toFixed(0),
        high: envelope.maxKw.toFixed(0),
        device: device.id,
        power: kw.toFixed(0),
        wished: powers.kw.toFixed(0),
      },
    ),
  );
  return { ...powers, kw };
}

/** The flow at the tap that brings the busbar closest to the controller's target. */
function nearest(rig: Rig, targetPu: number): Flow | undefined {
  const { substation } = rig.input;
  const { tapMin, tapMax, to } = substation.network.transformers[0] ?? {};
  const busbar = to === undefined ? undefined : rig.grid.busIndex.get(to);
  if (busbar === undefined) return undefined;
  let best: Flow | undefined;
  for (let tap = tapMin ?? TAPS.least; tap <= (tapMax ?? TAPS.most); tap++) {
    const flow = solve(rig, { tap });
    if (flow === undefined) continue;
    const off = (each: Flow): number => Math.abs(each.vmPu[busbar]! - targetPu);
    if (best === undefined || off(flow) < off(best)) best = flow;
  }
  return best;
}

function solve(rig: Rig, change: { kw?: number; kvar?: number; tap?: number }): Flow | undefined {
  const { grid, input, bus, now } = rig;
  const activePowerKw = Float64Array.from(rig.activePowerKw);
  const reactivePowerKvar = Float64Array.from(rig.reactivePowerKvar);
  const kw = change.kw ?? now.kw;
  const kvar = change.kvar ?? now.kvar;
  if (bus >= 0) {
    activePowerKw[bus]! += kw - now.kw;
    reactivePowerKvar[bus]! += kvar - now.kvar;
  }
  const tap = change.tap ?? input.estimate.transformer.tapPosition.value;
  const tapPositions = Float64Array.from(grid.transformers, (each, at) => (at === 0 ? tap : each.tapPosition));
  const solution = solveRadial(
    grid,
    { activePowerKw, reactivePowerKvar, sourceVoltagePu: rig.sourceVoltagePu, tapPositions },
    createWorkspace(grid),
  );
  if (!solution.converged) return undefined;
  const { network } = input.substation;
  const feeder = network.feeders.find(({ id }) => id === input.device.feeder);
  const head = feeder === undefined ? undefined : grid.branchIndex.get(feeder.headBranch);
  const transformer = grid.transformers[0]?.branch;
  const own = busesOf(rig);
  const lowest = own.reduce((a, b) => (solution.vmPu[b]! < solution.vmPu[a]! ? b : a));
  const highest = own.reduce((a, b) => (solution.vmPu[b]! > solution.vmPu[a]! ? b : a));
  const headLoading = head === undefined ? Number.NaN : solution.loadingPct[head]!;
  return {
    state: {
      deviceKw: kw,
      deviceKvar: kvar,
      feederKw: head === undefined ? 0 : solution.fromKw[head]!,
      feederLoadingPct: Number.isFinite(headLoading) ? headLoading : null,
      transformerKw: transformer === undefined ? 0 : -solution.toKw[transformer]!,
      transformerLoadingPct: transformer === undefined ? 0 : solution.loadingPct[transformer]!,
      voltageMinPu: solution.vmPu[lowest]!,
      voltageMinBus: grid.busIds[lowest]!,
      voltageMaxPu: solution.vmPu[highest]!,
      voltageMaxBus: grid.busIds[highest]!,
      lossesKw: solution.lossesKw,
      tapPosition: tap,
    },
    vmPu: Float64Array.from(solution.vmPu),
    loadingPct: Float64Array.from(solution.loadingPct),
  };
}

/** Energised buses of the device's feeder, or of the whole substation if it has no feeder. */
function busesOf({ grid, input }: Rig): number[] {
  const { network } = input.substation;
  const lines = network.lines.filter(({ feeder }) => feeder === input.device.feeder);
  const ids = lines.length === 0 ? network.buses.map(({ id }) => id) : lines.flatMap(({ from, to }) => [from, to]);
  const buses = [...new Set(ids)].map((id) => grid.busIndex.get(id)!).filter((bus) => grid.busNode[bus]! >= 0);
  return buses.length === 0 ? [0] : buses;
}

/** Violated limits of a flow, each with a unique key. */
function passed({ grid, input }: Rig, { state, vmPu, loadingPct }: Flow): { key: string; text: string }[] {
  const { substation, device } = input;
  const found: { key: string; text: string }[] = [];
  for (const bus of substation.network.buses) {
    const at = grid.busIndex.get(bus.id)!;
    if (grid.busNode[at]! < 0) continue;
    const pu = vmPu[at]!;
    const [low, high] = [bus.vMinPu ?? substation.limits.vMinPu, bus.vMaxPu ?? substation.limits.vMaxPu];
    if (pu < low - CLOSE.pu || pu > high + CLOSE.pu)
      found.push({
        key: bus.id,
        text: formatMessage('any', '{element} at {value} pu, limits {low} to {high}', {
          element: bus.id,
          value: pu.toFixed(3),
          low,
          high,
        }),
      });
  }
  for (const [branch, percent] of loadingPct.entries())
    if (percent > 100 * (1 + CLOSE.share))
      found.push({
        key: grid.branchIds[branch]!,
        text: formatMessage('any', '{element} at {share} % of its rating', {
          element: grid.branchIds[branch]!,
          share: percent.toFixed(0),
        }),
      });
  const head = substation.heads?.find(({ feeder }) => feeder === device.feeder);
  const ends = [
    ...(head === undefined ? [] : [{ name: device.feeder, kw: state.feederKw, ...head }]),
    {
      name: formatMessage('any', '{substation} transformer', { substation: substation.id }),
      kw: state.transformerKw,
      ...substation.limits,
    },
  ];
  for (const { name, kw, importKw, exportKw } of ends)
    if (kw > importKw || kw < -exportKw)
      found.push({
        key: name,
        text: formatMessage('any', '{names} at {power} kW, limits {low} to {high} kW', {
          names: name,
          power: kw.toFixed(0),
          low: -exportKw,
          high: importKw,
        }),
      });
  return found;
}
