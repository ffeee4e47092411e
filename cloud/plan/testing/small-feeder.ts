import type { Network } from '../../../shared/grid/network.ts';
import type { ConnectionPoint, DispatchDevice, DispatchProblem, LoadProfile } from '../problem/problem.ts';

/** A feeder of `buses` in a row behind a source: 12.66 kV, 1 + j0.7 ohm a section, rated 3 MVA. */
export function smallNetwork(buses = 5): Network {
  const ids = Array.from({ length: buses }, (_, at) => `b${at + 1}`);
  return {
    format: 'loadstone-grid',
    version: 1,
    id: 'small',
    name: 'small',
    baseMva: 10,
    topologyVersion: 1,
    buses: ids.map((id, at) =>
      at === 0 ? { id, nominalKv: 12.66 } : { id, nominalKv: 12.66, vMinPu: 0.95, vMaxPu: 1.05 },
    ),
    lines: ids.slice(1).map((id, at) => ({
      id: `l${at + 1}`,
      from: ids[at]!,
      to: id,
      rOhm: 1,
      xOhm: 0.7,
      ratedKva: 3000,
      feeder: 'f',
    })),
    transformers: [],
    sources: [{ id: 's', bus: 'b1', voltagePu: 1 }],
    loads: [],
    shunts: [],
    feeders: [{ id: 'f', name: 'f', headBranch: 'l1', headBus: 'b2' }],
  };
}

/** The same load at every bus but the source, kW and kvar, for each step. */
export function evenLoad(network: Network, kwByStep: readonly number[], kvarByStep?: readonly number[]): LoadProfile {
  const buses = network.buses.length;
  const activePowerKw = new Float64Array(kwByStep.length * buses);
  const reactivePowerKvar = new Float64Array(kwByStep.length * buses);
  for (const [step, kw] of kwByStep.entries())
    for (let bus = 1; bus < buses; bus++) {
      activePowerKw[step * buses + bus] = kw;
      reactivePowerKvar[step * buses + bus] = kvarByStep?.[step] ?? kw / 4;
    }
  return { activePowerKw, reactivePowerKvar };
}

export interface SmallProblem {
  readonly loadKw: readonly number[];
  readonly devices: readonly DispatchDevice[];
  readonly network?: Network;
  readonly stepS?: number;
  readonly importKw?: number;
  readonly peakEurPerKw?: number;
  readonly spread?: number;
  readonly connectionPoints?: readonly ConnectionPoint[];
  readonly options?: DispatchProblem['options'];
}

/** Losses at 80 EUR/MWh, no trade; `spread`: the forecast's corners around the load. */
export function smallProblem(small: SmallProblem): DispatchProblem {
  const network = small.network ?? smallNetwork();
  const steps = small.loadKw.length;
  const flat = (value: number): number[] => Array.from({ length: steps }, () => value);
  const by = (factor: number): LoadProfile =>
    evenLoad(
      network,
      small.loadKw.map((kw) => kw * factor),
    );
  return {
    id: 'small',
    network,
    horizon: { start: 0, stepsS: flat(small.stepS ?? 3600) },
    sourceVoltagePu: 1,
    loads: {
      mid: by(1),
      ...(small.spread === undefined ? {} : { lowSun: by(1 + small.spread), highSun: by(1 - small.spread) }),
    },
    devices: small.devices,
    connectionPoints: small.connectionPoints,
    limits: { voltageMarginPu: 0, importKw: flat(small.importKw ?? Infinity), exportKw: flat(Infinity) },
    prices: {
      importEurPerMwh: flat(0),
      exportEurPerMwh: flat(0),
      lossesEurPerMwh: 80,
      peakEurPerKw: small.peakEurPerKw ?? 0,
    },
    options: small.options,
  };
}

export const pvPlant = (bus: string, availableKw: readonly number[], maxReactiveKvar = 0): DispatchDevice => ({
  kind: 'pv',
  id: `pv-${bus}`,
  bus,
  availableKw,
  maxReactiveKvar,
  curtailmentEurPerKwh: 0.09,
});

export const batteryAt = (
  bus: string,
  over: Partial<Extract<DispatchDevice, { kind: 'storage' }>> = {},
): DispatchDevice => ({
  kind: 'storage',
  id: `battery-${bus}`,
  bus,
  chargeKw: 500,
  dischargeKw: 500,
  capacityKwh: 2000,
  efficiencyCharge: 0.95,
  efficiencyDischarge: 0.95,
  socStart: 0.5,
  socMin: 0.1,
  socMax: 0.9,
  socEndMin: 0.3,
  wearEurPerKwh: 0.02,
  maxReactiveKvar: 0,
  ...over,
});
