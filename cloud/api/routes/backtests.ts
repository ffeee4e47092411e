import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { BacktestResult } from '../../planner/backtest/backtest-store.ts';
import { BacktestBody, type BacktestTask } from '../../planner/backtest/contract.ts';
import { isNaive } from '../../planner/backtest/naive-names.ts';
import { callerOf } from '../access.ts';
import { fileAnswer } from '../answers/document-files.ts';
import { immutable } from '../answers/etag.ts';
import { MEDIA_TYPES } from '../answers/formats.ts';
import { formatTime, parseDuration, parseTime, resolutionName, resolutionSeconds } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { WEEK_DAYS } from '../../forecast/serve/week-ahead.ts';
import { issueTimes } from '../forecasts/issue-times.ts';
import { assertForecast, assertModelOf } from '../forecasts/forecastable.ts';
import { limitsOf } from '../forecasts/limits.ts';
import { shownTarget } from '../forecasts/shape.ts';
import { membersOf, TargetOrSum } from '../../planner/inputs/sum-target.ts';
import { mayReadSeries, targetOrSum } from '../targets.ts';
import { acceptJob, sendAccepted } from './jobs.ts';

const example = {
  id: 'bt_01k2f5',
  target: 'substation:owd',
  models: ['active', 'baseline:seasonal-naive-24'],
  start: '2021-09-20T00:00:00Z',
  end: '2021-09-24T00:00:00Z',
  issue: 'PT6H',
  issues: 16,
  horizon: 'PT48H',
  resolution: 'PT15M',
  refit: 'none',
  weather: 'vintage',
  createdAt: '2021-09-25T06:00:00Z',
  rows: [
    {
      target: 'substation:owd',
      model: 'active',
      leadTime: 'PT24H',
      n: 768,
      maeKw: 812,
      nMae: 0.113,
      pinball: 0.037,
      coverage: { P5: 0.06, P10: 0.11, P50: 0.49, P90: 0.91, P95: 0.94 },
      weather: 'vintage',
      skill: { bestNaive: 0.31, ci95: [0.24, 0.37], naive: 'baseline:seasonal-naive-24' },
      excluded: { badQuality: 0, outage: 0, missing: 4 },
    },
  ],
  differences: [
    {
      models: ['active', 'baseline:seasonal-naive-24'],
      leadTime: null,
      n: 1984,
      days: 4,
      maeKw: -310.2,
      ci95: [-401.7, -188],
      pinball: -0.014,
      pinballCi95: [-0.02, -0.008],
      better: 'active',
    },
  ],
  data: { sha256: '9f2c41aa', known: 380, badQuality: 0, outage: 0, missing: 4 },
  seed: 1,
  codeVersion: '0.1.0+9bc6689',
  predictions: { href: '/v1/backtests/bt_01k2f5/predictions', rows: 6144 },
  warnings: [],
};

const Interval = Type.Union([Type.Array(Type.Number(), { minItems: 2, maxItems: 2 }), Type.Null()]);
const LeadTime = Type.Union([Type.String(), Type.Null()], { description: 'class of lead times; null: all' });
const BacktestShape = Type.Object(
  {
    id: Type.String(),
    target: TargetOrSum,
    models: Type.Array(Type.String()),
    start: Type.String(),
    end: Type.String(),
    issue: Type.String(),
    issues: Type.Integer({ description: 'forecasts made by each model' }),
    horizon: Type.String(),
    resolution: Type.String(),
    refit: Type.String(),
    weather: Type.String(),
    createdAt: Type.String(),
    rows: Type.Array(
      Type.Object(
        { target: Type.String(), model: Type.String(), leadTime: LeadTime, n: Type.Integer() },
        { additionalProperties: true, description: 'figures as in a scorecard' },
      ),
    ),
    differences: Type.Array(
      Type.Object({
        models: Type.Array(Type.String(), { minItems: 2, maxItems: 2 }),
        leadTime: LeadTime,
        n: Type.Integer({ description: 'steps that both models have' }),
        days: Type.Integer(),
        maeKw: Type.Number({ description: 'MAE of the first minus MAE of the second' }),
        ci95: Interval,
        pinball: Type.Number(),
        pinballCi95: Interval,
        better: Type.Union([Type.String(), Type.Null()], { description: 'null: the interval contains zero' }),
      }),
    ),
    data: Type.Object({
      sha256: Type.String({ description: 'of the scored load, float64 kW' }),
      known: Type.Integer(),
      badQuality: Type.Optional(Type.Integer()),
      outage: Type.Integer(),
      missing: Type.Integer(),
    }),
    seed: Type.Integer(),
    codeVersion: Type.String(),
    predictions: Type.Object({ href: Type.String(), rows: Type.Integer() }),
    warnings: Type.Array(Type.String()),
  },
  { $id: 'Backtest', title: 'Backtest', examples: [example] },
);

