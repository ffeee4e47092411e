import { compileRadial, createWorkspace, solveRadial, type RadialGrid } from '../../../shared/grid/radial.ts';
import type { Network } from '../../../shared/grid/network.ts';
import { SeededRandom, type Random } from '../../../shared/ports/random.ts';
import { importOf, flowOf } from '../problem/ac.ts';
import type { DispatchDevice, DispatchProblem, LoadProfile } from '../problem/problem.ts';

export interface FeasibleSize {
  readonly buses: number;
  readonly pv: number;
  readonly batteries: number;
  readonly steps: number;
  readonly seed: number;
  /**
   * What is known to keep all limits: every device at zero, or drawn decisions from which the limits are derived, so that devices at zero
   * may break them.
   */
  readonly known: 'zero' | 'drawn';
  /** Most that one plant gives, kW. Default 400. */
  readonly pvKw?: number;
  /** Charging sites. Default none. */
  readonly sites?: number;
  /** Takes this off all energy prices, EUR/MWh: above 120 every price is below zero. Default 0. */
  readonly cheaperEur?: number;
}

/** The steps cover a day, whatever their number. */
const DAY_H = 24;
/** Lowest voltage under the loads alone. */
const LOADED_PU = 0.96;
/** Margin between the known decisions and each limit. */
const ROOM_PU = 2e-4;
const ROOM_SHARE = 1.002;
/** Devices at zero need no voltage above the source's, so the upper end of the band is near. */
const NEAR_UPPER_PU = 1.01;
const BATTERY_KW = 300;
const REACTIVE_SHARE = 0.44;

interface Known {
  /** Per device and step, kW and kvar, load convention. */
  readonly kw: readonly Float64Array[];
  readonly kvar: readonly Float64Array[];
}

/** A problem on a random tree whose limits are derived from known decisions, which keep all of them. */
export function feasibleProblem(size: FeasibleSize): DispatchProblem {
  const random = new SeededRandom(size.seed, 'feasible problem');
  const { steps } = size;
  const stepS = (DAY_H * 3600) / steps;
  const network = scaledTo(tree(size.buses, random), LOADED_PU);
  const hourOf = (step: number): number => ((step + 0.5) * DAY_H) / steps;
  const loads = loadsOf(network, steps, (step) => 0.45 + 0.55 * Math.exp(-(((hourOf(step) - 19) / 4) ** 2)));
  const place = (): string => network.buses[1 + Math.floor(random.next() * (network.buses.length - 1))]!.id;
  const devices: DispatchDevice[] = [];
  for (let at = 0; at < size.pv; at++) {
    const most = (size.pvKw ?? 400) * (0.5 + 0.5 * random.next());
    devices.push({
      kind: 'pv',
      id: `pv-${at + 1}`,
      bus: place(),
      availableKw: Array.from({ length: steps }, (_, step) =>
        Math.max(0, most * Math.cos(((hourOf(step) - 13) / 7) * (Math.PI / 2))),
      ).map((kw, step) => (Math.abs(hourOf(step) - 13) < 7 ? kw : 0)),
      maxReactiveKvar: REACTIVE_SHARE * most,
      curtailmentEurPerKwh: 0,
    });
  }
  for (let at = 0; at < size.batteries; at++)
    devices.push({
      kind: 'storage',
      id: `battery-${at + 1}`,
      bus: place(),
      chargeKw: BATTERY_KW,
      dischargeKw: BATTERY_KW,
      capacityKwh: 4 * BATTERY_KW,
      efficiencyCharge: 0.95,
      efficiencyDischarge: 0.95,
      socStart: 0.5,
      socMin: 0.1,
      socMax: 0.9,
      socEndMin: 0.4,
      wearEurPerKwh: 0.01,
      maxReactiveKvar: 0.5 * BATTERY_KW,
    });
  for (let at = 0; at < (size.sites ?? 0); at++) devices.push(siteAt(place(), at, size, random));
  const known = size.known === 'zero' ? atZero(devices, steps) : drawn(devices, { steps, stepS, random });
  const price = Array.from(
    { length: steps },
    (_, step) => 80 - (size.cheaperEur ?? 0) + 40 * Math.sin((hourOf(step) / 24) * 4 * Math.PI),
  );
  const limited = limitsFrom(network, devices, { known, loads, steps });
  return {
    id: 'feasible',
    network: limited.network,
    horizon: { start: 0, stepsS: Array.from({ length: steps }, () => stepS) },
    sourceVoltagePu: 1,
    loads: { mid: loads },
    devices,
    limits: {
      voltageMarginPu: 0,
      importKw: Array.from({ length: steps }, () => limited.importKw),
      exportKw: Array.from({ length: steps }, () => Infinity),
    },
    prices: {
      importEurPerMwh: price,
      exportEurPerMwh: price.map((eur) => 0.9 * eur),
      lossesEurPerMwh: 0,
      peakEurPerKw: 0,
    },
  };
}

