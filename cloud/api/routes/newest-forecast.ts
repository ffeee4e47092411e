import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { callerOf } from '../access.ts';
import { etagOf } from '../answers/etag.ts';
import { chooseFormat, type Format, MEDIA_TYPES, tableBytes, TableQuery } from '../answers/formats.ts';
import type { ApiDeps } from '../deps.ts';
import { AnswerCache, type CachedAnswer } from '../forecasts/answer-cache.ts';
import { limitsOf } from '../forecasts/limits.ts';
import { forecastTable, shapeOf, ShapeQuery } from '../forecasts/shape.ts';
import { assertReadable } from '../targets.ts';

const Query = Type.Object({ ...ShapeQuery.properties, ...TableQuery.properties });
type Query = Static<typeof Query>;

const Params = Type.Object({ id: Type.String({ maxLength: 63, examples: ['owd'] }) });
type Params = Static<typeof Params>;

/** The newest vintage of each kind of target, from memory. */
export function newestForecastRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const cache = new AnswerCache();
  const answer = (target: string, format: Format, query: Query): CachedAnswer => {
    const forecast = deps.newestForecast(target);
    if (forecast === undefined)
      throw new LoadstoneError('LS-FORECAST-002', `no forecast of ${target} has been issued yet`);
    const variant = JSON.stringify([format, query]);
    const kept = cache.get(target, forecast.id, variant);
    if (kept !== undefined) return kept;
    const shown = shapeOf(forecast, { ...query, limits: limitsOf(deps.region, target) });
    const content = format === 'json' ? JSON.stringify(shown) : tableBytes(forecastTable(shown), format, query);
    const body = Buffer.from(content);
    const made = { body, type: MEDIA_TYPES[format], etag: etagOf(body) };
    cache.put({ target, forecast: forecast.id, variant }, made);
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
        config: { checksTargets: true },
        schema: {
          tags: ['forecasts'],
          operationId: `newest${kind[0]!.toUpperCase()}${kind.slice(1)}Forecast`,
          summary: `The newest forecast of a ${kind}`,
          params: Params,
          querystring: Query,
          response: { 200: Type.Ref('Forecast') },
        },
      },
      async (request, reply) => {
        const target = `${kind}:${request.params.id}`;
        assertReadable(deps.region, callerOf(request), target, '/params/id');
        const { body, type, etag } = answer(
          target,
          chooseFormat(request.query.format, request.headers.accept),
          request.query,
        );
        return reply.headers({ etag, 'cache-control': 'private, no-cache', vary: 'Accept' }).type(type).send(body);
      },
    );
  }
}
