import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { LoadstoneError, unwrap } from '../../../shared/outcome/outcome.ts';
import { MOST_ROWS } from '../../tables/read-table.ts';
import { callerOf, warrantOf } from '../access.ts';
import { formatTime, parseTime, Resolution, resolutionSeconds, Unit } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { assertWritable } from '../targets.ts';
import { assertNotMeasured, qualityOf, type RawValue, uploadsOf, valuesOfTable } from '../uploads/measured-values.ts';

const Quality = Type.Union([Type.Literal('good'), Type.Literal('uncertain'), Type.Literal('bad')]);
const Series = Type.Object(
  {
    target: Type.String({ maxLength: 200, examples: ['substation:owd'] }),
    start: Type.String({ maxLength: 40, examples: ['2021-09-24T00:00:00Z'] }),
    values: Type.Array(Type.Union([Type.Number(), Type.Null()]), { minItems: 1, maxItems: MOST_ROWS }),
    quality: Type.Optional(Type.Array(Quality, { maxItems: MOST_ROWS })),
  },
  { additionalProperties: false },
);
const Body = Type.Object(
  { items: Type.Array(Series, { minItems: 1, maxItems: 1000 }) },
  {
    additionalProperties: false,
    title: 'MeasurementUpload',
    examples: [
      { items: [{ target: 'substation:owd', start: '2021-09-24T00:00:00Z', values: [3050.1, null, 2987.4] }] },
    ],
  },
);
type Body = Static<typeof Body>;

const Query = Type.Object({
  resolution: Type.Optional(Resolution),
  unit: Type.Optional(Unit),
});

const example = {
  accepted: 3,
  changed: 3,
  targets: ['substation:owd'],
  receivedAt: '2021-09-25T06:00:00Z',
};
const Answer = Type.Object(
  {
    accepted: Type.Integer({ description: 'values received' }),
    changed: Type.Integer({ description: 'of these, new or different values' }),
    targets: Type.Array(Type.String()),
    receivedAt: Type.String(),
  },
  { title: 'MeasurementReceipt', examples: [example] },
);

const BODY_BYTES = 16_000_000;
const FILES = ['text/csv', 'application/vnd.apache.parquet'] as const;

/** Targets named in the audit entry. */
const MOST_WRITTEN = 20;

/**
 * Accepts measurements where no gateway measured: for targets without one, and for the time before it. An upload is stored whole or not at
 * all.
 */
export function measurementUploadRoute(app: FastifyInstance, deps: ApiDeps): void {
  void app.register(async (scope) => {
    scope.addContentTypeParser(
      [...FILES],
      { parseAs: 'buffer', bodyLimit: BODY_BYTES },
      async (_request: FastifyRequest, bytes: Buffer) => bytes,
    );
    scope.post<{ Querystring: Static<typeof Query> }>(
      '/v1/measurements',
      {
        bodyLimit: BODY_BYTES,
        config: { right: 'planner:write', checksTargets: true },
        schema: {
          tags: ['measurements'],
          operationId: 'uploadMeasurements',
          summary:
            'Upload measurements from before a gateway, for its gaps, or for targets without one, as JSON, CSV or Parquet',
          querystring: Query,
          body: {
            content: {
              'application/json': { schema: Body },
              'text/csv': {
                schema: {
                  description: 'columns target, start, value and optionally quality',
                  examples: ['target,start,value\r\nsubstation:owd,2021-09-24T00:00:00Z,3050.1\r\n'],
                },
              },
              'application/vnd.apache.parquet': { schema: { description: 'the same columns' } },
            },
          },
          response: { 201: Answer },
        },
      },
      async (request, reply) => {
        const resolutionS = resolutionSeconds(request.query.resolution ?? 'PT15M');
        const raw = await valuesOf(request, deps, resolutionS);
        if (raw.length > MOST_ROWS)
          throw new LoadstoneError('LS-API-006', `${raw.length} values received, at most ${MOST_ROWS} in one request`);
        const caller = callerOf(request);
        const targets = [...new Set(raw.map(({ target }) => target))];
        request.act = {
          on: targets.slice(0, MOST_WRITTEN).join(','),
          to: { targets: targets.length, values: raw.length },
        };
        for (const target of targets) assertWritable(deps.region, caller, target, '/body');
        const now = deps.clock.plant.now();
        const unit = request.query.unit ?? 'kW';
        const uploads = await uploadsOf(raw, { region: deps.region, now, resolutionS, unit });
        await assertNotMeasured(uploads, deps.region, (query) => deps.owner.measured.metered(query));
        const { changed, receivedAt } = await deps.owner.uploads.add(warrantOf(request, ...targets), uploads);
        void reply.status(201);
        return {
          accepted: raw.length,
          changed,
          targets: uploads.map(({ target }) => target),
          receivedAt: formatTime(receivedAt),
        };
      },
    );
  });
}

async function valuesOf(request: FastifyRequest, deps: ApiDeps, resolutionS: number): Promise<RawValue[]> {
  const { body } = request;
  if (body instanceof Uint8Array) {
    const format = request.headers['content-type']?.toLowerCase().startsWith('text/csv') === true ? 'csv' : 'parquet';
    return valuesOfTable(unwrap(await deps.planning.run('readUpload', { format, bytes: body })));
  }
  // Text or an empty body: no schema checks these.
  if (typeof body !== 'object' || body === null)
    throw new LoadstoneError(
      'LS-API-001',
      `this Content-Type is not accepted: send application/json, ${FILES.join(' or ')}`,
      '/body',
    );
  return (body as Body).items.flatMap(({ target, start, values, quality }, index) => {
    const from = parseTime(start, `/body/items/${index}/start`);
    if (quality !== undefined && quality.length !== values.length)
      throw new LoadstoneError('LS-API-007', 'quality must have one entry per value', `/body/items/${index}/quality`);
    return values.map((value, step) => ({
      target,
      start: from + step * resolutionS * 1000,
      value,
      quality: qualityOf(quality?.[step], value === null, `/body/items/${index}`),
      pointer: `/body/items/${index}/values/${step}`,
    }));
  });
}
