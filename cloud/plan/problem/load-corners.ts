import type { RegionSubstation } from '../../../shared/contracts/region.ts';
import type { Network } from '../../../shared/grid/network.ts';
import { compileRadial, nominalInput, solveRadial } from '../../../shared/grid/radial.ts';
import type { EstimateState } from '../../estimate/state.ts';
import type { DispatchDevice, LoadProfile } from './problem.ts';
import type { BusbarLoad } from './busbar.ts';
import { JointErrors } from './joint-errors.ts';
import { correlationAt } from './nowcast.ts';
import type { DeviceModels } from './plan-devices.ts';
import type { Quantiles } from './series.ts';

export interface CornerInputs {
  readonly substation: RegionSubstation;
  readonly network: Network;
  readonly estimate: EstimateState;
  readonly models: DeviceModels;
  /** Hours from now to the middle of each step. */
  readonly leadH: readonly number[];
  readonly feeders: ReadonlyMap<string, Quantiles>;
  readonly whole: Quantiles;
  /** Now; its reactive power follows its active power. */
  readonly busbar: BusbarLoad;
}

export interface Corners {
  readonly loads: { readonly mid: LoadProfile; readonly lowSun: LoadProfile; readonly highSun: LoadProfile };
  /** Devices, with the sun's corners no wider than those of their feeder's forecast. */
  readonly devices: readonly DispatchDevice[];
}

/**
 * Distributes the forecasts of feeders and substation over the buses: loads as estimated now, plus the change by nominal load. A corner of
 * a feeder is its own joint quantile: the sun's part of it first, the rest load. At the busbar the feeders' errors are not added but
 * combine as far as the substation's joint quantile says. Load at the busbar takes up the difference in the corners, so source, transformer
 * and busbar see the joint error, and each feeder behind the busbar its own.
 */
export function loadCorners(inputs: CornerInputs): Corners {
  const { substation, network, models } = inputs;
  const steps = inputs.leadH.length;
  const buses = network.buses.length;
  const index = new Map(network.buses.map((bus, at) => [bus.id, at]));
  const profile = (): LoadProfile => ({
    activePowerKw: new Float64Array(steps * buses),
    reactivePowerKvar: new Float64Array(steps * buses),
  });
  const loads = { mid: profile(), lowSun: profile(), highSun: profile() };
  const up = new JointErrors(steps);
  const down = new JointErrors(steps);
  const heads = new Float64Array(steps);
  const scaled = new Map<string | undefined, { readonly low: number[]; readonly high: number[] }>();
  const loss = lossPerSquareKw(network);
  for (const { id } of network.feeders) {
    const quantiles = inputs.feeders.get(id)!;
    const shape = shapeOf(inputs, id, index);
    const sunKw = models.sunKw.get(id);
    const sun = sunOf(models.devices, network, { feeder: id, steps });
    const feeder = { low: [] as number[], high: [] as number[] };
    const loadAt = (step: number): number => {
      const head = quantiles.mid[step]!;
      return head - loss * head * head - (sunKw?.[step] ?? 0);
    };
    const beyond = shape.seenKw - loadAt(0);
    for (let step = 0; step < steps; step++) {
      const extra = beyond * correlationAt(inputs.leadH[step]!);
      const middle = loadAt(step) + extra;
      const rise = quantiles.high[step]! - quantiles.mid[step]!;
      const fall = quantiles.mid[step]! - quantiles.low[step]!;
      const darker = sun.mid[step]! - sun.low[step]!;
      const brighter = sun.high[step]! - sun.mid[step]!;
      feeder.low.push(sunShare(rise, darker));
      feeder.high.push(sunShare(fall, brighter));
      shape.put(loads.mid, step, middle);
      const [more, less] = [Math.max(0, rise - darker), Math.max(0, fall - brighter)];
      shape.put(loads.lowSun, step, middle + more);
      shape.put(loads.highSun, step, middle - less);
      up.add(step, { wholeKw: rise, loadKw: more, loadKvar: more * shape.kvarPerKw });
      down.add(step, { wholeKw: fall, loadKw: less, loadKvar: less * shape.kvarPerKw });
      heads[step]! += quantiles.mid[step]! + extra;
    }
    scaled.set(id, feeder);
  }
  for (const { bus, activePowerKw } of models.fixed)
    for (let step = 0; step < steps; step++)
      for (const each of Object.values(loads))
        each.activePowerKw[step * buses + index.get(bus)!]! += activePowerKw[step]!;
  const busbar = index.get(network.transformers[0]!.to)!;
  const now = inputs.busbar;
  const sunKw = models.sunKw.get(substation.id);
  const sun = sunOf(models.devices, network, { feeder: undefined, steps });
  const beside = { low: [] as number[], high: [] as number[] };
  let beyond = 0;
  for (let step = 0; step < steps; step++) {
    const rise = inputs.whole.high[step]! - inputs.whole.mid[step]!;
    const fall = inputs.whole.mid[step]! - inputs.whole.low[step]!;
    const [risen, fallen] = [up.relief(step, rise), down.relief(step, fall)];
    const forecastRest = inputs.whole.mid[step]! - heads[step]! - (sunKw?.[step] ?? 0);
    if (step === 0) beyond = now.kw - forecastRest;
    const rest = forecastRest + beyond * correlationAt(inputs.leadH[step]!);
    const [darker, brighter] = [sun.mid[step]! - sun.low[step]!, sun.high[step]! - sun.mid[step]!];
    const [more, less] = [Math.max(0, rise - up.sumKw(step)), Math.max(0, fall - down.sumKw(step))];
    beside.low.push(sunShare(more, darker));
    beside.high.push(sunShare(less, brighter));
    const at = step * buses + busbar;
    loads.mid.activePowerKw[at]! += rest;
    loads.lowSun.activePowerKw[at]! += rest + Math.max(0, more - darker) - risen.kw;
    loads.highSun.activePowerKw[at]! += rest - Math.max(0, less - brighter) + fallen.kw;
    const kvar = now.kvar * (now.kw > 0 ? Math.min(MOST_TIMES, Math.max(0, rest / now.kw)) : 1);
    loads.mid.reactivePowerKvar[at]! += kvar;
    loads.lowSun.reactivePowerKvar[at]! += kvar - risen.kvar;
    loads.highSun.reactivePowerKvar[at]! += kvar + fallen.kvar;
  }
  scaled.set(undefined, beside);
  return { loads, devices: withSun(models.devices, network, scaled) };
}

