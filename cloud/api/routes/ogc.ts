import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type, type Static, type TSchema } from 'typebox';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { callerOf } from '../access.ts';
import { openCursor, sealCursor } from '../answers/cursor.ts';
import { originOf } from '../callers/transport.ts';
import { mayRead } from '../../access/caller.ts';
import { formatTime, parseTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import {
  boxAround,
  type Collection,
  COLLECTIONS,
  featuresOf,
  GEOJSON,
  isWithin,
  type OwnedFeature,
} from '../geo/features.ts';

const BASE = '/v1/ogc';
const MOST = 10_000;
const TITLES: Readonly<Record<Collection, { readonly title: string; readonly description: string }>> = {
  substations: { title: 'Substations', description: 'Points with limits, present load and forecast peak' },
  feeders: { title: 'Feeders', description: 'Lines of each feeder with its limits and forecast peak' },
  branches: { title: 'Branches', description: 'Lines and cables with rating, switch state and present loading' },
};
const CONFORMS_TO = ['core', 'geojson'].map((each) => `http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/${each}`);
const CRS84 = 'http://www.opengis.net/def/crs/OGC/1.3/CRS84';

const CollectionId = Type.String({ maxLength: 100, description: COLLECTIONS.join(', '), examples: ['substations'] });
const Params = Type.Object({ collection: CollectionId });
const ItemParams = Type.Object({ collection: CollectionId, id: Type.String({ maxLength: 120, examples: ['owd'] }) });
const Query = Type.Object({
  bbox: Type.Optional(
    Type.String({
      pattern: '^-?[0-9.]+(,-?[0-9.]+){3}((,-?[0-9.]+){2})?$',
      maxLength: 200,
      description: 'west,south,east,north in degrees (CRS84); of six numbers the heights are ignored',
      examples: ['4.5,52,7,54'],
    }),
  ),
  datetime: Type.Optional(
    Type.String({
      maxLength: 80,
      description: 'a time or an interval; it filters nothing out: the features have no time, so all are returned',
      examples: ['2021-09-25T00:00:00Z/..'],
    }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST, default: 1000 })),
  offset: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      description: 'number of features to skip; instead of a cursor',
    }),
  ),
  cursor: Type.Optional(Type.String({ maxLength: 200 })),
  f: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('geojson')])),
});
type Query = Static<typeof Query>;

const Link = Type.Object({ href: Type.String(), rel: Type.String() }, { additionalProperties: true });
const EXAMPLE = {
  type: 'Feature',
  id: 'owd',
  geometry: { type: 'Point', coordinates: [6.292133, 53.001969] },
  properties: { id: 'owd', name: 'Oudwoude', importLimitKw: 8000, exportLimitKw: 7000, peakP50Kw: 6120.4 },
};
const FeatureShape = Type.Object(
  {
    type: Type.Literal('Feature'),
    id: Type.String(),
    geometry: Type.Unknown({ description: 'GeoJSON geometry, or null' }),
    properties: Type.Object({}, { additionalProperties: true }),
    links: Type.Optional(Type.Array(Link)),
  },
  { title: 'Feature', examples: [EXAMPLE] },
);
const FeatureCollection = Type.Object(
  {
    type: Type.Literal('FeatureCollection'),
    features: Type.Array(FeatureShape),
    links: Type.Array(Link),
    timeStamp: Type.String(),
    numberMatched: Type.Integer(),
    numberReturned: Type.Integer(),
  },
  {
    title: 'FeatureCollection',
    examples: [
      {
        type: 'FeatureCollection',
        features: [EXAMPLE],
        links: [],
        timeStamp: '2021-09-25T06:00:00Z',
        numberMatched: 1,
        numberReturned: 1,
      },
    ],
  },
);
const geoAnswer = (description: string, schema: TSchema) => ({
  description,
  content: { [GEOJSON.split(';')[0]!]: { schema } },
});
const Page = Type.Object({ links: Type.Array(Link) }, { additionalProperties: true, examples: [{ links: [] }] });

