import type { SubstationId } from '../data/names.ts';
import { plantSpecs } from '../region/inputs.ts';
import { buildRegion } from '../region/region.ts';
import type { World } from '../sim/region-sim.ts';
import type { AlarmScenario } from './alarm-scenarios.ts';

const worlds = new Map<SubstationId, World>();

/** Reading the recorded series takes longer than a scenario needs for minutes. */
function worldOf(id: SubstationId): World {
  const known = worlds.get(id) ?? { specs: plantSpecs([id]), region: buildRegion([id]) };
  worlds.set(id, known);
  return known;
}

/** The one substation of a scenario, and what the cloud knows of it. */
export function worldFor({ substation, bare, limits }: AlarmScenario): World {
  let world = worldOf(substation);
  if (bare !== undefined) world = bared(world, bare);
  if (limits !== undefined) world = limited(world, limits);
  return world;
}

/** Known to have other limits: the plant has none. */
const limited = ({ specs, region }: World, limits: AlarmScenario['limits']): World => ({
  specs,
  region: {
    ...region,
    substations: region.substations.map((one) => ({ ...one, limits: { ...one.limits, ...limits } })),
  },
});

/** The same with no device behind a feeder. */
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
