import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { IncidentView } from '../../../shared/contracts/incident.ts';
import { ID_PATTERN } from '../../../shared/contracts/ids.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { openCursor, pageOf, sealCursor } from '../answers/cursor.ts';
import { parseTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';

const Query = Type.Object({
  from: Type.Optional(
    Type.String({ maxLength: 40, description: 'RFC 3339; started at or after; with a device: not over before' }),
  ),
  to: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339; started before' })),
  substation: Type.Optional(Type.String({ maxLength: 63 })),
  device: Type.Optional(
    Type.String({
      pattern: `${ID_PATTERN.slice(0, -1)}/${ID_PATTERN.slice(1)}`,
      maxLength: 127,
      description: 'only incidents that this device relieved, whose limit it exceeded, or in which it was acted on',
      examples: ['owd-01/battery-1'],
    }),
  ),
  open: Type.Optional(Type.Boolean({ description: 'only incidents that have not ended' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  cursor: Type.Optional(Type.String({ maxLength: 100, description: 'nextCursor of the previous page' })),
});
type Query = Static<typeof Query>;
const Params = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) });
type Params = Static<typeof Params>;

/** Incidents: what happened, assembled by rules. */
export function incidentRoutes(app: FastifyInstance, { incidents }: ApiDeps): void {
  const tags = ['desk'];

  app.get<{ Querystring: Query }>(
    '/v1/incidents',
    {
      config: { right: 'planner:read' },
      schema: {
        tags,
        operationId: 'listIncidents',
        summary:
          'List spikes, exceeded limits, trips and outages: what, where, relieved by whom, at what cost; newest first',
        querystring: Query,
        response: { 200: pageOf(IncidentView) },
      },
    },
    async ({ query }) => {
      const { limit = 50, cursor, substation, device } = query;
      const [gateway, id] = device?.split('/') ?? [];
      const items = await incidents.list({
        ...(query.from === undefined ? {} : { from: parseTime(query.from, '/querystring/from') }),
        ...(query.to === undefined ? {} : { to: parseTime(query.to, '/querystring/to') }),
        ...(substation === undefined ? {} : { substation }),
        ...(gateway === undefined || id === undefined ? {} : { device: { gateway, id } }),
        ...(query.open === true ? { isOpen: true } : {}),
        ...(cursor === undefined ? {} : { before: openCursor(cursor, 1)[0]! }),
        limit: limit + 1,
      });
      const shown = items.slice(0, limit);
      return { items: shown, nextCursor: items.length > limit ? sealCursor([shown.at(-1)!.id]) : null };
    },
  );

  app.get<{ Params: Params }>(
    '/v1/incidents/:id',
    {
      config: { right: 'planner:read' },
      schema: {
        tags,
        operationId: 'getIncident',
        summary: 'Get an incident, from its cause to its end',
        params: Params,
        response: { 200: IncidentView },
      },
    },
    async ({ params }) => {
      const found = await incidents.get(params.id);
      if (found === undefined) throw new LoadstoneError('LS-API-004', `there is no incident ${params.id}`);
      return found;
    },
  );
}