/** Cars that would all charge at once when they arrive, and have until late. */
function siteAt(bus: string, at: number, { steps }: FeasibleSize, random: Random): DispatchDevice {
  const maxKw = 60 + 90 * random.next();
  const comes = Math.floor(steps * 0.3);
  const lastStep = Math.max(comes, Math.floor(steps * (0.6 + 0.3 * random.next())));
  const there = Array.from({ length: steps }, (_, step) => (step >= comes && step <= lastStep ? maxKw : 0));
  return {
    kind: 'ev',
    id: `site-${at + 1}`,
    bus,
    wishedKw: there.map((kw, step) => (step === comes ? kw : kw / 4)),
    minKw: there.map(() => 0),
    maxKw: there,
    floorKw: 0,
    sessions: [{ id: 'car', energyKwh: maxKw, lastStep, maxKw, minKw: 0 }],
    unservedEurPerKwh: 1,
    delayEurPerKwh: 0.003,
  };
}

function tree(buses: number, random: Random): Network {
  const ids = Array.from({ length: buses }, (_, at) => `b${at}`);
  return {
    format: 'loadstone-grid',
    version: 1,
    id: 'random',
    name: 'random',
    baseMva: 10,
    topologyVersion: 1,
    buses: ids.map((id) => ({ id, nominalKv: 20 })),
    lines: ids.slice(1).map((to, at) => ({
      id: `l${at + 1}`,
      // Long feeders with branches: most buses hang on one of the last few.
      from: ids[
        random.next() < 0.75 ? Math.max(0, at - Math.floor(random.next() * 4)) : Math.floor(random.next() * (at + 1))
      ]!,
      to,
      rOhm: 0.1 + 0.4 * random.next(),
      xOhm: 0.1 + 0.3 * random.next(),
    })),
    transformers: [],
    sources: [{ id: 's', bus: 'b0', voltagePu: 1 }],
    loads: ids.slice(1).map((bus, at) => {
      const activePowerKw = 5 + 45 * random.next();
      return { id: `load-${at + 1}`, bus, activePowerKw, reactivePowerKvar: 0.3 * activePowerKw };
    }),
    shunts: [],
    feeders: [],
  };
}

/** Scales impedances so that the loads alone pull the lowest voltage down to `lowestPu`. */
function scaledTo(network: Network, lowestPu: number): Network {
  let scaled = network;
  for (let turn = 0; turn < 12; turn++) {
    const grid = compileRadial(scaled);
    const { vmPu, converged } = solveRadial(grid, nominal(grid));
    const drop = converged ? 1 - vmPu.reduce((a, b) => Math.min(a, b)) : 1;
    const by = converged ? (1 - lowestPu) / drop : 0.2;
    if (converged && Math.abs(by - 1) < 1e-3) return scaled;
    const from: Network = scaled;
    scaled = { ...from, lines: from.lines.map((line) => ({ ...line, rOhm: line.rOhm * by, xOhm: line.xOhm * by })) };
  }
  return scaled;
}

const nominal = ({ nominalKw, nominalKvar }: RadialGrid) => ({
  activePowerKw: Float64Array.from(nominalKw),
  reactivePowerKvar: Float64Array.from(nominalKvar),
  sourceVoltagePu: 1,
});