const Params = Type.Object({ id: Type.String({ maxLength: 80, examples: ['bt_01k2f5'] }) });
type Params = Static<typeof Params>;

const HORIZON_MS = 48 * 3_600_000;
const WEEK_MS = WEEK_DAYS * 86_400_000;
const MAX_SPAN_MS = 366 * 86_400_000;
const MAX_ROWS = 300_000;
const LEAST_REFIT_MS = 86_400_000;

/** Backtests: accuracy as it would have been. A job, its result, and all its predictions. */
export function backtestRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.addSchema(BacktestShape);
  const config = { checksTargets: true };
  const own = async (request: FastifyRequest<{ Params: Params }>): Promise<BacktestResult> => {
    const result = await deps.backtests.get(request.params.id);
    const caller = callerOf(request);
    // A guest of the demo sees what was requested with the owner's token.
    const owners = caller.name === 'guest' ? ['owner', 'guest'] : [caller.name];
    if (
      result === undefined ||
      !owners.includes(result.task.owner) ||
      !mayReadSeries(deps.region, caller, result.task.target)
    )
      throw new LoadstoneError('LS-API-004', `there is no backtest "${request.params.id}" of the caller`, '/params/id');
    return result;
  };
  app.post<{ Body: BacktestBody }>(
    '/v1/backtests',
    {
      config: { ...config, right: 'planner:write' },
      schema: {
        tags: ['accuracy'],
        operationId: 'startBacktest',
        summary: 'Measure how accurate models would have been, where each issue uses only what was known then',
        body: BacktestBody,
        response: { 200: Type.Ref('Backtest'), 202: Type.Ref('Job') },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const target = targetOrSum(request.body.target, { region: deps.region, caller, pointer: '/body/target' });
      const task = await taskOf(request.body, { target, owner: caller.name }, deps);
      const job = await acceptJob(request, reply, { deps, kind: 'backtest', task });
      const result = await deps.backtests.get(job.href?.split('/').at(-1) ?? '');
      return result === undefined ? sendAccepted(reply, job) : shown(result);
    },
  );
  app.get<{ Params: Params }>(
    '/v1/backtests/:id',
    {
      config: { ...config, right: 'planner:read' },
      schema: {
        tags: ['accuracy'],
        operationId: 'getBacktest',
        summary: 'Get the result of a backtest; it never changes',
        params: Params,
        response: { 200: Type.Ref('Backtest') },
      },
    },
    async (request, reply) => {
      const result = await own(request);
      void immutable(reply);
      return shown(result);
    },
  );
  app.get<{ Params: Params }>(
    '/v1/backtests/:id/predictions',
    {
      config: { ...config, right: 'planner:read' },
      schema: {
        tags: ['accuracy'],
        summary: 'Get every prediction of a backtest with its issuedAt and the actual load, as Parquet',
        params: Params,
        operationId: 'getBacktestPredictions',
        response: { 200: fileAnswer('the file', [MEDIA_TYPES.parquet]) },
      },
    },
    async (request, reply) => {
      const { id } = await own(request);
      const bytes = (await deps.backtests.predictions(id))!;
      return immutable(reply)
        .type(MEDIA_TYPES.parquet)
        .header('content-disposition', `attachment; filename="${id}.parquet"`)
        .send(Buffer.from(bytes));
    },
  );
}

