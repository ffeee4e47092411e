import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { callerOf } from '../access.ts';
import { mayRead } from '../../access/caller.ts';
import { page, PageQuery } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { GEOJSON, resourceFeatures } from '../geo/features.ts';
import {
  feederResources,
  regionResource,
  type Resource,
  ResourcePage,
  substationById,
  substationOfFeeder,
  substationResource,
  withDataSpan,
} from '../resources.ts';
import { assertReadable } from '../targets.ts';

const ListQuery = Type.Object({
  ...PageQuery.properties,
  q: Type.Optional(Type.String({ maxLength: 100, description: 'part of an id or a name' })),
  format: Type.Optional(
    Type.Union([Type.Literal('json'), Type.Literal('geojson')], {
      description: 'default json; Accept: application/geo+json works too',
    }),
  ),
  bbox: Type.Optional(
    Type.String({
      pattern: '^-?[0-9.]+(,-?[0-9.]+){3}$',
      maxLength: 1000,
      description: 'west,south,east,north in degrees',
    }),
  ),
});
type ListQuery = Static<typeof ListQuery>;

const IdParams = Type.Object({ id: Type.String({ maxLength: 63 }) });
type IdParams = Static<typeof IdParams>;

export function resourceRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const { region } = deps;
  const spanned = async (resource: Resource): Promise<Resource> =>
    withDataSpan(resource, await deps.owner.measured.span(resource.target));
  const lists: Record<string, () => Resource[]> = {
    substations: () => region.substations.map((each) => substationResource(each, deps.views.region())),
    feeders: () => region.substations.flatMap((each) => feederResources(each, deps.views.region())),
    regions: () => [regionResource(region, deps.views.region())],
  };
  for (const [kind, list] of Object.entries(lists)) {
    app.get<{ Querystring: ListQuery }>(
      `/v1/${kind}`,
      {
        config: { right: 'planner:read', checksTargets: true },
        schema: {
          tags: ['resources'],
          operationId: `list${capital(kind)}`,
          summary: `List ${kind}`,
          querystring: ListQuery,
          response: { 200: ResourcePage },
        },
      },
      async (request, reply) => {
        const seen = list().filter(({ target }) => mayRead(region, callerOf(request), target));
        const { items, nextCursor } = page(seen.filter(matches(request.query)).toSorted(byId), request.query);
        if (!wantsGeoJson(request.query.format, request.headers.accept))
          return reply.header('vary', 'Accept').send({ items: await Promise.all(items.map(spanned)), nextCursor });
        const features = resourceFeatures(kind, items, {
          region,
          view: () => deps.views.region(),
          feederView: (id) => deps.views.feeder(id),
          newestForecast: (target) => deps.newestForecast(target),
        });
        // Sent as a string, because the answer's schema is that of the JSON form.
        const collection = JSON.stringify({ type: 'FeatureCollection', features, nextCursor });
        return reply.header('vary', 'Accept').type(GEOJSON).send(collection);
      },
    );
  }
  const one = (kind: string, find: (id: string) => Resource): void => {
    app.get<{ Params: IdParams }>(
      `/v1/${kind}/:id`,
      {
        config: { right: 'planner:read', checksTargets: true },
        schema: {
          tags: ['resources'],
          operationId: `get${capital(kind).slice(0, -1)}`,
          summary: `Get one of the ${kind}`,
          params: IdParams,
          response: { 200: Type.Ref('Resource') },
        },
      },
      async (request) => {
        const { id } = request.params;
        assertReadable(region, callerOf(request), `${kind.slice(0, -1)}:${id}`, '/params/id');
        return spanned(find(id));
      },
    );
  };
  one('substations', (id) => substationResource(substationById(region, id), deps.views.region()));
  one('feeders', (id) =>
    feederResources(substationOfFeeder(region, id), deps.views.region()).find((feeder) => feeder.id === id)!,
  );
  one('regions', () => regionResource(region, deps.views.region()));
}

/** `format` wins; otherwise GeoJSON must be the first type in Accept that we offer. */
function wantsGeoJson(format: ListQuery['format'], accept: string | undefined): boolean {
  if (format !== undefined) return format === 'geojson';
  const types = (accept ?? '').split(',').map((part) => part.split(';')[0]!.trim().toLowerCase());
  const first = types.find((type) =>
    ['application/geo+json', 'application/json', 'application/*', '*/*'].includes(type),
  );
  return first === 'application/geo+json';
}

const capital = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}`;

const byId = (a: Resource, b: Resource): number => (a.id < b.id ? -1 : Number(a.id > b.id));

function matches({ q, bbox }: ListQuery): (resource: Resource) => boolean {
  const text = q?.toLowerCase();
  const [west, south, east, north] = (bbox ?? '').split(',').map(Number);
  return ({ id, name, coordinates }) => {
    if (text !== undefined && !id.includes(text) && !name.toLowerCase().includes(text)) return false;
    if (bbox === undefined) return true;
    if (coordinates === null) return false;
    const { latitude, longitude } = coordinates;
    return longitude >= west! && longitude <= east! && latitude >= south! && latitude <= north!;
  };
}
