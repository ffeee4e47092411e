import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { TrendView } from '../../../shared/contracts/trend.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { parseTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { trendContext } from '../views/trend-context.ts';

const Query = Type.Object({
  series: Type.String({
    maxLength: 6000,
    description: 'comma-separated; each is gateway/device/metric',
    examples: ['owd-01/feeder-1/activePowerKw'],
  }),
  start: Type.String({ maxLength: 40, examples: ['2021-09-24T00:00:00Z'] }),
  end: Type.String({ maxLength: 40, examples: ['2021-09-25T00:00:00Z'] }),
  points: Type.Optional(
    Type.Integer({ minimum: 10, maximum: 1000, description: 'maximum number of steps; default 400' }),
  ),
});
type Query = Static<typeof Query>;

const MOST_SERIES = 60;
/** Steps of all series together. */
const MOST_VALUES = 20_000;
const DAY_MS = 86_400_000;
const MOST_DAYS = 800;
/** For all series together: a store's server may have to read every sample. */
const MOST_SERIES_DAYS = 1500;

/** Measured values over any span, aggregated in the store to the width of a screen. */
export function trendRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const { owner, region } = deps;
  const gateways = new Set(region.substations.map(({ gateway }) => gateway));
  app.get<{ Querystring: Query }>(
    '/v1/trends',
    {
      config: { right: 'planner:read' },
      schema: {
        tags: ['measurements'],
        operationId: 'getTrends',
        summary: 'Get mean, minimum and maximum of measured values over a span, aggregated to the width of a screen',
        description:
          'Includes the limits of each value, and its course in the plan in force and in the newest forecast.',
        querystring: Query,
        response: { 200: TrendView },
      },
    },
    async ({ query }) => {
      const { points = 400 } = query;
      const series = [...new Set(query.series.split(','))].map((name) => {
        const [gateway = '', device = '', metric = '', more] = name.split('/');
        if (!gateways.has(gateway) || device === '' || metric === '' || more !== undefined)
          throw new LoadstoneError(
            'LS-API-007',
            `"${name}" is not a series of this region: name it gateway/device/metric`,
            '/querystring/series',
          );
        return { gateway, device, metric };
      });
      const [start, end] = [parseTime(query.start, '/querystring/start'), parseTime(query.end, '/querystring/end')];
      if (end <= start) throw new LoadstoneError('LS-API-007', 'end must be after start', '/querystring/end');
      const excess = excessOf({ series: series.length, points, days: (end - start) / DAY_MS });
      if (excess !== undefined) throw new LoadstoneError('LS-API-006', excess);
      const trend = await owner.grid.trend({ series, start, end, most: points });
      return trendContext(trend, {
        region,
        plan: (substation) => deps.plan(substation)?.plan,
        forecast: (target) => deps.newestForecast(target),
      });
    },
  );
}

/** Describes how a request exceeds the limits, and what would fit. */
function excessOf({
  series,
  points,
  days,
}: {
  readonly series: number;
  readonly points: number;
  readonly days: number;
}): string | undefined {
  const number = new Intl.NumberFormat('en');
  if (series > MOST_SERIES) return `${series} series requested, at most ${MOST_SERIES} at once`;
  if (days > MOST_DAYS) return `the span is ${number.format(days)} days long, at most ${MOST_DAYS}`;
  if (series * points > MOST_VALUES)
    return `${number.format(series * points)} steps requested over all series: request at most ${Math.floor(MOST_VALUES / series)} points`;
  if (series * days > MOST_SERIES_DAYS)
    return `${series} series over ${number.format(days)} days requested: request at most ${Math.floor(MOST_SERIES_DAYS / days)} series, or at most ${Math.floor(MOST_SERIES_DAYS / series)} days`;
  return undefined;
}
