import type { RegionSubstation } from '../../shared/contracts/region.ts';
import type { SubstationId } from '../data/names.ts';
import { history, type HistoryBatch } from '../history/history.ts';
import { plantSpecs } from '../region/inputs.ts';
import { buildRegion } from '../region/region.ts';
import type { World } from '../sim/region-sim.ts';
import type { AlarmScenario } from './alarm-scenarios.ts';

const worlds = new Map<SubstationId, World>();

/** Cached, because reading the recorded series takes longer than a scenario of minutes. */
function worldOf(id: SubstationId): World {
  const known = worlds.get(id) ?? { specs: plantSpecs([id]), region: buildRegion([id]) };
  worlds.set(id, known);
  return known;
}

const records = new Map<string, readonly HistoryBatch[]>();

/** The eight weeks before a scenario, made once. */
export async function recordBefore({ substation }: AlarmScenario, seed: number): Promise<readonly HistoryBatch[]> {
  const key = `${substation} ${seed}`;
  const known = records.get(key);
  if (known !== undefined) return known;
  const batches: HistoryBatch[] = [];
  // Its meters are right until the scenario begins.
  const specs = worldOf(substation).specs.map((spec) => ({ ...spec, meterFaults: {} }));
  for await (const batch of history(specs, { seed })) batches.push(batch);
  records.set(key, batches);
  return batches;
}

/** The substation of a scenario, and its description for the cloud. */
export function worldFor({ substation, bare, limits, misplaced, milliohms }: AlarmScenario): World {
  let world = worldOf(substation);
  if (bare !== undefined) world = bared(world, bare);
  if (limits !== undefined) world = described(world, (one) => ({ ...one, limits: { ...one.limits, ...limits } }));
  if (misplaced !== undefined) world = described(world, (one) => beside(one, misplaced));
  if (milliohms !== undefined) world = described(world, (one) => thousandfold(one, milliohms));
  return world;
}

/** Changes only the description; the plant stays the same. */
const described = ({ specs, region }: World, as: (one: RegionSubstation) => RegionSubstation): World => ({
  specs,
  region: { ...region, substations: region.substations.map(as) },
});

function beside(one: RegionSubstation, misplaced: NonNullable<AlarmScenario['misplaced']>): RegionSubstation {
  const { feeder, bus } = one.devices.find(({ id }) => id === misplaced.beside)!;
  return {
    ...one,
    devices: one.devices.map((each) => (each.id === misplaced.device ? { ...each, feeder, bus } : each)),
  };
}

const thousandfold = (one: RegionSubstation, line: string): RegionSubstation => ({
  ...one,
  network: {
    ...one.network,
    lines: one.network.lines.map((each) =>
      each.id === line ? { ...each, rOhm: 1000 * each.rOhm, xOhm: 1000 * each.xOhm } : each,
    ),
  },
});

/** The same world without devices behind a feeder. */
function bared({ specs, region }: World, feeder: number): World {
  const isElsewhere = (each: { readonly feeder: string }): boolean => !each.feeder.endsWith(`-${feeder}`);
  return {
    specs: specs.map((spec) => {
      const devices = spec.devices.filter(isElsewhere);
      const gone = new Set(spec.devices.flatMap((each) => (isElsewhere(each) ? [] : [each.id])));
      return { ...spec, devices, meters: spec.meters.filter(({ device }) => !gone.has(device)) };
    }),
    region: {
      ...region,
      substations: region.substations.map((substation) => {
        const gone = new Set(substation.devices.flatMap((each) => (isElsewhere(each) ? [] : [each.id])));
        return {
          ...substation,
          devices: substation.devices.filter(isElsewhere),
          meters: substation.meters.filter(({ device, element, kind }) =>
            kind === 'station' ? !element.startsWith(`${substation.id}-${feeder}-`) : !gone.has(device),
          ),
        };
      }),
    },
  };
}
