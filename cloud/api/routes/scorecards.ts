import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { ScoreRow } from '../../../shared/contracts/planner.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { callerOf } from '../access.ts';
import { pageOf } from '../answers/cursor.ts';
import { formatOf, sendTable, TableQuery } from '../answers/formats.ts';
import { parseTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { LEAD_CLASSES } from '../forecasts/score-pairs.ts';
import { scorecardsOf } from '../forecasts/level-rows.ts';
import { scorecardTable } from '../forecasts/scorecard-rows.ts';
import { expandSeries } from '../targets.ts';

const Query = Type.Object({
  target: Type.String({
    maxLength: 2000,
    description:
      'comma-separated; region:*, substation:*, feeder:* and rest:* for all of a level; sum:feeder:whf-1+substation:owd scores the requested forecasts of a sum',
    examples: ['substation:owd'],
  }),
  start: Type.String({ maxLength: 40, examples: ['2021-09-25T00:00:00Z'] }),
  end: Type.String({ maxLength: 40, examples: ['2021-09-26T00:00:00Z'] }),
  groupBy: Type.Optional(
    Type.String({
      pattern: '^(leadTime|availableAt|model|level)(,(leadTime|availableAt|model|level)){0,2}$',
      maxLength: 23,
      description:
        'default: a row for each target, leadTime and model. A dimension left out is pooled; without model only our own models are scored. level: a row for each level of the grid instead of each target, the mean over its targets with equal weight. availableAt instead of leadTime: forecasts issued by the time in availableAt, by default 06:00 of the day before, local time',
      examples: ['leadTime,model'],
    }),
  ),
  leadTime: Type.Optional(
    Type.Union(
      LEAD_CLASSES.map(({ name }) => Type.Literal(name)),
      { description: 'one class of lead times; default all' },
    ),
  ),
  availableAt: Type.Optional(
    Type.String({
      maxLength: 100,
      description: 'instead of classes of lead times: forecasts issued by then',
      examples: ['D-1T0600[Europe/Amsterdam]'],
    }),
  ),
  ...TableQuery.properties,
});
type Query = Static<typeof Query>;

const example = {
  target: 'substation:owd',
  model: 'mdl-owd-17',
  leadTime: 'PT24H',
  n: 2688,
  excluded: { badQuality: 31, outage: 0, missing: 4 },
  fallbackShare: 0.01,
  maeKw: 812,
  biasKw: -35.1,
  rmseKw: 1130.2,
  nMae: 0.113,
  rMae: 0.041,
  pinball: 0.037,
  rCrps: 0.028,
  rCrpsPeakWeighted: 0.033,
  coverage: { P5: 0.06, P10: 0.11, P50: 0.49, P90: 0.91, P95: 0.94 },
  width80: 0.34,
  peak: {
    top5PctMaeKw: 1490,
    dailyPeakErrorPct: 6.1,
    dailyPeakTimeErrorH: 0.8,
    limit: { hits: 9, misses: 1, falseAlarms: 4 },
  },
  skill: { bestNaive: 0.31, ci95: [0.24, 0.37], naive: 'sameHourMean7' },
  weather: 'vintage',
};

/** Accuracy measured in operation, with naive baselines among the rows. */
export function scorecardRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.get<{ Querystring: Query }>(
    '/v1/scorecards',
    {
      config: { right: 'planner:read', checksTargets: true },
      schema: {
        tags: ['accuracy'],
        operationId: 'getScorecard',
        summary: 'Get the accuracy measured in operation, by model and lead time, with naive baselines',
        querystring: Query,
        response: { 200: pageOf(ScoreRow, [{ items: [example], nextCursor: null }]) },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const within = { region: deps.region, caller: callerOf(request), pointer: '/querystring/target' };
      const targets = expandSeries(query.target, within);
      assertFits(query, targets.length);
      const format = formatOf(request);
      const items = await scorecardsOf(query, targets, { ...deps, measured: deps.owner.measured });
      if (format === 'json') return { items, nextCursor: null };
      return sendTable(reply, scorecardTable(items), { format, query, name: 'scorecards' });
    },
  );
}

/** Each target is read and scored separately, while the caller waits. */
const MOST_TARGET_DAYS = 400;
const DAY_MS = 86_400_000;

function assertFits({ start, end }: Query, targets: number): void {
  const days = (parseTime(end, '/querystring/end') - parseTime(start, '/querystring/start')) / DAY_MS;
  if (targets > 1 && days * targets > MOST_TARGET_DAYS)
    throw new LoadstoneError(
      'LS-API-006',
      `a scorecard of ${targets} targets spans at most ${Math.floor(MOST_TARGET_DAYS / targets)} days; POST /v1/exports takes more`,
      '/querystring/end',
    );
}
