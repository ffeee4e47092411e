import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { callerOf } from '../access.ts';
import { formatTime, parseTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { assertReadable } from '../targets.ts';

const HOUR_MS = 3_600_000;
const DEFAULT_HOURS = 24;
const MOST_HOURS = 31 * 24;

const IdParams = Type.Object({ id: Type.String({ maxLength: 63 }) });
const Query = Type.Object({
  start: Type.Optional(Type.String({ maxLength: 40, description: 'default 24 h before the end' })),
  end: Type.Optional(Type.String({ maxLength: 40, description: 'default now' })),
});
type Params = Static<typeof IdParams>;
type Query = Static<typeof Query>;

const counts = {
  stored: Type.Integer({ description: 'distinct frames, each counted once' }),
  missing: Type.Integer({ description: 'neither stored nor accounted for' }),
  refused: Type.Integer(),
  dropped: Type.Integer({ description: 'given up by the gateway, for example because its journal was full' }),
  lost: Type.Integer({ description: 'damaged in the journal' }),
  complete: Type.Boolean({ description: 'true if nothing is missing' }),
  reasons: Type.Record(Type.String(), Type.Integer(), { description: 'frames by code or reason' }),
};
const example = {
  stored: 3588,
  missing: 0,
  refused: 12,
  dropped: 0,
  lost: 0,
  complete: true,
  reasons: { 'LS-INGEST-003': 12 },
};
const Report = Type.Object(
  {
    gateway: Type.String(),
    start: Type.String(),
    end: Type.String(),
    total: Type.Object(counts),
    hours: Type.Array(Type.Object({ start: Type.String(), ...counts })),
  },
  {
    title: 'CompletenessReport',
    examples: [
      {
        gateway: 'owd-01',
        start: '2021-09-25T10:00:00Z',
        end: '2021-09-25T11:00:00Z',
        total: example,
        hours: [{ start: '2021-09-25T10:00:00Z', ...example }],
      },
    ],
  },
);

/** The outcome of every frame of a gateway, by hour of its source time. */
export function completenessRoute(app: FastifyInstance, deps: ApiDeps): void {
  app.get<{ Params: Params; Querystring: Query }>(
    '/v1/gateways/:id/completeness',
    {
      config: { right: 'planner:read', checksTargets: true },
      schema: {
        tags: ['operation'],
        operationId: 'getCompleteness',
        summary: 'Get what became of every frame of a gateway, hour by hour',
        params: IdParams,
        querystring: Query,
        response: { 200: Report },
      },
    },
    async (request) => {
      const { id } = request.params;
      const substation = deps.region.substations.find(({ gateway }) => gateway === id);
      if (substation === undefined)
        throw new LoadstoneError(
          'LS-API-004',
          `there is no gateway "${id}"; GET /v1/gateways lists them`,
          '/params/id',
        );
      assertReadable(deps.region, callerOf(request), `substation:${substation.id}`, '/params/id');
      const { from, to } = hoursAsked(request.query, deps.clock.plant.now());
      const starts = Array.from({ length: (to - from) / HOUR_MS }, (_, hour) => from + hour * HOUR_MS);
      const { grid } = deps.owner;
      const total = grid.completeness(id, { from, to });
      const hours = starts.map(async (start) => ({
        start: formatTime(start),
        ...(await grid.completeness(id, { from: start, to: start + HOUR_MS })),
      }));
      return {
        gateway: id,
        start: formatTime(from),
        end: formatTime(to),
        total: await total,
        hours: await Promise.all(hours),
      };
    },
  );
}

/** Returns the whole hours that the span touches, ms UTC. */
function hoursAsked(query: Query, now: number): { readonly from: number; readonly to: number } {
  const end = query.end === undefined ? now : parseTime(query.end, '/querystring/end');
  const start =
    query.start === undefined ? end - DEFAULT_HOURS * HOUR_MS : parseTime(query.start, '/querystring/start');
  if (end <= start) throw new LoadstoneError('LS-API-007', 'end must be after start', '/querystring/end');
  const from = Math.floor(start / HOUR_MS) * HOUR_MS;
  const to = Math.ceil(end / HOUR_MS) * HOUR_MS;
  if ((to - from) / HOUR_MS <= MOST_HOURS) return { from, to };
  throw new LoadstoneError(
    'LS-API-006',
    `${Math.ceil((to - from) / HOUR_MS)} hours requested, at most ${MOST_HOURS} in one answer`,
    '/querystring/start',
  );
}
