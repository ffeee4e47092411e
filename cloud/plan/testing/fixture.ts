import type { Forecast } from '../../../shared/contracts/forecast.ts';
import type { Region, RegionDevice, RegionSubstation } from '../../../shared/contracts/region.ts';
import type { Network } from '../../../shared/grid/network.ts';
import type { EstimateState } from '../../estimate/state.ts';
import type { Sample } from '../../../shared/contracts/sample.ts';
import type { DeviceSource } from '../problem/ports.ts';

/** 110/12.66 kV, 8 MVA, tap changer, a busbar and two feeders of three buses. */
export function testNetwork(id: string): Network {
  const feeders = [1, 2] as const;
  const band = { vMinPu: 0.94, vMaxPu: 1.06 };
  return {
    format: 'loadstone-grid',
    version: 1,
    id,
    name: id,
    baseMva: 10,
    topologyVersion: 1,
    buses: [
      { id: `${id}-hv`, nominalKv: 110 },
      { id: `${id}-bb`, nominalKv: 12.66, ...band },
      ...feeders.flatMap((feeder) =>
        [2, 3, 4].map((bus) => ({
          id: `${id}-${feeder}-b${bus}`,
          nominalKv: 12.66,
          ...band,
          feeder: `${id}-${feeder}`,
        })),
      ),
    ],
    lines: feeders.flatMap((feeder) =>
      [2, 3, 4].map((bus, at) => ({
        id: `${id}-${feeder}-l${at + 1}`,
        from: bus === 2 ? `${id}-bb` : `${id}-${feeder}-b${bus - 1}`,
        to: `${id}-${feeder}-b${bus}`,
        rOhm: 0.8,
        xOhm: 0.6,
        ratedKva: 4000,
        feeder: `${id}-${feeder}`,
      })),
    ),
    transformers: [
      {
        id: `${id}-t1`,
        from: `${id}-hv`,
        to: `${id}-bb`,
        ratedKva: 8000,
        ratedFromKv: 110,
        ratedToKv: 12.66,
        rOhm: 0.12,
        xOhm: 2,
        tapPosition: 0,
        tapMin: -8,
        tapMax: 8,
        tapStepPct: 1.25,
      },
    ],
    sources: [{ id: 's', bus: `${id}-hv`, voltagePu: 1.02 }],
    loads: feeders.flatMap((feeder) =>
      [2, 3, 4].map((bus) => ({
        id: `load-${feeder}-${bus}`,
        bus: `${id}-${feeder}-b${bus}`,
        activePowerKw: 600,
        reactivePowerKvar: 200,
      })),
    ),
    shunts: [],
    feeders: feeders.map((feeder) => ({
      id: `${id}-${feeder}`,
      name: `Feeder ${feeder}`,
      headBranch: `${id}-${feeder}-l1`,
      headBus: `${id}-${feeder}-b2`,
    })),
  };
}

export function testSubstation(id: string): RegionSubstation {
  const device = (
    type: RegionDevice['type'],
    name: string,
    bus: string,
    over: Partial<RegionDevice>,
  ): RegionDevice => ({
    id: name,
    type,
    name,
    bus: `${id}-${bus}`,
    feeder: `${id}-${bus.split('-')[0]}`,
    connectionPoint: `cp-${name}`,
    authority: 'direct',
    ...over,
  });
  return {
    id,
    name: id.toUpperCase(),
    gateway: `${id}-01`,
    latitude: 53,
    longitude: 6.3,
    timezone: 'Europe/Amsterdam',
    limits: { importKw: 7200, exportKw: 7200, vMinPu: 0.94, vMaxPu: 1.06 },
    network: testNetwork(id),
    devices: [
      device('pv-inverter', 'pv-1', '1-b4', {
        authority: 'limit',
        activePowerKw: 1500,
        apparentPowerKva: 1650,
        maxReactiveKvar: 660,
        safeDefaultKw: 750,
        contractEurPerKwh: 0.09,
      }),
      device('battery', 'battery-1', '1-b3', {
        chargeKw: 500,
        dischargeKw: 500,
        capacityKwh: 2000,
        socMinPct: 10,
        socMaxPct: 90,
        efficiency: 0.95,
        maxReactiveKvar: 250,
        safeDefaultKw: 0,
        contractEurPerKwh: 0.02,
      }),
      device('ev-site', 'ev-1', '2-b4', {
        authority: 'limit',
        activePowerKw: 400,
        floorKw: 126,
        safeDefaultKw: 126,
        contractEurPerKwh: 0.15,
      }),
      device('tap-changer', 'tap-1', 'bb', { feeder: id }),
    ],
    meters: [],
  };
}

