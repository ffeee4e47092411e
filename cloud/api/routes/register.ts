import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { InterventionView, VoltageQualityRow } from '../../../shared/contracts/desk.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { WEEK_MS, weekName, weekStart } from '../../desk/voltage-quality.ts';
import { tableOf } from '../../tables/table.ts';
import { openCursor, pageOf, sealCursor } from '../answers/cursor.ts';
import { assertWhole, formatOf, sendTable, TableQuery } from '../answers/formats.ts';
import { parseTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';

/** Maximum interventions in one answer. */
const MOST = 10_000;

const RegisterQuery = Type.Object({
  ...TableQuery.properties,
  from: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339; started at or after' })),
  to: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339; started before' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST })),
  cursor: Type.Optional(Type.String({ maxLength: 100, description: 'nextCursor of the previous page' })),
});
type RegisterQuery = Static<typeof RegisterQuery>;

const QualityQuery = Type.Object({
  ...TableQuery.properties,
  week: Type.Optional(
    Type.String({ maxLength: 8, description: 'ISO 8601 week, such as 2021-W38; default the last whole week' }),
  ),
});
type QualityQuery = Static<typeof QualityQuery>;

const interventionColumns = [
  ['startedAt', 'time'],
  ['endedAt', 'time'],
  ['gateway', 'text'],
  ['device', 'text'],
  ['kind', 'text'],
  ['who', 'text'],
  ['depthKw', 'number'],
  ['energyKwh', 'number'],
  ['why', 'text'],
  ['measurement', 'text'],
] as const;
const qualityColumns = [
  ['substation', 'text'],
  ['device', 'text'],
  ['element', 'text'],
  ['level', 'text'],
  ['intervals', 'integer'],
  ['measured', 'integer'],
  ['withinPct', 'number'],
  ['neededPct', 'number'],
  ['lowestPu', 'number'],
  ['highestPu', 'number'],
  ['verdict', 'text'],
] as const;

const rowOf = (view: InterventionView) => ({ ...view });
const qualityRow = (row: VoltageQualityRow) => ({ ...row });

const VoltageQualityReport = Type.Object(
  { week: Type.String(), start: Type.String(), ...pageOf(VoltageQualityRow).properties },
  { title: 'VoltageQualityReport' },
);

/** Interventions on devices, and voltage quality, to view and to pass on. */
export function registerRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const tags = ['desk'];

  app.get<{ Querystring: RegisterQuery }>(
    '/v1/interventions',
    {
      config: { right: 'planner:read' },
      schema: {
        tags,
        operationId: 'listInterventions',
        summary: 'List interventions: who, when, how deep, why, on which measurement; newest first',
        querystring: RegisterQuery,
        response: { 200: pageOf(InterventionView) },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const format = formatOf(request);
      const { limit = format === 'json' ? 100 : MOST, cursor } = query;
      const items = await deps.interventions.list({
        from: query.from === undefined ? 0 : parseTime(query.from, '/querystring/from'),
        to: query.to === undefined ? Number.MAX_SAFE_INTEGER : parseTime(query.to, '/querystring/to'),
        limit: limit + 1,
        before: cursor === undefined ? undefined : openCursor(cursor, 1)[0],
      });
      const shown = items.slice(0, limit);
      if (format !== 'json') {
        if (query.limit === undefined) assertWhole(items, limit);
        const table = tableOf(interventionColumns, shown.map(rowOf));
        return sendTable(reply, table, { format, query, name: 'interventions' });
      }
      return { items: shown, nextCursor: items.length > limit ? sealCursor([shown.at(-1)!.id]) : null };
    },
  );

  app.get<{ Querystring: QualityQuery }>(
    '/v1/reports/voltage-quality',
    {
      config: { right: 'planner:read' },
      schema: {
        tags,
        operationId: 'getVoltageQuality',
        summary: 'Get the voltage quality of a week by EN 50160: 10-min means of every metered place',
        querystring: QualityQuery,
        response: { 200: VoltageQualityReport },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const week = query.week ?? weekName(deps.clock.plant.now() - WEEK_MS);
      const start = weekStart(week);
      if (start === undefined)
        throw new LoadstoneError(
          'LS-API-001',
          `"${week}" is not an ISO 8601 week such as 2021-W38`,
          '/querystring/week',
        );
      const items = await deps.owner.grid.voltageQuality(start);
      const format = formatOf(request);
      if (format !== 'json')
        return sendTable(reply, tableOf(qualityColumns, items.map(qualityRow)), {
          format,
          query,
          name: `voltage-${week}`,
        });
      return { week, start: new Date(start).toISOString(), items, nextCursor: null };
    },
  );
}
