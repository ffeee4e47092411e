import { Type, type Static } from 'typebox';
import { hasRest, meteredFeeders, type Region, type RegionSubstation } from '../../shared/contracts/region.ts';
import type { RegionView } from '../../shared/contracts/view.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { formatTime } from './conventions.ts';
import type { TimeSpan } from '../planner/inputs/measured.ts';

const LimitPair = Type.Object({ importKw: Type.Number(), exportKw: Type.Number() });

/** A substation, feeder or region as the planner API shows it. */
export const Resource = Type.Object(
  {
    id: Type.String(),
    target: Type.String({ description: 'name used by other routes, such as substation:owd' }),
    name: Type.String(),
    externalIds: Type.Object({}, { additionalProperties: Type.String() }),
    coordinates: Type.Union([Type.Object({ latitude: Type.Number(), longitude: Type.Number() }), Type.Null()]),
    timezone: Type.String(),
    limits: LimitPair,
    members: Type.Array(Type.String(), {
      description:
        'targets that add up to it: for a region its substations; for a substation its metered feeders and `rest:<id>`, the remaining load. For a feeder its devices, which do not add up to it',
    }),
    dataSpan: Type.Union([
      Type.Object({ from: Type.String(), to: Type.String() }, { description: 'oldest and newest measurement' }),
      Type.Null(),
    ]),
    qualityNow: Type.String({ description: 'quality of the newest measurement: good, uncertain or bad' }),
  },
  {
    $id: 'Resource',
    title: 'Resource',
    examples: [
      {
        id: 'owd',
        target: 'substation:owd',
        name: 'Oudwoude',
        externalIds: { mRID: '5bd6b2c0-7c2f-4e0c-9a39-1f3d0a2e7c11' },
        coordinates: { latitude: 53.28, longitude: 6.1 },
        timezone: 'Europe/Amsterdam',
        limits: { importKw: 8000, exportKw: 7000 },
        members: ['feeder:owd-1', 'feeder:owd-2', 'rest:owd'],
        dataSpan: { from: '2021-08-01T00:00:00Z', to: '2021-10-01T06:00:00Z' },
        qualityNow: 'good',
      },
    ],
  },
);
export type Resource = Static<typeof Resource>;

export const ResourcePage = Type.Object({
  items: Type.Array(Type.Ref('Resource')),
  nextCursor: Type.Union([Type.String(), Type.Null()]),
});

export function substationResource(substation: RegionSubstation, view: RegionView): Resource {
  return {
    id: substation.id,
    target: `substation:${substation.id}`,
    name: substation.name,
    externalIds: substation.externalIds ?? {},
    coordinates: { latitude: substation.latitude, longitude: substation.longitude },
    timezone: substation.timezone,
    limits: { importKw: substation.limits.importKw, exportKw: substation.limits.exportKw },
    members: membersOf(substation),
    dataSpan: null,
    qualityNow: view.substations.find(({ id }) => id === substation.id)?.activePowerKw.quality ?? 'bad',
  };
}

/** Returns the members that add up to a substation: the feeders with a meter at their head, and the rest, which holds all others, if it is known. */
function membersOf(substation: RegionSubstation): string[] {
  const feeders = meteredFeeders(substation).map((feeder) => `feeder:${feeder}`);
  return hasRest(substation) ? [...feeders, `rest:${substation.id}`] : feeders;
}

export function feederResources(substation: RegionSubstation, view: RegionView): Resource[] {
  const base = substationResource(substation, view);
  return substation.network.feeders.map((feeder) => {
    const line = substation.network.lines.find(({ id }) => id === feeder.headBranch);
    const head = substation.heads?.find((each) => each.feeder === feeder.id);
    return {
      ...base,
      id: feeder.id,
      target: `feeder:${feeder.id}`,
      name: feeder.name,
      externalIds: feeder.externalIds ?? {},
      limits: {
        importKw: head?.importKw ?? line?.ratedKva ?? substation.limits.importKw,
        exportKw: head?.exportKw ?? line?.ratedKva ?? substation.limits.exportKw,
      },
      members: substation.devices
        .filter((device) => device.feeder === feeder.id)
        .map(({ id }) => `device:${substation.gateway}/${id}`),
    };
  });
}

export function regionResource(region: Region, view: RegionView): Resource {
  return {
    id: region.id,
    target: `region:${region.id}`,
    name: region.name,
    externalIds: region.externalIds ?? {},
    coordinates: null,
    timezone: region.timezone,
    limits: region.limits,
    members: region.substations.map(({ id }) => `substation:${id}`),
    dataSpan: null,
    qualityNow: view.activePowerKw.quality,
  };
}

/** Adds the span of stored data, which takes longer to look up. */
export const withDataSpan = (resource: Resource, span: TimeSpan | undefined): Resource => ({
  ...resource,
  dataSpan: span === undefined ? null : { from: formatTime(span.from), to: formatTime(span.to) },
});

/** Returns the substation of a feeder; throws LS-API-004 for an unknown one. */
export function substationOfFeeder(region: Region, feeder: string): RegionSubstation {
  const found = region.substations.find(({ network }) => network.feeders.some(({ id }) => id === feeder));
  if (found === undefined)
    throw new LoadstoneError('LS-API-004', `there is no feeder "${feeder}"; GET /v1/feeders lists them`);
  return found;
}

export function substationById(region: Region, id: string): RegionSubstation {
  const found = region.substations.find((substation) => substation.id === id);
  if (found === undefined)
    throw new LoadstoneError('LS-API-004', `there is no substation "${id}"; GET /v1/substations lists them`);
  return found;
}
