import { nearest } from '../../shared/config/nearest.ts';
import type { Region, RegionSubstation } from '../../shared/contracts/region.ts';

/** Faults of the connection points in a region's model: the place, what is wrong, and what would be right. */
export function connectionPointFaults({ substations }: Pick<Region, 'substations'>): string[] {
  return substations.flatMap((substation) =>
    (substation.connectionPoints ?? []).flatMap((point, at) => faultsOf(substation, point, at)),
  );
}

type Stated = NonNullable<RegionSubstation['connectionPoints']>[number];

function faultsOf(
  { id, devices, network, connectionPoints = [] }: RegionSubstation,
  point: Stated,
  at: number,
): string[] {
  const place = `substations ${id}, connectionPoints[${at}]`;
  const faults: string[] = [];
  const known = devices.map(({ connectionPoint }) => connectionPoint);
  const buses = new Set(devices.filter((one) => one.connectionPoint === point.id).map(({ bus }) => bus));
  if (!known.includes(point.id)) faults.push(`${place}.id: no device is behind ${point.id}${hint(point.id, known)}`);
  if (connectionPoints.findIndex((one) => one.id === point.id) !== at)
    faults.push(`${place}.id: ${point.id} is listed twice; list it once`);
  for (const name of point.loads ?? []) {
    const load = network.loads.find((one) => one.id === name);
    if (load === undefined)
      faults.push(
        `${place}.loads: the network has no load ${name}${hint(
          name,
          network.loads.map((one) => one.id),
        )}`,
      );
    else if (buses.size > 0 && !buses.has(load.bus))
      faults.push(
        `${place}.loads: ${name} is at bus ${load.bus}, the devices of ${point.id} at ${[...buses].join(', ')}`,
      );
  }
  return faults;
}

function hint(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? '' : `; did you mean ${near}?`;
}
