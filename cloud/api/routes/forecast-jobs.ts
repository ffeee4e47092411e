import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { ForecastTask } from '../../planner/forecast-job.ts';
import type { ScenarioTask } from '../../planner/scenario/scenario-job.ts';
import { WEEK_DAYS } from '../../forecast/week-ahead.ts';
import { callerOf } from '../access.ts';
import { formatTime, parseDuration, parseTime, Resolution, Unit } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { limitsOf } from '../forecasts/limits.ts';
import { chosenQuantiles, shapeOf, type ShapeQuery } from '../forecasts/shape.ts';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { TargetOrSum } from '../../planner/sum-target.ts';
import { targetOrSum } from '../targets.ts';
import { acceptJob, sendAccepted } from './jobs.ts';
import { scenarioAnswer, scenarioFor } from './scenarios.ts';

const Body = Type.Object(
  {
    target: TargetOrSum,
    load: Type.Optional(
      Type.Union([Type.Literal('uncontrolled'), Type.Literal('planned'), Type.Literal('net')], {
        description:
          'uncontrolled: less what is commanded; planned: plus the plan in force, as far as it reaches; net: as the meter will read, beyond the plan with what the devices did at that time of day',
      }),
    ),
    start: Type.Optional(
      Type.String({ maxLength: 40, description: 'RFC 3339; asOf by default; it may lie up to 7 days after asOf' }),
    ),
    horizon: Type.Optional(
      Type.String({
        maxLength: 20,
        description:
          'ISO 8601 duration from start, in any resolution; its end lies 7 days after asOf at the most; by default 48 h after asOf, or where start lies behind that 7 days. Up to 48 h after asOf the model answers; the steps behind that are of the week-ahead member, which knows the calendar and the load and no weather: `extension` says from when on',
      }),
    ),
    resolution: Type.Optional(Resolution),
    quantiles: Type.Optional(
      Type.Array(Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }), { minItems: 1, maxItems: 19 }),
    ),
    asOf: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339; now by default' })),
    model: Type.Optional(Type.String({ maxLength: 64, description: 'active, or the id of a model of this target' })),
    weather: Type.Optional(Type.Union([Type.Literal('vintage'), Type.Literal('actual'), Type.Literal('none')])),
    fallback: Type.Optional(Type.Union([Type.Literal('allow'), Type.Literal('fail')])),
    unit: Type.Optional(Unit),
    scenario: Type.Optional(
      Type.Union([Type.String({ maxLength: 80, description: 'id of a scenario of the caller' }), Type.Null()]),
    ),
  },
  {
    additionalProperties: false,
    title: 'ForecastRequest',
    examples: [
      {
        target: 'substation:owd',
        load: 'uncontrolled',
        start: '2021-10-02T00:00:00+02:00',
        horizon: 'PT48H',
        resolution: 'PT15M',
        quantiles: [0.05, 0.5, 0.95],
        asOf: '2021-10-01T06:00:00Z',
        model: 'active',
        weather: 'vintage',
        fallback: 'allow',
        unit: 'kW',
      },
    ],
  },
);
type Body = Static<typeof Body>;

/** The models reach so far from asOf, the week-ahead member so far. */
const HORIZON_MS = 48 * 3_600_000;
const WEEK_MS = WEEK_DAYS * 86_400_000;
const STEP_MS = 900_000;

