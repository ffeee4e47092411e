import { plantSpecs } from '../region/inputs.ts';
import { buildRegion } from '../region/region.ts';
import type { SubstationId } from '../data/names.ts';
import type { World } from '../sim/region-sim.ts';

/** Five devices at two gateways: each kind that is commanded, on both feeders of one substation and of the other. */
const selected: Readonly<Partial<Record<SubstationId, readonly string[]>>> = {
  owd: ['battery-1', 'pv-1', 'ev-1'],
  wwf: ['battery-2', 'flex-1'],
};

/** A part of the region small enough for a thousand runs: two whole networks with five devices between them. */
export function smallWorld(): World {
  const ids = Object.keys(selected) as SubstationId[];
  const keeps = (substation: string, device: string): boolean =>
    selected[substation as SubstationId]?.includes(device) === true;
  const whole = buildRegion(ids);
  return {
    specs: plantSpecs(ids).map((spec) => ({
      ...spec,
      devices: spec.devices.filter(({ id }) => keeps(spec.id, id)),
      meters: spec.meters.filter(({ kind, device }) => kind !== 'terminal' || keeps(spec.id, device)),
    })),
    region: {
      ...whole,
      substations: whole.substations.map((substation) => ({
        ...substation,
        devices: substation.devices.filter(({ id }) => keeps(substation.id, id)),
        meters: substation.meters.filter(({ kind, device }) => kind !== 'terminal' || keeps(substation.id, device)),
      })),
    },
  };
}