export const testRegion = (...ids: readonly string[]): Region => ({
  version: 1,
  id: 'north',
  name: 'North',
  timezone: 'Europe/Amsterdam',
  limits: { importKw: 10_000, exportKw: 10_000 },
  profile: 'dso',
  substations: ids.map(testSubstation),
});

/** A converged estimate with the same load at each bus. */
export function testEstimate({ id, network }: RegionSubstation, time: number, busKw = 400): EstimateState {
  const value = (kw: number) => ({ value: kw, error: 5, origin: 'measured' as const });
  return {
    substation: id,
    time,
    topologyVersion: 3,
    converged: true,
    transformer: {
      activePowerKw: value(6 * busKw),
      reactivePowerKvar: value(2 * busKw),
      loadingPct: 30,
      tapPosition: value(0),
    },
    busbarRestKw: value(0),
    buses: network.buses.map((bus) => ({
      id: bus.id,
      voltagePu: value(bus.id.endsWith('-hv') ? 1.02 : 1),
      angleDeg: 0,
      loadKw: bus.feeder === undefined ? 0 : busKw,
      loadKvar: bus.feeder === undefined ? 0 : busKw / 3,
    })),
    branches: network.lines.map((line) => ({
      id: line.id,
      closed: true,
      activePowerKw: value(3 * busKw),
      reactivePowerKvar: value(busKw),
      loadingPct: 30,
    })),
    findings: [],
    provenance: [],
  };
}

/** A flat forecast over 48 h with 200 kW to each side. */
export const testForecast = (target: string, issuedAt: number, kw: number): Forecast => ({
  id: `fc-${target}`,
  kind: 'issued',
  target,
  load: 'uncontrolled',
  issuedAt,
  dataUpTo: issuedAt,
  start: issuedAt - (issuedAt % 900_000),
  resolutionS: 900,
  quantiles: [0.05, 0.5, 0.95],
  values: [-200, 0, 200].map((by) => Array.from({ length: 192 }, () => kw + by)),
  model: { id: 'm', sha256: null, members: {} },
  weather: null,
  inputCompleteness: 1,
  fallback: null,
  calibration: null,
  warnings: [],
});

/** Readings by `device/metric`, the same at every gateway, with `time` as their source time. */
export function testDevices(
  values: Readonly<Record<string, number>>,
  time: () => number,
): DeviceSource & { lost: Set<string>; unheard: Set<string> } {
  const lost = new Set<string>();
  const unheard = new Set<string>();
  return {
    lost,
    unheard,
    latest: (_gateway, device, metric): Sample | undefined => {
      const value = values[`${device}/${metric}`];
      return value === undefined ? undefined : { value, quality: 'good', origin: 'measured', time: time() };
    },
    link: (_gateway, device) => (unheard.has(device) ? 'never' : lost.has(device) ? 'stale' : 'up'),
    sessions: () => undefined,
    moves: () => Promise.resolve(0),
    highestMean: () => Promise.resolve(undefined),
  };
}

export const usualReadings: Readonly<Record<string, number>> = {
  'battery-1/socPct': 60,
  'pv-1/availableKw': 800,
  'ev-1/wishedKw': 200,
  'ev-1/energyDueKwh': 600,
};
