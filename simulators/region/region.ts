import type { MeterPoint, Region, RegionDevice, RegionSubstation } from '../../shared/contracts/region.ts';
import type { ShareKw } from '../../shared/contracts/share-schedule.ts';
import { contractedPoints, deviceSpecs, regionDevice } from './devices.ts';
import { gatewayOf, regionId, substationIds, substationNames, type SubstationId } from '../data/names.ts';
import { feederBus, substationNetwork, transformerKva, voltageLimits } from './network.ts';
import { partsByNeed } from './failsafe-shares.ts';
import { coordinates } from './coordinates.ts';

export const timezone = 'Europe/Amsterdam';
/** Transformer limits in normal operation: its rating at a power factor of 0.9. */
export const transformerLimits = { importKw: 7200, exportKw: 7200 };
/** Limits of each feeder head: the load that a neighbour can still take over when necessary. */
export const headLimits = { importKw: 3000, exportKw: 3000 };
/** Exchange limits with the transmission grid; only the cloud knows them. */
export const regionLimits = { importKw: 34_000, exportKw: 40_000 };

/** Quantile of the record that a substation needs without the cloud; the guard relieves the peaks above it. */
export const needQuantile = 0.98;
/** Need of each substation from its record before the plant starts; stored because reading the record takes longer than most tests. */
export const recordedNeeds: Readonly<Record<SubstationId, ShareKw>> = {
  hal: { importKw: 5979, exportKw: 4139 },
  hfdp: { importKw: 6830, exportKw: 3596 },
  lls: { importKw: 1702, exportKw: 5525 },
  mnzl: { importKw: 3731, exportKw: 4424 },
  nryn: { importKw: 1841, exportKw: 5922 },
  owd: { importKw: 2320, exportKw: 6061 },
  wew: { importKw: 6020, exportKw: 1621 },
  whf: { importKw: 1607, exportKw: 6414 },
  wls: { importKw: 4063, exportKw: 3975 },
  wwf: { importKw: 2707, exportKw: 4302 },
};

/** Standard errors, % of reading: class 0.5 for transformer and heads, devices' own meters for terminals. */
const ERROR_PCT = { guarded: 0.25, terminal: 0.5, station: 0.5 };
const INTERVAL_S = { guarded: 1, fast: 5, slow: 10, station: 600 };
/** Stations with a meter, by bus in case33bw: none of them has a device of its own. */
export const meteredStations: Readonly<Record<1 | 2, readonly number[]>> = { 1: [8, 12, 28], 2: [8, 18, 30] };

/** The model of the region, or of a part of it, as given to the cloud: never the truth of the plant. */
export function buildRegion(ids: readonly SubstationId[] = substationIds): Region {
  return {
    version: 1,
    id: regionId,
    name: 'Region North',
    timezone,
    holidays: { country: 'NL' },
    limits: regionLimits,
    profile: 'dso',
    substations: ids.map((id) => ({ ...buildSubstation(id), failsafe: failsafeShare(id, ids) })),
  };
}

/** Fail-safe share as an operator would set it: in proportion to the needs of all substations. */
function failsafeShare(id: SubstationId, ids: readonly SubstationId[]): ShareKw {
  const { importKw, exportKw } = partsByNeed(new Map(ids.map((each) => [each, recordedNeeds[each]])), regionLimits).get(
    id,
  )!;
  const { importKw: most, exportKw: least } = transformerLimits;
  return { importKw: Math.floor(Math.min(importKw, most)), exportKw: Math.floor(Math.min(exportKw, least)) };
}

export function buildSubstation(id: SubstationId): RegionSubstation {
  const devices = deviceSpecs(id).map(regionDevice);
  return {
    id,
    name: substationNames[id],
    gateway: gatewayOf(id),
    ...coordinates[id],
    timezone,
    limits: { ...transformerLimits, ...voltageLimits },
    heads: [1, 2].map((feeder) => ({ feeder: `${id}-${feeder}`, ...headLimits })),
    network: substationNetwork(id, substationNames[id]),
    devices,
    connectionPoints: contractedPoints(id),
    meters: meterPlan(id, devices),
  };
}

export const ratedKva = transformerKva;

function meterPlan(id: SubstationId, devices: readonly RegionDevice[]): MeterPoint[] {
  const feeders = [1, 2] as const;
  return [
    {
      device: 'transformer',
      kind: 'transformer',
      element: `${id}-t1`,
      errorPct: ERROR_PCT.guarded,
      intervalS: INTERVAL_S.guarded,
    },
    ...feeders.map((feeder): MeterPoint => ({
      device: `feeder-${feeder}`,
      kind: 'feeder-head',
      element: `${id}-${feeder}-l1`,
      feeder: `${id}-${feeder}`,
      errorPct: ERROR_PCT.guarded,
      intervalS: INTERVAL_S.guarded,
    })),
    ...devices
      .filter(({ type }) => type !== 'tap-changer')
      .map((device): MeterPoint => ({
        device: device.id,
        kind: 'terminal',
        element: device.bus,
        feeder: device.feeder,
        errorPct: ERROR_PCT.terminal,
        intervalS: device.type === 'battery' || device.type === 'pv-inverter' ? INTERVAL_S.fast : INTERVAL_S.slow,
      })),
    ...feeders.flatMap((feeder) =>
      meteredStations[feeder].map((bus): MeterPoint => ({
        device: `station-${feeder}-b${bus}`,
        kind: 'station',
        element: feederBus(id, feeder, bus),
        feeder: `${id}-${feeder}`,
        errorPct: ERROR_PCT.station,
        intervalS: INTERVAL_S.station,
      })),
    ),
  ];
}
