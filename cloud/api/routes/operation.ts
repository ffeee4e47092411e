import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { PlanView } from '../../../shared/contracts/plan.ts';
import { FeederView, GatewayView, RegionView } from '../../../shared/contracts/view.ts';
import { Id } from '../../../shared/contracts/ids.ts';
import { LoadstoneError, unwrap } from '../../../shared/outcome/outcome.ts';
import { callerOf, warrantOf } from '../access.ts';
import { mayAct } from '../../access/caller.ts';
import { notTheirs } from '../../access/warrant.ts';
import { formatTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { substationOfFeeder } from '../resources.ts';
import { pageOf } from '../answers/cursor.ts';
import { feederView } from '../views/feeder-view.ts';
import { AT, AtQuery, sourcesAt } from '../views/past-view.ts';
import { regionView } from '../views/region-view.ts';

const IdParams = Type.Object({ id: Type.String({ maxLength: 63 }) });
type IdParams = Static<typeof IdParams>;

const SimulationEvent = Type.Object(
  {
    kind: Type.Literal('spike'),
    feeder: Id,
    percent: Type.Number({ minimum: 1, maximum: 100, description: 'added load in % of what the feeder carries now' }),
    durationS: Type.Integer({ minimum: 1, maximum: 7200, description: 'seconds of plant time' }),
  },
  { additionalProperties: false, title: 'SimulationEvent' },
);
type SimulationEvent = Static<typeof SimulationEvent>;

const StartedSpike = Type.Object(
  { ...SimulationEvent.properties, acceptedAt: Type.String() },
  { title: 'StartedSpike' },
);

/** Operator views, plans, gateways, and the simulated spike. */
export function operationRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.get<{ Querystring: AtQuery }>(
    '/v1/view/region',
    {
      config: { right: 'planner:read' },
      schema: {
        tags: ['operation'],
        operationId: 'getRegionView',
        summary: 'Get the whole region on one screen, now or at a past moment',
        description: AT,
        querystring: AtQuery,
        response: { 200: RegionView },
      },
    },
    async ({ query: { at } }) =>
      at === undefined ? deps.views.region() : regionView(await sourcesAt(deps, at, deps.region.substations)),
  );

  app.get<{ Params: IdParams; Querystring: AtQuery }>(
    '/v1/view/feeders/:id',
    {
      config: { right: 'planner:read' },
      schema: {
        tags: ['operation'],
        operationId: 'getFeederView',
        summary: 'Get the one-line diagram of a feeder with its values, now or at a past moment',
        description: AT,
        params: IdParams,
        querystring: AtQuery,
        response: { 200: FeederView },
      },
    },
    async ({ params: { id }, query: { at } }) => {
      const substation = substationOfFeeder(deps.region, id);
      if (at !== undefined) {
        const past = feederView(substation, id, await sourcesAt(deps, at, [substation]));
        if (past === undefined) throw new LoadstoneError('LS-PLAYBACK-001', `nothing is stored for ${id} at ${at}`);
        return past;
      }
      const view = deps.views.feeder(id);
      if (view === undefined) throw new LoadstoneError('LS-API-009', 'this feeder has no estimate yet');
      return view;
    },
  );

  app.get(
    '/v1/view/gateways',
    {
      config: { right: 'planner:read' },
      schema: {
        tags: ['operation'],
        operationId: 'getGatewaysView',
        summary: 'Get the state of the gateways',
        response: { 200: Type.Object({ items: Type.Array(GatewayView) }) },
      },
    },
    async () => ({
      items: deps.views.gateways(),
    }),
  );
  app.get(
    '/v1/gateways',
    {
      config: { right: 'planner:read' },
      schema: {
        tags: ['operation'],
        operationId: 'listGateways',
        summary: 'Get the state of the gateways',
        response: { 200: pageOf(GatewayView) },
      },
    },
    async () => ({
      items: deps.views.gateways(),
      nextCursor: null,
    }),
  );

  app.get<{ Params: IdParams }>(
    '/v1/feeders/:id/plan',
    {
      config: { right: 'planner:read' },
      schema: {
        tags: ['operation'],
        operationId: 'getFeederPlan',
        summary: 'Get the newest plan with its reasons and lifecycle',
        params: IdParams,
        response: { 200: PlanView },
      },
    },
    async (request) => {
      const substation = substationOfFeeder(deps.region, request.params.id);
      const record = deps.plan(substation.id);
      if (record === undefined)
        throw new LoadstoneError('LS-API-004', `no plan has been made for ${request.params.id} yet`);
      const own = new Set(substation.devices.filter(({ feeder }) => feeder === request.params.id).map(({ id }) => id));
      const shared = (device: string): boolean =>
        !substation.devices.some(({ id, feeder }) => id === device && feeder !== request.params.id);
      const devices = record.plan.devices.filter(({ device }) => own.has(device) || shared(device));
      return { ...record, plan: { ...record.plan, devices } };
    },
  );

  app.post<{ Body: SimulationEvent }>(
    '/v1/simulation/events',
    {
      config: { right: 'operate' },
      schema: {
        tags: ['simulation'],
        operationId: 'startSpike',
        summary: 'Add a load spike to a feeder of the simulated plant',
        body: SimulationEvent,
        response: { 202: StartedSpike },
      },
    },
    async (request, reply) => {
      const { feeder, percent, durationS } = request.body;
      const target = `feeder:${feeder}`;
      request.act = { on: target, to: { percent, durationS } };
      substationOfFeeder(deps.region, feeder);
      const caller = callerOf(request);
      if (!mayAct(deps.region, caller, target)) throw notTheirs(caller.name, target);
      if (!deps.simulated) throw new LoadstoneError('LS-SIM-001', 'this cloud runs without a simulated plant');
      const { acceptedAt } = unwrap(await deps.owner.simulation.inject(warrantOf(request, target), request.body));
      return reply.status(202).send({ ...request.body, acceptedAt: formatTime(acceptedAt) });
    },
  );
}