async function taskOf(
  body: BacktestBody,
  { target, owner }: { readonly target: string; readonly owner: string },
  deps: ApiDeps,
): Promise<BacktestTask> {
  const { models, issue = 'PT6H', refit = 'none', weather = 'vintage', seed = 1 } = body;
  const parts = membersOf(target) ?? [target];
  assertForecast(target);
  if (new Set(models).size < models.length)
    throw new LoadstoneError('LS-API-007', 'a model is named twice', '/body/models');
  for (const [index, model] of models.entries())
    if (!isNaive(model)) await assertModelOf(deps.models, target, { model, pointer: `/body/models/${index}` });
  const resolutionS = resolutionSeconds(body.resolution ?? 'PT15M');
  const stepMs = resolutionS * 1000;
  const start = Math.ceil(parseTime(body.start, '/body/start') / stepMs) * stepMs;
  const end = Math.floor(parseTime(body.end, '/body/end') / stepMs) * stepMs;
  if (start < HORIZON_MS || end <= start)
    throw new LoadstoneError('LS-API-007', 'end must be at least one step after start', '/body/end');
  if (end > deps.clock.plant.now())
    throw new LoadstoneError('LS-API-007', 'end is in the future, where the actual load is not known', '/body/end');
  if (end - start > MAX_SPAN_MS)
    throw new LoadstoneError('LS-API-006', 'a backtest spans at most 366 days', '/body/end');
  const horizonMs = body.horizon === undefined ? HORIZON_MS : parseDuration(body.horizon, '/body/horizon');
  if (horizonMs > WEEK_MS || horizonMs < stepMs)
    throw new LoadstoneError('LS-API-007', 'horizon must be at least one step and at most P7D', '/body/horizon');
  const refitMs = refit === 'none' ? null : parseDuration(refit, '/body/refit');
  if (refitMs !== null && refitMs < LEAST_REFIT_MS)
    throw new LoadstoneError('LS-API-007', 'a model is refitted at most once a day', '/body/refit');
  const issues = issueTimes(issue, { start, end });
  const rows = issues.length * Math.ceil(horizonMs / stepMs) * models.length * parts.length;
  if (rows > MAX_ROWS)
    throw new LoadstoneError(
      'LS-API-006',
      `${rows} predictions requested, at most ${MAX_ROWS}: request a shorter span, fewer issues or a coarser resolution`,
      '/body',
    );
  return {
    target,
    models,
    start,
    end,
    issue,
    issues,
    horizonMs,
    resolutionS,
    refitMs,
    weather,
    seed,
    importLimitKw: limitsOf(deps.region, target)?.importKw ?? null,
    zone: deps.region.timezone,
    owner,
  };
}

const hours = (ms: number): string => (ms % 3_600_000 === 0 ? `PT${ms / 3_600_000}H` : `PT${ms / 60_000}M`);

function shown({ id, task, ...result }: BacktestResult) {
  return {
    id,
    target: shownTarget(task.target),
    models: task.models,
    start: formatTime(task.start),
    end: formatTime(task.end),
    issue: task.issue,
    issues: result.issues,
    horizon: hours(task.horizonMs),
    resolution: resolutionName(task.resolutionS),
    refit: task.refitMs === null ? 'none' : `P${task.refitMs / 86_400_000}D`,
    weather: task.weather,
    createdAt: formatTime(result.createdAt),
    rows: result.rows,
    differences: result.differences,
    data: { sha256: result.dataSha256, ...result.scored },
    seed: task.seed,
    codeVersion: result.codeVersion,
    predictions: { href: `/v1/backtests/${id}/predictions`, rows: result.predictionRows },
    warnings: result.warnings,
  };
}
