import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { LoadstoneError, unwrap } from '../../../shared/outcome/outcome.ts';
import { modelStates, type ModelState } from '../../forecast/registry/lifecycle.ts';
import type { RegistryEntry } from '../../forecast/registry/registry.ts';
import { callerOf, warrantOf } from '../access.ts';
import { mayRead } from '../../access/caller.ts';
import { pageOf } from '../answers/cursor.ts';
import { page, PageQuery } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { ModelDetailShape, modelExample, ModelShape, shownModel } from '../models/shape.ts';
import { modelDetail } from '../models/shown.ts';

const ListQuery = Type.Object({
  ...PageQuery.properties,
  target: Type.Optional(Type.String({ maxLength: 200, examples: ['substation:owd'] })),
  state: Type.Optional(Type.String({ maxLength: 20, examples: ['active'] })),
});
const Params = Type.Object({ id: Type.String({ maxLength: 64, examples: ['mdl-owd-17'] }) });
type Params = Static<typeof Params>;

const Wish = Type.Object(
  {
    to: Type.Union(
      modelStates.filter((state) => state !== 'candidate' && state !== 'rejected').map((state) => Type.Literal(state)),
    ),
    reason: Type.String({
      minLength: 3,
      maxLength: 300,
      pattern: '\\S',
      examples: ['better on the days after the storm'],
    }),
  },
  {
    additionalProperties: false,
    title: 'ModelTransition',
    examples: [{ to: 'held', reason: 'too bold in the nights after the storm' }],
  },
);
type Wish = Static<typeof Wish>;

/** Models of the registry for the targets that the caller may read, and the state changes that a person may request. */
export function modelRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const tags = ['models'];
  const isSeen = (request: FastifyRequest, { manifest }: RegistryEntry): boolean =>
    mayRead(deps.region, callerOf(request), manifest.target);
  const found = async (request: FastifyRequest<{ Params: Params }>): Promise<RegistryEntry> => {
    const entry = await deps.models.get(request.params.id);
    if (entry === undefined || !isSeen(request, entry))
      throw new LoadstoneError('LS-MODEL-002', `there is no model "${request.params.id}"`, '/params/id');
    return entry;
  };

  app.get<{ Querystring: Static<typeof ListQuery> }>(
    '/v1/models',
    {
      config: { right: 'planner:read', checksTargets: true },
      schema: {
        tags,
        operationId: 'listModels',
        summary: 'List the models in the registry',
        querystring: ListQuery,
        response: { 200: pageOf(ModelShape, [{ items: [modelExample], nextCursor: null }]) },
      },
    },
    async (request) => {
      const { target, state } = request.query;
      const entries = (await deps.models.list())
        .filter((entry) => isSeen(request, entry))
        .filter(({ manifest }) => target === undefined || manifest.target === target)
        .filter((entry) => state === undefined || entry.state === state);
      const items = await Promise.all(
        entries.map(async (entry) => shownModel(entry, await deps.owner.models.waiting(entry.manifest.id))),
      );
      return page(
        items.toSorted((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id))),
        request.query,
      );
    },
  );

  app.get<{ Params: Params }>(
    '/v1/models/:id',
    {
      config: { right: 'planner:read', checksTargets: true },
      schema: {
        tags,
        operationId: 'getModel',
        summary: 'Get a model with its gate result, live errors and history',
        params: Params,
        response: { 200: ModelDetailShape },
      },
    },
    async (request) => modelDetail(await found(request), deps),
  );

  app.post<{ Params: Params; Body: Wish }>(
    '/v1/models/:id/transitions',
    {
      config: { right: 'models:write', checksTargets: true },
      schema: {
        tags,
        operationId: 'moveModel',
        summary: 'Hold, promote or roll back a model; holding an active model reactivates the one it replaced',
        params: Params,
        body: Wish,
        response: { 200: ModelDetailShape },
      },
    },
    async (request) => {
      const entry = await found(request);
      const { to, reason } = request.body as { to: ModelState; reason: string };
      request.act = { on: `model:${entry.manifest.id}`, from: entry.state, to, why: reason };
      const asked = await deps.owner.models.waiting(entry.manifest.id);
      const caller = callerOf(request);
      const moved = unwrap(
        await deps.owner.models.request(warrantOf(request, entry.manifest.target), entry.manifest.id, to, {
          by: caller.name,
          reason,
        }),
      );
      // Promotion takes two persons: the first is the requester, the second approves.
      if (asked?.to === to)
        request.act = { ...request.act, from: { state: entry.state, requester: asked.by }, approver: caller.name };
      return modelDetail(moved, deps);
    },
  );
}
