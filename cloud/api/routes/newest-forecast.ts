import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import type { Forecast } from '../../../shared/contracts/forecast.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { WEEK_DAYS } from '../../forecast/serve/week-ahead.ts';
import { callerOf } from '../access.ts';
import { etagOf } from '../answers/etag.ts';
import { chooseFormat, type Format, MEDIA_TYPES, tableBytes, TableQuery } from '../answers/formats.ts';
import type { ApiDeps } from '../deps.ts';
import { formatTime, parseDuration, parseTime } from '../conventions.ts';
import { AnswerCache, type CachedAnswer } from '../forecasts/answer-cache.ts';
import { limitsOf } from '../forecasts/limits.ts';
import { forecastTable, shapeOf, ShapeQuery } from '../forecasts/shape.ts';
import { assertReadable } from '../targets.ts';

const Query = Type.Object({ ...ShapeQuery.properties, ...TableQuery.properties });
type Query = Static<typeof Query>;

const Params = Type.Object({ id: Type.String({ maxLength: 63, examples: ['owd'] }) });
type Params = Static<typeof Params>;

/** An older week-ahead forecast covers nothing any more. */
const WEEK_MS = WEEK_DAYS * 86_400_000;

/** The newest vintage of each kind of target, from memory. A query beyond its end gets the newest that reaches the seventh day. */
export function newestForecastRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const cache = new AnswerCache();
  const newestOf = async (target: string, query: Query): Promise<{ forecast: Forecast; start?: string }> => {
    const newest = deps.newestForecast(target);
    if (newest === undefined)
      throw new LoadstoneError('LS-FORECAST-002', `no forecast of ${target} has been issued yet`);
    const end = newest.start + (newest.values[0]?.length ?? 0) * newest.resolutionS * 1000;
    const from = query.start === undefined ? newest.start : parseTime(query.start, '/querystring/start');
    const to = query.horizon === undefined ? from : from + parseDuration(query.horizon, '/querystring/horizon');
    const week =
      from < end && to <= end
        ? undefined
        : await deps.vintages.newestWeekAhead(target, newest.issuedAt - WEEK_MS, deps.clock.plant.now());
    return week === undefined ? { forecast: newest } : { forecast: week, start: formatTime(from) };
  };
  const answer = async (target: string, format: Format, query: Query): Promise<CachedAnswer> => {
    const { forecast, ...from } = await newestOf(target, query);
    const asked = { ...query, ...from };
    const variant = JSON.stringify([format, asked]);
    const place = forecast.extension === undefined ? target : `${target} to the seventh day`;
    const cached = cache.get(place, forecast.id, variant);
    if (cached !== undefined) return cached;
    const shown = shapeOf(forecast, { ...asked, limits: limitsOf(deps.region, target) });
    const content = format === 'json' ? JSON.stringify(shown) : tableBytes(forecastTable(shown), format, query);
    const body = Buffer.from(content);
    const made = { body, type: MEDIA_TYPES[format], etag: etagOf(body) };
    cache.put({ target: place, forecast: forecast.id, variant }, made);
    return made;
  };
  for (const [kind, list] of [
    ['substation', 'substations'],
    ['feeder', 'feeders'],
    ['region', 'regions'],
  ] as const) {
    app.get<{ Params: Params; Querystring: Query }>(
      `/v1/${list}/:id/forecast`,
      {
        config: { right: 'planner:read', checksTargets: true },
        schema: {
          tags: ['forecasts'],
          operationId: `newest${kind[0]!.toUpperCase()}${kind.slice(1)}Forecast`,
          summary: `Get the newest forecast of a ${kind}`,
          description:
            'Returns the newest vintage, which covers 48 h from its issue. If start or horizon lies beyond its end, returns the newest vintage that reaches the seventh day: one is issued each day, and one for each request to POST /v1/forecasts.',
          params: Params,
          querystring: Query,
          response: { 200: Type.Ref('Forecast') },
        },
      },
      async (request, reply) => {
        const target = `${kind}:${request.params.id}`;
        assertReadable(deps.region, callerOf(request), target, '/params/id');
        const { body, type, etag } = await answer(
          target,
          chooseFormat(request.query.format, request.headers.accept),
          request.query,
        );
        return reply.headers({ etag, 'cache-control': 'private, no-cache', vary: 'Accept' }).type(type).send(body);
      },
    );
  }
}
