import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { formatTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';

const MOST = 200;
const Query = Type.Object({
  gateway: Type.Optional(Type.String({ maxLength: 64, description: 'samples of this gateway or edge node only' })),
  code: Type.Optional(
    Type.String({ maxLength: 40, description: 'samples with this code only, such as LS-INGEST-003' }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST, default: 50 })),
});
type Query = Static<typeof Query>;

const Sample = Type.Object({
  time: Type.String({ description: 'when it came, plant time' }),
  gateway: Type.String({ description: 'who sent it, as far as its topic says' }),
  topic: Type.String(),
  code: Type.String(),
  detail: Type.String(),
  payload: Type.String({ description: 'the first 512 bytes, base64' }),
  bytes: Type.Integer({ description: 'of the whole payload' }),
});
const Answer = Type.Object(
  {
    counts: Type.Record(Type.String(), Type.Integer(), { description: 'messages and frames by code, since the start' }),
    samples: Type.Array(Sample, { description: 'newest first; the cloud keeps the last 200' }),
  },
  {
    title: 'Quarantine',
    examples: [
      {
        counts: { 'LS-INGEST-001': 1 },
        samples: [
          {
            time: '2021-09-25T10:00:00Z',
            gateway: 'owd-01',
            topic: 'spBv1.0/north/DDATA/owd-01/pv-1',
            code: 'LS-INGEST-001',
            detail: 'index out of range: 9 + 11 > 9',
            payload: 'CgIIAQ==',
            bytes: 4,
          },
        ],
      },
    ],
  },
);

/** What gateways sent and the cloud could not take, one by one: counted, and the newest kept for a person to look at. */
export function quarantineRoute(app: FastifyInstance, deps: ApiDeps): void {
  app.get<{ Querystring: Query }>(
    '/v1/quarantine',
    {
      schema: {
        tags: ['operation'],
        operationId: 'getQuarantine',
        summary: 'What gateways sent that did not fit: counts by code, and the newest samples',
        querystring: Query,
        response: { 200: Answer },
      },
    },
    (request) => {
      const { gateway, code, limit = 50 } = request.query;
      const { counts, samples } = deps.quarantine();
      const asked = samples.filter(
        (sample) =>
          (gateway === undefined || sample.gateway === gateway) && (code === undefined || sample.code === code),
      );
      return Promise.resolve({
        counts,
        samples: asked
          .slice(-limit)
          .toReversed()
          .map((sample) => ({ ...sample, time: formatTime(sample.time) })),
      });
    },
  );
}
