import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { indexOfLevel, QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { fromNullable } from '../../../shared/forecast/series.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { BASELINES, scaleOf, scoreOf, skillOver, type BaselineName, type Pair } from '../../forecast/scorecard.ts';
import { zoneOf } from '../../tables/local-time.ts';
import { callerOf } from '../access.ts';
import { pageOf } from '../answers/cursor.ts';
import { parseTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { limitsOf } from '../forecasts/limits.ts';
import {
  forecastPairs,
  LEAD_CLASSES,
  LOOK_BACK_MS,
  naivePairs,
  STEP_MS,
  type ScoredGroup,
  type ScoreSpan,
} from '../forecasts/score-pairs.ts';
import { assertReadable } from '../targets.ts';

const Query = Type.Object({
  target: Type.String({ maxLength: 200, examples: ['substation:owd'] }),
  start: Type.String({ maxLength: 40, examples: ['2021-09-25T00:00:00Z'] }),
  end: Type.String({ maxLength: 40, examples: ['2021-09-26T00:00:00Z'] }),
  leadTime: Type.Optional(
    Type.Union(
      LEAD_CLASSES.map(({ name }) => Type.Literal(name)),
      { description: 'one class of lead times; all by default' },
    ),
  ),
});
type Query = Static<typeof Query>;

const example = {
  target: 'substation:owd',
  model: 'mdl-owd-17',
  leadTime: 'PT24H',
  n: 2688,
  excluded: { missing: 4 },
  fallbackShare: 0.01,
  maeKw: 812,
  biasKw: -35.1,
  rmseKw: 1130.2,
  nMae: 0.113,
  rMae: 0.041,
  pinball: 0.037,
  rCrps: 0.028,
  coverage: { P5: 0.06, P10: 0.11, P50: 0.49, P90: 0.91, P95: 0.94 },
  width80: 0.34,
  peak: {
    top5PctMaeKw: 1490,
    dailyPeakErrorPct: 6.1,
    dailyPeakTimeErrorH: 0.8,
    limit: { hits: 9, misses: 1, falseAlarms: 4 },
  },
  skill: { bestNaive: 0.31, ci95: [0.24, 0.37], naive: 'sameHourMean7' },
  weather: 'hindcast',
};

const Row = Type.Object(
  {
    target: Type.String(),
    model: Type.String(),
    leadTime: Type.String({ description: 'lead times to this one, above the class before' }),
    n: Type.Integer(),
    excluded: Type.Object({ missing: Type.Integer() }),
  },
  { additionalProperties: true },
);

const MAX_SPAN_MS = 92 * 86_400_000;

/** Accuracy as measured in operation, the naive baselines among the rows. */
export function scorecardRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.get<{ Querystring: Query }>(
    '/v1/scorecards',
    {
      config: { checksTargets: true },
      schema: {
        tags: ['accuracy'],
        operationId: 'getScorecard',
        summary: 'Accuracy as measured in operation, by model and lead time, beside naive baselines',
        querystring: Query,
        response: { 200: pageOf(Row, [{ items: [example], nextCursor: null }]) },
      },
    },
    async (request) => {
      const { query } = request;
      assertReadable(deps.region, callerOf(request), query.target, '/querystring/target');
      const span = await spanOf(query, deps);
      const items = [];
      for (const lead of LEAD_CLASSES.filter(({ name }) => query.leadTime === undefined || query.leadTime === name)) {
        const naive = naivePairs(span, lead);
        const groups = await forecastPairs(deps, span, lead);
        for (const group of [...groups, ...(groups.length === 0 ? [] : naive.values())]) {
          if (group.pairs.size > 0) items.push(rowOf(group, naive, { span, deps }));
        }
        await new Promise(setImmediate);
      }
      return { items, nextCursor: null };
    },
  );
}

async function spanOf(query: Query, deps: ApiDeps): Promise<ScoreSpan> {
  const start = Math.ceil(parseTime(query.start, '/querystring/start') / STEP_MS) * STEP_MS;
  const now = Math.floor(deps.clock.plant.now() / STEP_MS) * STEP_MS;
  const end = Math.min(now, Math.floor(parseTime(query.end, '/querystring/end') / STEP_MS) * STEP_MS);
  if (start < LOOK_BACK_MS || end <= start)
    throw new LoadstoneError('LS-API-007', 'end must lie after start, and start in the past', '/querystring/end');
  if (end - start > MAX_SPAN_MS)
    throw new LoadstoneError('LS-API-006', 'a scorecard spans 92 days at the most', '/querystring/end');
  const { target } = query;
  const { values } = await deps.uncontrolled.intervals({
    target,
    start: start - LOOK_BACK_MS,
    end,
    resolutionS: STEP_MS / 1000,
  });
  return { target, start, end, load: fromNullable(values), zone: zoneOf(deps.region.timezone)! };
}

const median = (pair: Pair): number => pair.values[indexOfLevel(QUANTILES, 0.5)]!;
const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;

function rowOf(
  group: ScoredGroup,
  naive: ReadonlyMap<BaselineName, ScoredGroup>,
  { span, deps }: { readonly span: ScoreSpan; readonly deps: ApiDeps },
) {
  const scored = span.load.subarray(LOOK_BACK_MS / STEP_MS);
  const scale = {
    levels: QUANTILES,
    ...scaleOf(scored),
    importLimitKw: limitsOf(deps.region, span.target)?.importKw,
  };
  const row = scoreOf([...group.pairs.values()], scale);
  return {
    target: span.target,
    model: group.model,
    leadTime: group.lead,
    excluded: { missing: scored.filter(Number.isNaN).length },
    ...(JSON.parse(
      JSON.stringify(row, (_, value: unknown) => (typeof value === 'number' ? rounded(value) : value)),
    ) as typeof row),
    skill: group.model.startsWith('baseline:') ? null : bestSkill(group, naive),
    weather: group.weather,
  };
}

/** Against the baseline that is best on the very steps that the group has. */
function bestSkill(group: ScoredGroup, naive: ReadonlyMap<BaselineName, ScoredGroup>) {
  const skills = BASELINES.flatMap((name) => {
    const skill = skillOver(group.pairs, naive.get(name)!.pairs, median);
    return skill === null ? [] : [{ bestNaive: rounded(skill.skill), ci95: skill.ci95.map(rounded), naive: name }];
  });
  return skills.toSorted((a, b) => a.bestNaive - b.bestNaive)[0] ?? null;
}