function loadsOf(network: Network, steps: number, factor: (step: number) => number): LoadProfile {
  const { nominalKw, nominalKvar } = compileRadial(network);
  const spread = (nominal: Float64Array): Float64Array =>
    Float64Array.from(
      { length: steps * nominal.length },
      (_, at) => nominal[at % nominal.length]! * factor(Math.floor(at / nominal.length)),
    );
  return { activePowerKw: spread(nominalKw), reactivePowerKvar: spread(nominalKvar) };
}

const atZero = (devices: readonly DispatchDevice[], steps: number): Known => ({
  kw: devices.map(() => new Float64Array(steps)),
  kvar: devices.map(() => new Float64Array(steps)),
});

/** Each plant gives a part of its sun; each battery charges and later discharges within its levels and ends at its start or above. */
function drawn(
  devices: readonly DispatchDevice[],
  { steps, stepS, random }: { steps: number; stepS: number; random: Random },
): Known {
  const known = atZero(devices, steps);
  for (const [index, device] of devices.entries()) {
    const kvar = random.next() - 0.5;
    const part = 0.2 + 0.6 * random.next();
    if (device.kind === 'pv')
      for (let step = 0; step < steps; step++) {
        known.kw[index]![step] = -part * device.availableKw[step]!;
        known.kvar[index]![step] = kvar * device.maxReactiveKvar;
      }
    if (device.kind === 'ev')
      for (let step = 0; step < steps; step++) known.kw[index]![step] = part * device.maxKw[step]!;
    if (device.kind !== 'storage') continue;
    const hours = stepS / 3600;
    const half = Math.floor(steps / 2);
    const kw = Math.min(0.5 * device.chargeKw, (0.35 * device.capacityKwh) / Math.max(1, half * hours));
    for (let step = 0; step < 2 * half; step++) {
      known.kw[index]![step] = step < half ? kw : -kw * device.efficiencyCharge * device.efficiencyDischarge;
      known.kvar[index]![step] = kvar * device.maxReactiveKvar;
    }
  }
  return known;
}

/** Limits that the known decisions keep by a narrow margin. */
function limitsFrom(
  network: Network,
  devices: readonly DispatchDevice[],
  { known, loads, steps }: { readonly known: Known; readonly loads: LoadProfile; readonly steps: number },
): { readonly network: Network; readonly importKw: number } {
  const grid = compileRadial(network);
  const workspace = createWorkspace(grid);
  const buses = grid.busIds.length;
  const flows = new Float64Array(grid.parent.length);
  let [lowest, highest, importKw] = [1, NEAR_UPPER_PU - ROOM_PU, 0];
  for (let step = 0; step < steps; step++) {
    const activePowerKw = loads.activePowerKw.slice(step * buses, (step + 1) * buses);
    const reactivePowerKvar = loads.reactivePowerKvar.slice(step * buses, (step + 1) * buses);
    for (const [index, { bus }] of devices.entries()) {
      activePowerKw[grid.busIndex.get(bus)!]! += known.kw[index]![step]!;
      reactivePowerKvar[grid.busIndex.get(bus)!]! += known.kvar[index]![step]!;
    }
    const solution = solveRadial(grid, { activePowerKw, reactivePowerKvar, sourceVoltagePu: 1 }, workspace);
    if (!solution.converged) throw new RangeError('the decisions that are known have no power flow');
    for (const vm of solution.vmPu) {
      lowest = Math.min(lowest, vm);
      highest = Math.max(highest, vm);
    }
    const solved = { grid, workspace };
    importKw = Math.max(importKw, 1000 * importOf(solved).mw);
    for (let node = grid.sourceCount; node < flows.length; node++)
      for (const end of ['near', 'far'] as const) {
        const { mw, mvar } = flowOf(solved, node, end);
        flows[node] = Math.max(flows[node]!, 1000 * Math.hypot(mw, mvar));
      }
  }
  return {
    importKw: ROOM_SHARE * importKw,
    network: {
      ...network,
      buses: network.buses.map((bus, at) =>
        at === 0 ? bus : { ...bus, vMinPu: lowest - ROOM_PU, vMaxPu: highest + ROOM_PU },
      ),
      lines: network.lines.map((line, at) => ({
        ...line,
        ratedKva: Math.max(100, 1.5 * flows[grid.nodeBranch.indexOf(at)]!),
      })),
    },
  };
}