/** Starts forecasts: accepted as a job, or answered at once to who prefers to wait. */
export function forecastJobRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const runScenario = async (request: FastifyRequest<{ Body: Body }>, reply: FastifyReply, id: string) => {
    const { target } = request.body;
    if (typeof target !== 'string')
      throw new LoadstoneError('LS-API-007', 'a scenario is of one target, not of a sum', '/body/target');
    if (request.body.load !== undefined && request.body.load !== 'uncontrolled')
      throw new LoadstoneError('LS-API-007', 'a scenario changes the uncontrolled load', '/body/load');
    scenarioFor(request, deps, { id, pointer: '/body/scenario' });
    const task: ScenarioTask = { scenario: id, target, importLimitKw: limitsOf(deps.region, target)?.importKw ?? null };
    const job = await acceptJob(request, reply, { deps, kind: 'scenario', task });
    const done = job.href?.split('/').at(-1) ?? '';
    const result = deps.scenarios.result(done);
    return result === undefined ? sendAccepted(reply, job) : scenarioAnswer(done, result.json, deps);
  };
  app.post<{ Body: Body }>(
    '/v1/forecasts',
    {
      config: { checksTargets: true },
      schema: {
        tags: ['forecasts'],
        operationId: 'startForecast',
        summary: 'Make a forecast, as of now or as of a moment in the past',
        body: Body,
        response: { 200: Type.Ref('Forecast'), 202: Type.Ref('Job') },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const within = { region: deps.region, caller: callerOf(request), pointer: '/body/target' };
      const target = targetOrSum(body.target, within);
      if (typeof body.scenario === 'string') return runScenario(request, reply, body.scenario);
      const { task, query } = taskOf(body, target, deps);
      const job = await acceptJob(request, reply, { deps, kind: 'forecast', task });
      if (job.status !== 'succeeded') return sendAccepted(reply, job);
      const id = /^\/v1\/forecasts\/([^?]+)/.exec(job.href ?? '')?.[1];
      const forecast = deps.vintages.get(id ?? '');
      if (forecast === undefined) return sendAccepted(reply, job);
      return shapeOf(forecast, { ...query, limits: limitsOf(deps.region, forecast.target) });
    },
  );
}

function taskOf(body: Body, target: string, deps: ApiDeps): { task: ForecastTask; query: ShapeQuery } {
  const now = deps.clock.plant.now();
  const asOf = body.asOf === undefined ? null : parseTime(body.asOf, '/body/asOf');
  if (asOf !== null && (asOf > now || asOf < 0))
    throw new LoadstoneError('LS-API-007', 'asOf lies in the future: nothing is known as of then', '/body/asOf');
  const from = asOf ?? now;
  const weekAhead = goesBeyondModels(body, from);
  const quantiles = body.quantiles?.join(',');
  chosenQuantiles(QUANTILES, quantiles);
  const query: ShapeQuery = {
    ...(body.start === undefined ? {} : { start: body.start }),
    ...(body.horizon === undefined ? {} : { horizon: body.horizon }),
    ...(quantiles === undefined ? {} : { quantiles }),
    ...(body.resolution === undefined ? {} : { resolution: body.resolution }),
    ...(body.unit === undefined ? {} : { unit: body.unit }),
  };
  const task: ForecastTask = {
    target,
    ...(body.load === undefined ? {} : { load: body.load }),
    asOf,
    model: body.model ?? 'active',
    weather: body.weather ?? 'vintage',
    fallback: body.fallback ?? 'allow',
    ...(weekAhead && { weekAhead }),
    show: new URLSearchParams(query).toString(),
  };
  return { task, query };
}

/** Whether a forecast ends behind the models' horizon; throws where it does behind that of the week-ahead member. */
function goesBeyondModels(body: Body, asOf: number): boolean {
  const grid = Math.floor(asOf / STEP_MS) * STEP_MS;
  const start = body.start === undefined ? grid : parseTime(body.start, '/body/start');
  if (start < asOf - HORIZON_MS)
    throw new LoadstoneError('LS-API-007', 'start lies more than 48 h before asOf', '/body/start');
  const last = formatTime(asOf + WEEK_MS);
  if (start >= asOf + WEEK_MS)
    throw new LoadstoneError(
      'LS-API-007',
      `start lies behind the end of a forecast, 7 days after asOf at ${last}`,
      '/body/start',
    );
  const end = body.horizon === undefined ? start : start + parseDuration(body.horizon, '/body/horizon');
  if (end > asOf + WEEK_MS)
    throw new LoadstoneError(
      'LS-API-007',
      `start plus horizon lies behind the end of a forecast, 7 days after asOf at ${last}`,
      '/body/horizon',
    );
  return start >= grid + HORIZON_MS || end > grid + HORIZON_MS + STEP_MS;
}
