import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { ForecastTask } from '../../planner/forecast/forecast-job.ts';
import type { ScenarioResult, ScenarioTask } from '../../planner/scenario/scenario-job.ts';
import { WEEK_DAYS } from '../../forecast/serve/week-ahead.ts';
import { callerOf } from '../access.ts';
import { formatTime, parseDuration, parseTime, Resolution, Unit } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { assertForecast, assertModelOf } from '../forecasts/forecastable.ts';
import { limitsOf } from '../forecasts/limits.ts';
import { scenarioShape } from '../forecasts/scenario-shape.ts';
import { shapeOf, type ShapeQuery } from '../forecasts/shape.ts';
import { chosenQuantiles } from '../forecasts/shown-steps.ts';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { TargetOrSum } from '../../planner/inputs/sum-target.ts';
import { targetOrSum } from '../targets.ts';
import { acceptJob, sendAccepted } from './jobs.ts';
import { scenarioFor } from './scenarios.ts';

const Body = Type.Object(
  {
    target: TargetOrSum,
    load: Type.Optional(
      Type.Union([Type.Literal('uncontrolled'), Type.Literal('planned'), Type.Literal('net')], {
        description:
          'uncontrolled: the load without what is commanded; planned: uncontrolled plus the plan in force, as far as it reaches; net: as the meter will read, where devices beyond the plan repeat what they did at that time of day',
      }),
    ),
    start: Type.Optional(
      Type.String({
        maxLength: 40,
        description: 'RFC 3339; default asOf; from 48 h before to less than 7 days after asOf',
      }),
    ),
    horizon: Type.Optional(
      Type.String({
        maxLength: 20,
        description:
          'ISO 8601 duration from start, in any resolution; must end at most 7 days after asOf. Default: to 48 h after asOf, or to 7 days if start lies beyond 48 h. Steps up to 48 h after asOf are from the model, later ones from the week-ahead member, which knows calendar and load but no weather; `extension` says where it begins',
      }),
    ),
    resolution: Type.Optional(Resolution),
    quantiles: Type.Optional(
      Type.Array(Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }), { minItems: 1, maxItems: 19 }),
    ),
    asOf: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339; default now' })),
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

/** Horizon of the models and of the week-ahead member, from asOf. */
const HORIZON_MS = 48 * 3_600_000;
const WEEK_MS = WEEK_DAYS * 86_400_000;
const STEP_MS = 900_000;

/** Starts forecasts: accepted as a job, or answered at once if the caller prefers to wait. */
export function forecastJobRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const newestEnd = (target: string): number => {
    const newest = deps.newestForecast(target);
    if (newest === undefined)
      throw new LoadstoneError('LS-FORECAST-002', `no forecast of ${target} has been issued yet`, '/body/target');
    return newest.start + (newest.values[0]?.length ?? 0) * newest.resolutionS * 1000;
  };
  const runScenario = async (request: FastifyRequest<{ Body: Body }>, reply: FastifyReply, id: string) => {
    const { body } = request;
    const { target } = body;
    if (typeof target !== 'string')
      throw new LoadstoneError('LS-API-007', 'a scenario needs a single target, not a sum', '/body/target');
    assertOfScenario(body);
    const { base } = (await scenarioFor(request, deps, { id, pointer: '/body/scenario' })).body;
    const query = shownOf(body, base.kind === 'history' ? [0.5] : QUANTILES);
    const end = base.kind === 'history' ? parseTime(base.end, '/body/scenario') : newestEnd(target);
    if (query.start !== undefined && parseTime(query.start, '/body/start') >= end)
      throw new LoadstoneError('LS-API-007', `start: the scenario ends at ${formatTime(end)}`, '/body/start');
    const show = new URLSearchParams(query).toString();
    const limits = limitsOf(deps.region, target);
    const task: ScenarioTask = {
      scenario: id,
      target,
      importLimitKw: limits?.importKw ?? null,
      exportLimitKw: limits?.exportKw ?? null,
      show,
    };
    const job = await acceptJob(request, reply, { deps, kind: 'scenario', task });
    const done = forecastOf(job.href);
    const stored = await deps.scenarios.result(done);
    if (stored === undefined) return sendAccepted(reply, job);
    return scenarioShape({ id: done, result: JSON.parse(stored.json) as ScenarioResult }, { ...query, limits });
  };
  app.post<{ Body: Body }>(
    '/v1/forecasts',
    {
      config: { right: 'planner:write', checksTargets: true },
      schema: {
        tags: ['forecasts'],
        operationId: 'startForecast',
        summary: 'Make a forecast as of now or as of a past moment',
        body: Body,
        response: { 200: Type.Union([Type.Ref('Forecast'), Type.Ref('ScenarioForecast')]), 202: Type.Ref('Job') },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const within = { region: deps.region, caller: callerOf(request), pointer: '/body/target' };
      const target = targetOrSum(body.target, within);
      assertForecast(target);
      if (typeof body.scenario === 'string') return runScenario(request, reply, body.scenario);
      if (body.model !== undefined)
        await assertModelOf(deps.models, target, { model: body.model, pointer: '/body/model' });
      const { task, query } = taskOf(body, target, deps);
      const job = await acceptJob(request, reply, { deps, kind: 'forecast', task });
      if (job.status !== 'succeeded') return sendAccepted(reply, job);
      const forecast = await deps.vintages.get(forecastOf(job.href));
      if (forecast === undefined) return sendAccepted(reply, job);
      return shapeOf(forecast, { ...query, limits: limitsOf(deps.region, forecast.target) });
    },
  );
}