/** OGC API Features, part 1 (OGC 17-069r4): the grid as layers of a GIS. Each caller sees what they may read. */
export function ogcRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const base = (summary: string) => ({ tags: ['geo'], summary });
  const config = { right: 'planner:read', checksTargets: true } as const;
  const sources = {
    region: deps.region,
    view: () => deps.views.region(),
    feederView: (id: string) => deps.views.feeder(id),
    newestForecast: (target: string) => deps.newestForecast(target),
  };
  const seen = (request: FastifyRequest, collection: Collection): OwnedFeature[] =>
    featuresOf(collection, sources).filter(({ target }) => mayRead(deps.region, callerOf(request), target));
  const rooted = (request: FastifyRequest): string => `${originOf(request, deps)}${BASE}`;
  const described = (request: FastifyRequest, id: Collection) => ({
    id,
    ...TITLES[id],
    itemType: 'feature',
    crs: [CRS84],
    ...extentOf(seen(request, id)),
    links: [
      {
        href: `${rooted(request)}/collections/${id}/items`,
        rel: 'items',
        type: 'application/geo+json',
        title: TITLES[id].title,
      },
      { href: `${rooted(request)}/collections/${id}`, rel: 'self', type: 'application/json' },
    ],
  });

  app.get(
    BASE,
    { config, schema: { ...base('Get the landing page'), response: { 200: Page }, operationId: 'getOgc' } },
    async (request) => ({
      title: `Loadstone: ${deps.region.name}`,
      description: 'Substations, feeders and branches with their limits and load.',
      links: [
        { href: rooted(request), rel: 'self', type: 'application/json' },
        { href: `${rooted(request)}/conformance`, rel: 'conformance', type: 'application/json' },
        { href: `${rooted(request)}/collections`, rel: 'data', type: 'application/json' },
        {
          href: rooted(request).replace(BASE, '/openapi.json'),
          rel: 'service-desc',
          type: 'application/vnd.oai.openapi+json;version=3.1',
        },
        { href: rooted(request).replace(BASE, '/api'), rel: 'service-doc', type: 'text/html' },
      ],
    }),
  );
  app.get(
    `${BASE}/conformance`,
    {
      config,
      schema: {
        ...base('List the conformance classes'),
        response: {
          200: Type.Object({ conformsTo: Type.Array(Type.String()) }, { examples: [{ conformsTo: CONFORMS_TO }] }),
        },
        operationId: 'getOgcConformance',
      },
    },
    async () => ({ conformsTo: CONFORMS_TO }),
  );
  app.get(
    `${BASE}/collections`,
    { config, schema: { ...base('List the collections'), response: { 200: Page }, operationId: 'listCollections' } },
    async (request) => ({
      links: [{ href: `${rooted(request)}/collections`, rel: 'self', type: 'application/json' }],
      collections: COLLECTIONS.map((id) => described(request, id)),
    }),
  );
  app.get<{ Params: Static<typeof Params> }>(
    `${BASE}/collections/:collection`,
    {
      config,
      schema: { ...base('Get a collection'), params: Params, response: { 200: Page }, operationId: 'getCollection' },
    },
    async (request) => described(request, collectionOf(request.params)),
  );
  app.get<{ Params: Static<typeof Params>; Querystring: Query }>(
    `${BASE}/collections/:collection/items`,
    {
      config,
      schema: {
        ...base('List features as GeoJSON, by page'),
        operationId: 'listFeatures',
        params: Params,
        querystring: Query,
        response: { 200: geoAnswer('A page of features', FeatureCollection) },
      },
    },
    async (request, reply) => {
      const collection = collectionOf(request.params);
      const { bbox, datetime, limit = 1000, offset, cursor } = request.query;
      if (datetime !== undefined) assertDatetime(datetime);
      const from = cursor === undefined ? (offset ?? 0) : openCursor(cursor, 1)[0]!;
      const box = bbox === undefined ? undefined : boxOf(bbox);
      const found = seen(request, collection).filter(
        ({ feature }) => box === undefined || isWithin(feature.geometry, box),
      );
      const features = found.slice(from, from + limit).map(({ feature }) => feature);
      const path = `${rooted(request)}/collections/${collection}`;
      const later = from + limit < found.length ? from + limit : undefined;
      const { offset: _offset, cursor: _cursor, ...rest } = request.query;
      const page = (at: Pick<Query, 'offset' | 'cursor'>): string => `${path}/items${queryOf({ ...rest, ...at })}`;
      // A caller that pages by offset continues by offset.
      const next =
        later === undefined
          ? undefined
          : page(offset === undefined || cursor !== undefined ? { cursor: sealCursor([later]) } : { offset: later });
      return sendGeo(reply, {
        type: 'FeatureCollection',
        features,
        links: [
          { href: page(request.query), rel: 'self', type: 'application/geo+json' },
          ...(next === undefined ? [] : [{ href: next, rel: 'next', type: 'application/geo+json' }]),
          { href: path, rel: 'collection', type: 'application/json' },
        ],
        timeStamp: formatTime(deps.clock.machine.now()),
        numberMatched: found.length,
        numberReturned: features.length,
      });
    },
  );
  app.get<{ Params: Static<typeof ItemParams> }>(
    `${BASE}/collections/:collection/items/:id`,
    {
      config,
      schema: {
        ...base('Get a feature'),
        operationId: 'getFeature',
        params: ItemParams,
        response: { 200: geoAnswer('A feature', FeatureShape) },
      },
    },
    async (request, reply) => {
      const collection = collectionOf(request.params);
      const { id } = request.params;
      const found = seen(request, collection).find(({ feature }) => feature.id === id);
      if (found === undefined)
        throw new LoadstoneError('LS-API-004', `there is no "${id}" in ${collection}`, '/params/id');
      const path = `${rooted(request)}/collections/${collection}`;
      return sendGeo(reply, {
        ...found.feature,
        links: [
          { href: `${path}/items/${encodeURIComponent(id)}`, rel: 'self', type: 'application/geo+json' },
          { href: path, rel: 'collection', type: 'application/json' },
        ],
      });
    },
  );
}