/** The most by which reactive power at the busbar grows: beside a small load it says little of its power factor. */
const MOST_TIMES = 2;

/** Share of the sun's own error that a forecast's error covers. */
const sunShare = (errorKw: number, sunKw: number): number => (sunKw > 0 ? Math.min(1, errorKw / sunKw) : 0);

interface Shape {
  /** Uncontrolled load of the feeder as estimated now, kW. */
  readonly seenKw: number;
  /** Ratio of its nominal loads. */
  readonly kvarPerKw: number;
  put(profile: LoadProfile, step: number, kw: number): void;
}

function shapeOf({ network, estimate }: CornerInputs, feeder: string, index: ReadonlyMap<string, number>): Shape {
  const own = new Set(network.buses.filter((bus) => bus.feeder === feeder).map((bus) => bus.id));
  const seen = new Map(estimate.buses.map((bus) => [bus.id, bus]));
  const nominal = new Map<number, { kw: number; kvar: number }>();
  let nominalKw = 0;
  let nominalKvar = 0;
  for (const load of network.loads) {
    if (!own.has(load.bus)) continue;
    const at = index.get(load.bus)!;
    const before = nominal.get(at) ?? { kw: 0, kvar: 0 };
    nominal.set(at, { kw: before.kw + load.activePowerKw, kvar: before.kvar + load.reactivePowerKvar });
    nominalKw += load.activePowerKw;
    nominalKvar += load.reactivePowerKvar;
  }
  let seenKw = 0;
  for (const id of own) seenKw += seen.get(id)?.loadKw ?? 0;
  const buses = network.buses.length;
  return {
    seenKw,
    kvarPerKw: nominalKvar / Math.max(1, nominalKw),
    put: (profile, step, kw) => {
      const change = (kw - seenKw) / Math.max(1, nominalKw);
      for (const id of own) {
        const at = index.get(id)!;
        const share = nominal.get(at) ?? { kw: 0, kvar: 0 };
        profile.activePowerKw[step * buses + at]! += (seen.get(id)?.loadKw ?? 0) + change * share.kw;
        profile.reactivePowerKvar[step * buses + at]! += (seen.get(id)?.loadKvar ?? 0) + change * share.kvar;
      }
    },
  };
}

/** Losses divided by the square of a feeder's load, 1/kW, from the network at its nominal loads. */
function lossPerSquareKw(network: Network): number {
  const grid = compileRadial(network);
  const { lossesKw, converged } = solveRadial(grid, nominalInput(grid));
  const whole = grid.nominalKw.reduce((sum, kw) => sum + kw, 0);
  const each = whole / Math.max(1, network.feeders.length);
  return converged && each > 0 ? lossesKw / Math.max(1, network.feeders.length) / (each * each) : 0;
}

function sunOf(
  devices: readonly DispatchDevice[],
  network: Network,
  { feeder, steps }: { readonly feeder: string | undefined; readonly steps: number },
): Quantiles {
  const buses = new Set(network.buses.filter((bus) => bus.feeder === feeder).map((bus) => bus.id));
  const mid: number[] = [];
  const low: number[] = [];
  const high: number[] = [];
  for (let step = 0; step < steps; step++) {
    const sums = [0, 0, 0];
    for (const device of devices) {
      if (device.kind !== 'pv' || !buses.has(device.bus)) continue;
      sums[0]! += device.availableKw[step]!;
      sums[1]! += device.availableLowKw?.[step] ?? device.availableKw[step]!;
      sums[2]! += device.availableHighKw?.[step] ?? device.availableKw[step]!;
    }
    mid.push(sums[0]!);
    low.push(sums[1]!);
    high.push(sums[2]!);
  }
  return { mid, low, high };
}

function withSun(
  devices: readonly DispatchDevice[],
  network: Network,
  shares: ReadonlyMap<string | undefined, { readonly low: number[]; readonly high: number[] }>,
): DispatchDevice[] {
  const feederOf = new Map(network.buses.map((bus) => [bus.id, bus.feeder]));
  return devices.map((device) => {
    const share = device.kind === 'pv' ? shares.get(feederOf.get(device.bus)) : undefined;
    if (device.kind !== 'pv' || share === undefined) return device;
    const toward = (ends: readonly number[] | undefined, part: readonly number[]): number[] =>
      device.availableKw.map((kw, step) => kw + part[step]! * ((ends?.[step] ?? kw) - kw));
    return {
      ...device,
      availableLowKw: toward(device.availableLowKw, share.low),
      availableHighKw: toward(device.availableHighKw, share.high),
    };
  });
}
