import { Type, type Static } from 'typebox';
import type { Region, RegionSubstation } from '../../shared/contracts/region.ts';
import type { RegionView } from '../../shared/contracts/view.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';

const LimitPair = Type.Object({ importKw: Type.Number(), exportKw: Type.Number() });

/** A substation, feeder or region as the planner API shows it. */
export const Resource = Type.Object(
  {
    id: Type.String(),
    target: Type.String({ description: 'as other routes name it: substation:owd' }),
    name: Type.String(),
    externalIds: Type.Object({}, { additionalProperties: Type.String() }),
    coordinates: Type.Union([Type.Object({ latitude: Type.Number(), longitude: Type.Number() }), Type.Null()]),
    timezone: Type.String(),
    limits: LimitPair,
    members: Type.Array(Type.String()),
    qualityNow: Type.String({ description: 'good, uncertain or bad: of the newest measurement' }),
  },
  {
    $id: 'Resource',
    title: 'Resource',
    examples: [
      {
        id: 'owd',
        target: 'substation:owd',
        name: 'Oudwoude',
        externalIds: {},
        coordinates: { latitude: 53.28, longitude: 6.1 },
        timezone: 'Europe/Amsterdam',
        limits: { importKw: 8000, exportKw: 7000 },
        members: ['feeder:owd-1'],
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
  const now = view.substations.find(({ id }) => id === substation.id);
  return {
    id: substation.id,
    target: `substation:${substation.id}`,
    name: substation.name,
    externalIds: {},
    coordinates: { latitude: substation.latitude, longitude: substation.longitude },
    timezone: substation.timezone,
    limits: { importKw: substation.limits.importKw, exportKw: substation.limits.exportKw },
    members: substation.network.feeders.map(({ id }) => `feeder:${id}`),
    qualityNow: now?.activePowerKw.quality ?? 'bad',
  };
}

export function feederResources(substation: RegionSubstation, view: RegionView): Resource[] {
  const base = substationResource(substation, view);
  return substation.network.feeders.map((feeder) => {
    const head = substation.network.lines.find(({ id }) => id === feeder.headBranch);
    const limit = head?.ratedKva ?? substation.limits.importKw;
    return {
      ...base,
      id: feeder.id,
      target: `feeder:${feeder.id}`,
      name: feeder.name,
      limits: { importKw: limit, exportKw: limit },
      members: substation.devices
        .filter((device) => device.feeder === feeder.id)
        .map(({ id }) => `device:${substation.gateway}/${id}`),
    };
  });
}

export function regionResource(region: Region): Resource {
  return {
    id: region.id,
    target: `region:${region.id}`,
    name: region.name,
    externalIds: {},
    coordinates: null,
    timezone: region.timezone,
    limits: region.limits,
    members: region.substations.map(({ id }) => `substation:${id}`),
    qualityNow: 'uncertain',
  };
}

/** The substation that a feeder id belongs to. */
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