/** OGC 17-069r4, 7.15.2 and table 2: the path of an unknown collection answers 404. */
function collectionOf({ collection }: { readonly collection: string }): Collection {
  const found = COLLECTIONS.find((each) => each === collection);
  if (found === undefined)
    throw new LoadstoneError(
      'LS-API-004',
      `there is no collection "${collection.slice(0, 80)}"; available: ${COLLECTIONS.join(', ')}`,
      '/params/collection',
    );
  return found;
}

/** Serializes explicitly, because the answer has a media type of its own. */
const sendGeo = (reply: FastifyReply, body: object): FastifyReply =>
  reply
    .type(GEOJSON)
    .serializer((value: unknown) => JSON.stringify(value))
    .send(body);

function queryOf({ bbox, datetime, limit, offset, cursor }: Query): string {
  const query = new URLSearchParams({
    ...(bbox === undefined ? {} : { bbox }),
    ...(datetime === undefined ? {} : { datetime }),
    ...(limit === undefined ? {} : { limit: String(limit) }),
    ...(offset === undefined ? {} : { offset: String(offset) }),
    ...(cursor === undefined ? {} : { cursor }),
  }).toString();
  return query === '' ? '' : `?${query}`;
}

function boxOf(text: string): [number, number, number, number] {
  const numbers = text.split(',').map(Number);
  const [west, south, east, north] = numbers.length === 6 ? [0, 1, 3, 4].map((at) => numbers[at]!) : numbers;
  if (numbers.some(Number.isNaN) || south! > north!)
    throw new LoadstoneError('LS-API-001', `bbox: "${text}" is not west,south,east,north`, '/querystring/bbox');
  return [west!, south!, east!, north!];
}

function assertDatetime(text: string): void {
  const parts = text.split('/');
  if (parts.length > 2)
    throw new LoadstoneError(
      'LS-API-001',
      'datetime must be a time, or two separated by a slash',
      '/querystring/datetime',
    );
  for (const part of parts)
    if (parts.length === 1 || (part !== '' && part !== '..')) parseTime(part, '/querystring/datetime');
}

function extentOf(features: readonly OwnedFeature[]): object {
  const box = boxAround(features.map(({ feature: { geometry } }) => geometry));
  return box === undefined ? {} : { extent: { spatial: { bbox: [box], crs: CRS84 } } };
}
