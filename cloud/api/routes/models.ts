import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { RegistryEntry } from '../../models/registry.ts';
import { callerOf } from '../access.ts';
import { mayRead } from '../callers/caller.ts';
import { pageOf } from '../answers/cursor.ts';
import { formatTime, page, PageQuery } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';

const example = {
  id: 'mdl-owd-17',
  target: 'substation:owd',
  role: 'cloud',
  state: 'active',
  since: '2021-09-25T03:00:00Z',
  sha256: '9f2c41aa'.repeat(8),
  bytes: 1_400_000,
  trainedFrom: '2021-08-01T00:00:00Z',
  trainedUpTo: '2021-09-25T00:00:00Z',
  createdAt: '2021-09-25T03:00:00Z',
  expiresAt: '2021-12-25T03:00:00Z',
  weather: 'hindcast',
  members: { ridge: 1 },
  metrics: { nMae: 0.08, pinball: 0.027, coverage80: 0.79, seasonalNaiveNMae: 0.1, seasonalNaivePinball: 0.035 },
};

const ModelShape = Type.Object(
  {
    id: Type.String(),
    target: Type.String(),
    role: Type.String({ description: 'cloud or gateway' }),
    state: Type.String(),
    since: Type.String(),
    sha256: Type.String(),
    bytes: Type.Integer(),
    trainedFrom: Type.String(),
    trainedUpTo: Type.String(),
    createdAt: Type.String(),
    expiresAt: Type.String(),
    weather: Type.String(),
    members: Type.Record(Type.String(), Type.Number()),
    metrics: Type.Object(
      {},
      { additionalProperties: true, description: 'on the held-back window, beside seasonal naive' },
    ),
  },
  { examples: [example] },
);
type ModelShape = Static<typeof ModelShape>;

const ListQuery = Type.Object({
  ...PageQuery.properties,
  target: Type.Optional(Type.String({ maxLength: 200, examples: ['substation:owd'] })),
  state: Type.Optional(Type.String({ maxLength: 20, examples: ['active'] })),
});
const Params = Type.Object({ id: Type.String({ maxLength: 64, examples: ['mdl-owd-17'] }) });

const shown = ({ manifest, role, state, since }: RegistryEntry): ModelShape => ({
  id: manifest.id,
  target: manifest.target,
  role,
  state,
  since: formatTime(since),
  sha256: manifest.sha256,
  bytes: manifest.bytes,
  trainedFrom: formatTime(manifest.trainedFrom),
  trainedUpTo: formatTime(manifest.trainedUpTo),
  createdAt: formatTime(manifest.createdAt),
  expiresAt: formatTime(manifest.expiresAt),
  weather: manifest.weather,
  members: manifest.members,
  metrics: manifest.metrics,
});

/** What the registry holds, of the targets that the caller may read. */
export function modelRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const isSeen = (request: FastifyRequest, { manifest }: RegistryEntry): boolean =>
    mayRead(deps.region, callerOf(request), manifest.target);
  app.get<{ Querystring: Static<typeof ListQuery> }>(
    '/v1/models',
    {
      config: { checksTargets: true },
      schema: {
        tags: ['models'],
        operationId: 'listModels',
        summary: 'Models in the registry',
        querystring: ListQuery,
        response: { 200: pageOf(ModelShape, [{ items: [example], nextCursor: null }]) },
      },
    },
    async (request) => {
      const { target, state } = request.query;
      const items = deps.models
        .list()
        .filter((entry) => isSeen(request, entry))
        .filter(({ manifest }) => target === undefined || manifest.target === target)
        .filter((entry) => state === undefined || entry.state === state)
        .map(shown)
        .toSorted((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)));
      return page(items, request.query);
    },
  );
  app.get<{ Params: Static<typeof Params> }>(
    '/v1/models/:id',
    {
      config: { checksTargets: true },
      schema: {
        tags: ['models'],
        operationId: 'getModel',
        summary: 'One model',
        params: Params,
        response: { 200: ModelShape },
      },
    },
    async (request) => {
      const entry = deps.models.get(request.params.id);
      if (entry === undefined || !isSeen(request, entry))
        throw new LoadstoneError('LS-MODEL-002', `there is no model "${request.params.id}"`, '/params/id');
      return shown(entry);
    },
  );
}
