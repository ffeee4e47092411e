import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { ScenarioView } from '../../../shared/contracts/planner.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { ScenarioBody, targetsOfChange } from '../../planner/scenario/contract.ts';
import { isWithin } from '../../planner/scenario/scenario-job.ts';
import type { Scenario } from '../../planner/scenario/scenario-store.ts';
import { callerOf, warrantOf } from '../access.ts';
import { openCursor, pageOf, sealCursor } from '../answers/cursor.ts';
import { formatTime, PageQuery, parseTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { assertReadable } from '../targets.ts';

const example = {
  id: 'scn_01k2f5',
  name: 'north 2030',
  base: { kind: 'history', start: '2021-09-01T00:00:00Z', end: '2021-09-25T00:00:00Z' },
  changes: [{ type: 'pv', target: 'substation:owd', addedKwp: 6000 }],
  seed: 1,
  createdAt: '2021-09-25T06:00:00Z',
};
const ScenarioShape = Type.Object(ScenarioView.properties, {
  additionalProperties: true,
  title: 'Scenario',
  examples: [example],
});

const Params = Type.Object({ id: Type.String({ maxLength: 80, examples: ['scn_01k2f5'] }) });
type Params = Static<typeof Params>;
const ListQuery = Type.Object(PageQuery.properties);

const MAX_SPAN_MS = 366 * 86_400_000;

const shown = ({ id, body, createdAt }: Scenario) => ({ id, seed: 1, ...body, createdAt: formatTime(createdAt) });

/** What-if definitions, each owned by its caller. They are immutable: a change makes a new one. */
export function scenarioRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const tags = ['scenarios'];
  app.post<{ Body: ScenarioBody }>(
    '/v1/scenarios',
    {
      config: { right: 'planner:write', checksTargets: true },
      schema: {
        tags,
        operationId: 'createScenario',
        summary: 'Define a what-if; run it by POST /v1/forecasts with its id',
        body: ScenarioBody,
        response: { 201: ScenarioShape },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const caller = callerOf(request);
      for (const [index, change] of body.changes.entries())
        for (const target of targetsOfChange(change))
          assertReadable(deps.region, caller, target, `/body/changes/${index}`);
      assertPossible(body, deps);
      const scenario = { id: deps.newId('scn'), owner: caller.name, body, createdAt: deps.clock.plant.now() };
      await deps.owner.scenarios.add(warrantOf(request), scenario);
      void reply.status(201).header('location', `/v1/scenarios/${scenario.id}`);
      return shown({ ...scenario, number: 0 });
    },
  );

  app.get<{ Querystring: Static<typeof ListQuery> }>(
    '/v1/scenarios',
    {
      config: { right: 'planner:read', checksTargets: true },
      schema: {
        tags,
        operationId: 'listScenarios',
        summary: 'List the what-ifs of the caller',
        querystring: ListQuery,
        response: { 200: pageOf(ScenarioShape, [{ items: [example], nextCursor: null }]) },
      },
    },
    async (request) => {
      const { limit = 100, cursor } = request.query;
      const [after] = cursor === undefined ? [0] : openCursor(cursor, 1);
      const found = await deps.scenarios.list(ownerOf(request), after!, limit + 1);
      const items = found.slice(0, limit);
      const nextCursor = found.length > limit ? sealCursor([items.at(-1)!.number]) : null;
      return { items: items.map(shown), nextCursor };
    },
  );

  app.get<{ Params: Params }>(
    '/v1/scenarios/:id',
    {
      config: { right: 'planner:read', checksTargets: true },
      schema: {
        tags,
        operationId: 'getScenario',
        summary: 'Get a what-if',
        params: Params,
        response: { 200: ScenarioShape },
      },
    },
    async (request) => shown(await ownScenario(request, deps)),
  );

  app.delete<{ Params: Params }>(
    '/v1/scenarios/:id',
    {
      config: { right: 'planner:write', checksTargets: true },
      schema: {
        tags,
        operationId: 'deleteScenario',
        summary: 'Delete a what-if that has not been used',
        params: Params,
        response: { 204: Type.Null({ description: 'deleted' }) },
      },
    },
    async (request, reply) => {
      const { id } = await ownScenario(request, deps);
      if (!(await deps.owner.scenarios.remove(warrantOf(request), id)))
        throw new LoadstoneError('LS-API-005', 'forecasts were made of this scenario, so it must stay');
      return reply.status(204).send();
    },
  );
}

/** A guest of the demo sees what was created with the owner's token. */
const ownerOf = (request: FastifyRequest): string => {
  const { name } = callerOf(request);
  return name === 'guest' ? 'owner' : name;
};

function ownScenario(request: FastifyRequest<{ Params: Params }>, deps: ApiDeps): Promise<Scenario> {
  return scenarioFor(request, deps, { id: request.params.id, pointer: '/params/id' });
}

/** Returns a scenario of the caller; throws LS-API-004 for anyone else's. */
export async function scenarioFor(
  request: FastifyRequest,
  deps: ApiDeps,
  { id, pointer }: { readonly id: string; readonly pointer: string },
): Promise<Scenario> {
  const scenario = await deps.scenarios.get(id);
  if (scenario === undefined || scenario.owner !== ownerOf(request))
    throw new LoadstoneError('LS-API-004', `there is no scenario "${id}" of the caller`, pointer);
  return scenario;
}

function assertPossible({ base, changes }: ScenarioBody, { clock, region }: Pick<ApiDeps, 'clock' | 'region'>): void {
  if (base.kind === 'history') {
    const start = parseTime(base.start, '/body/base/start');
    const end = parseTime(base.end, '/body/base/end');
    if (start < 0 || end - start < 3_600_000)
      throw new LoadstoneError('LS-API-007', 'end must be at least one hour after start', '/body/base/end');
    if (end > clock.plant.now())
      throw new LoadstoneError('LS-API-007', 'end is in the future: history ends now', '/body/base/end');
    if (end - start > MAX_SPAN_MS)
      throw new LoadstoneError('LS-API-006', 'a scenario spans at most 366 days', '/body/base/end');
  }
  for (const [index, change] of changes.entries()) {
    if (change.type !== 'transfer') continue;
    const { feeder, to, from } = change;
    if (from !== undefined) parseTime(from, `/body/changes/${index}/from`);
    if (!feeder.startsWith('feeder:'))
      throw new LoadstoneError('LS-API-007', 'only a feeder can be transferred', `/body/changes/${index}/feeder`);
    if (isWithin(region, feeder, to))
      throw new LoadstoneError('LS-API-007', `${feeder} is already a part of ${to}`, `/body/changes/${index}/to`);
  }
  if (changes.some(({ type }) => type === 'temperature') && !changes.some(({ type }) => type === 'heatPump'))
    throw new LoadstoneError(
      'LS-API-007',
      'a temperature acts on heat pumps, and the scenario has none',
      '/body/changes',
    );
}