/** Returns the id of the forecast that a job made; empty if it made none. */
const forecastOf = (href: string | null): string => /^\/v1\/forecasts\/([^?]+)/.exec(href ?? '')?.[1] ?? '';

/** Throws for options that a scenario would ignore, because it uses its own base. */
function assertOfScenario(body: Body): void {
  if (body.load !== undefined && body.load !== 'uncontrolled')
    throw new LoadstoneError('LS-API-007', 'a scenario supports only the uncontrolled load', '/body/load');
  const other = (
    [
      ['asOf', body.asOf !== undefined],
      ['model', body.model !== undefined && body.model !== 'active'],
      ['weather', body.weather !== undefined && body.weather !== 'vintage'],
      ['fallback', body.fallback === 'fail'],
    ] as const
  ).find(([, isAsked]) => isAsked);
  if (other === undefined) return;
  const detail = `${other[0]}: not allowed with a scenario, which uses its own base: history or the newest forecast`;
  throw new LoadstoneError('LS-API-007', detail, `/body/${other[0]}`);
}

/** Returns which part of the forecast to show; its quantiles must be among those it will have. */
function shownOf(body: Body, levels: readonly number[]): ShapeQuery {
  const quantiles = body.quantiles?.join(',');
  chosenQuantiles(levels, quantiles, '/body/quantiles');
  if (body.start !== undefined) parseTime(body.start, '/body/start');
  if (body.horizon !== undefined) parseDuration(body.horizon, '/body/horizon');
  return {
    ...(body.start === undefined ? {} : { start: body.start }),
    ...(body.horizon === undefined ? {} : { horizon: body.horizon }),
    ...(quantiles === undefined ? {} : { quantiles }),
    ...(body.resolution === undefined ? {} : { resolution: body.resolution }),
    ...(body.unit === undefined ? {} : { unit: body.unit }),
  };
}

function taskOf(body: Body, target: string, deps: ApiDeps): { task: ForecastTask; query: ShapeQuery } {
  const now = deps.clock.plant.now();
  const asOf = body.asOf === undefined ? null : parseTime(body.asOf, '/body/asOf');
  if (asOf !== null && (asOf > now || asOf < 0))
    throw new LoadstoneError('LS-API-007', 'asOf is in the future', '/body/asOf');
  const from = asOf ?? now;
  const weekAhead = goesBeyondModels(body, from);
  const query = shownOf(body, QUANTILES);
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

/** True if the forecast ends beyond the models' horizon; throws if it ends beyond that of the week-ahead member. */
function goesBeyondModels(body: Body, asOf: number): boolean {
  const grid = Math.floor(asOf / STEP_MS) * STEP_MS;
  const start = body.start === undefined ? grid : parseTime(body.start, '/body/start');
  if (start < asOf - HORIZON_MS)
    throw new LoadstoneError('LS-API-007', 'start is more than 48 h before asOf', '/body/start');
  const last = formatTime(asOf + WEEK_MS);
  if (start >= asOf + WEEK_MS)
    throw new LoadstoneError(
      'LS-API-007',
      `start is beyond the end of a forecast, 7 days after asOf at ${last}`,
      '/body/start',
    );
  const end = body.horizon === undefined ? start : start + parseDuration(body.horizon, '/body/horizon');
  if (end > asOf + WEEK_MS)
    throw new LoadstoneError(
      'LS-API-007',
      `start plus horizon is beyond the end of a forecast, 7 days after asOf at ${last}`,
      '/body/horizon',
    );
  return start >= grid + HORIZON_MS || end > grid + HORIZON_MS + STEP_MS;
}
