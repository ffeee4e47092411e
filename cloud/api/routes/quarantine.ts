import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { QuarantineView } from '../../../shared/contracts/quarantine.ts';
import { catalogue, type ErrorCode } from '../../../shared/outcome/catalogue.ts';
import { tableOf } from '../../tables/table.ts';
import { formatOf, sendTable, TableQuery } from '../answers/formats.ts';
import { formatTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';

const MOST = 200;
const Query = Type.Object({
  ...TableQuery.properties,
  gateway: Type.Optional(Type.String({ maxLength: 64, description: 'only samples of this gateway or edge node' })),
  code: Type.Optional(
    Type.String({ maxLength: 40, description: 'only samples with this code, such as LS-INGEST-003' }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST, default: 50 })),
});
type Query = Static<typeof Query>;

const Answer = Type.Object(QuarantineView.properties, {
  title: 'Quarantine',
  examples: [
    {
      codes: [{ code: 'LS-INGEST-001', count: 1, title: 'Payload cannot be decoded', remedy: 'Look at its sender.' }],
      journals: [
        {
          gateway: 'owd-01',
          missing: 0,
          refused: 1,
          dropped: 0,
          lost: 0,
          reasons: { 'LS-INGEST-001': 1 },
        },
      ],
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
});

/** Input from gateways that the cloud could not accept: counts, and the newest samples for inspection. */
export function quarantineRoute(app: FastifyInstance, { owner: { grid } }: ApiDeps): void {
  app.get<{ Querystring: Query }>(
    '/v1/quarantine',
    {
      config: { right: 'quarantine:read' },
      schema: {
        tags: ['operation'],
        operationId: 'getQuarantine',
        summary: 'Get what gateways sent and the cloud rejected: counts by code, and the newest samples',
        querystring: Query,
        response: { 200: Answer },
      },
    },
    async (request, reply) => {
      const { gateway, code, limit = 50 } = request.query;
      const { counts, samples } = await grid.quarantine();
      const asked = samples.filter(
        (sample) =>
          (gateway === undefined || sample.gateway === gateway) && (code === undefined || sample.code === code),
      );
      const shown = asked
        .slice(-limit)
        .toReversed()
        .map((sample) => ({ ...sample, time: formatTime(sample.time) }));
      const format = formatOf(request);
      if (format !== 'json')
        return sendTable(reply, tableOf(columns, shown), { format, query: request.query, name: 'quarantine' });
      const codes = Object.entries(counts)
        .map(([each, count]) => ({ code: each, count, ...meaningOf(each) }))
        .toSorted((a, b) => b.count - a.count);
      const journals = (await grid.journals())
        .filter((each) => each.missing + each.refused + each.dropped + each.lost > 0)
        .map(({ stored: _stored, complete: _complete, ...each }) => each);
      return { codes, journals, counts, samples: shown };
    },
  );
}

const columns = [
  ['time', 'text'],
  ['gateway', 'text'],
  ['topic', 'text'],
  ['code', 'text'],
  ['detail', 'text'],
  ['bytes', 'integer'],
  ['payload', 'text'],
] as const;

const meaningOf = (code: string): { readonly title: string; readonly remedy: string } => {
  const { title, remedy } = catalogue[code as ErrorCode];
  return { title, remedy };
};
