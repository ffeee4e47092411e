import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { AlarmFiguresView, AlarmRuleView, type AlarmState, AlarmView } from '../../../shared/contracts/alarm.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { callerOf } from '../access.ts';
import { mayAct } from '../../access/caller.ts';
import { parseTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { pageOf } from '../answers/cursor.ts';

const State = Type.Union([
  Type.Literal('unacknowledged'),
  Type.Literal('acknowledged'),
  Type.Literal('returned'),
  Type.Literal('shelved'),
  Type.Literal('suppressed'),
  Type.Literal('out-of-service'),
]);
const STANDING: readonly AlarmState[] = ['unacknowledged', 'acknowledged', 'returned'];

const ListQuery = Type.Object({
  state: Type.Optional(Type.Array(State, { maxItems: 6, description: 'once for each; absent: those that stand' })),
  priority: Type.Optional(Type.Integer({ minimum: 1, maximum: 3 })),
  q: Type.Optional(Type.String({ maxLength: 100, description: 'part of source, device, code or text' })),
  area: Type.Optional(
    Type.Literal('mine', { description: 'of areas that the caller holds, or nobody; absent: of all' }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  cursor: Type.Optional(
    Type.String({ pattern: '^[0-9]{1,9}$', maxLength: 9, description: 'nextCursor of the page before' }),
  ),
});
type ListQuery = Static<typeof ListQuery>;

const AlarmId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const Params = Type.Object({ id: AlarmId });
type Params = Static<typeof Params>;

const Acknowledge = Type.Object(
  { ids: Type.Array(AlarmId, { minItems: 1, maxItems: 200, uniqueItems: true }) },
  { additionalProperties: false, title: 'AcknowledgeAlarms' },
);
type Acknowledge = Static<typeof Acknowledge>;

const Reason = Type.String({ minLength: 3, maxLength: 300 });
const Shelve = Type.Object(
  { minutes: Type.Integer({ minimum: 1, maximum: 720, description: 'minutes of plant time' }), reason: Reason },
  { additionalProperties: false, title: 'ShelveAlarm' },
);
type Shelve = Static<typeof Shelve>;
const OutOfService = Type.Object({ reason: Reason }, { additionalProperties: false, title: 'AlarmOutOfService' });
type OutOfService = Static<typeof OutOfService>;

const FiguresQuery = Type.Object({
  from: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339; absent: seven days back' })),
  to: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339; absent: now' })),
});
type FiguresQuery = Static<typeof FiguresQuery>;

const DAY_MS = 86_400_000;
const MOST_DAYS = 92;

/** Alarms by ISA-18.2 / IEC 62682: the list, what people do to them, the rules behind them, and their figures. */
export function alarmRoutes(app: FastifyInstance, { alarms, areas, region, clock }: ApiDeps): void {
  const tags = ['alarms'];

  /** An alarm that the caller may act on; what is done to it is written down. */
  const own = (request: FastifyRequest, id: number): AlarmView => {
    request.act = { ...request.act, on: `alarm:${id}` };
    const alarm = alarms.get(id);
    request.act = { on: `alarm:${id} ${alarm.target}`, from: { code: alarm.code, state: alarm.state } };
    const caller = callerOf(request);
    if (!mayAct(region, caller, alarm.target))
      throw new LoadstoneError('LS-API-003', `${alarm.target} is not in the areas where ${caller.name} may act`);
    areas.assertNotElsewhere(userOf(request), alarm.target);
    return alarm;
  };
  const userOf = (request: FastifyRequest): string => callerOf(request).name.split('/')[0]!;
  const done = (request: FastifyRequest, alarm: AlarmView, why?: string): AlarmView => {
    request.act = { ...request.act, to: { state: alarm.state }, why };
    return alarm;
  };

  app.get<{ Querystring: ListQuery }>(
    '/v1/alarms',
    {
      config: { right: 'planner:read' },
      schema: {
        tags,
        operationId: 'listAlarms',
        summary: 'Alarms, the most urgent first',
        querystring: ListQuery,
        response: { 200: pageOf(AlarmView) },
      },
    },
    async (request) => {
      const { query } = request;
      const { state = STANDING, priority, area, limit = 100 } = query;
      const user = userOf(request);
      const from = Number(query.cursor ?? 0);
      const text = query.q?.toLowerCase();
      const found = alarms
        .list(state)
        .filter((alarm) => priority === undefined || alarm.priority === priority)
        .filter((alarm) => area === undefined || areas.concerns(user, alarm.target))
        .filter((alarm) => text === undefined || wordsOf(alarm).includes(text));
      const next = from + limit;
      return { items: found.slice(from, next), nextCursor: next < found.length ? String(next) : null };
    },
  );

  app.get(
    '/v1/alarms/rules',
    {
      config: { right: 'planner:read' },
      schema: {
        tags,
        operationId: 'listAlarmRules',
        summary: 'Cause, consequence, action and time of each',
        response: { 200: pageOf(AlarmRuleView) },
      },
    },
    async () => ({
      items: alarms.rules(),
      nextCursor: null,
    }),
  );

  app.get<{ Querystring: FiguresQuery }>(
    '/v1/alarms/figures',
    {
      config: { right: 'planner:read' },
      schema: {
        tags,
        operationId: 'getAlarmFigures',
        summary: 'Rates, floods, chatter and shares of a span',
        querystring: FiguresQuery,
        response: { 200: AlarmFiguresView },
      },
    },
    async ({ query }) => {
      const to = query.to === undefined ? clock.plant.now() : parseTime(query.to, '/query/to');
      const from = query.from === undefined ? to - 7 * DAY_MS : parseTime(query.from, '/query/from');
      if (from >= to) throw new LoadstoneError('LS-API-007', 'from must be before to', '/query/from');
      if (to - from > MOST_DAYS * DAY_MS)
        throw new LoadstoneError('LS-API-007', `a span is at most ${MOST_DAYS} days`, '/query/from');
      return alarms.figures(from, to);
    },
  );

  app.post<{ Body: Acknowledge }>(
    '/v1/alarms/acknowledge',
    {
      config: { right: 'operate' },
      schema: {
        tags,
        operationId: 'acknowledgeAlarms',
        summary: 'Acknowledge alarms that you have seen',
        body: Acknowledge,
        response: { 200: pageOf(AlarmView) },
      },
    },
    async (request) => {
      const { ids } = request.body;
      // All that may not be acknowledged is found before the first one is.
      for (const id of ids) own(request, id);
      request.act = { on: `alarms:${ids.join(',')}` };
      const items = ids.map((id) => alarms.acknowledge(id, callerOf(request).name));
      request.act = { ...request.act, to: { state: 'acknowledged' } };
      return { items, nextCursor: null };
    },
  );

  app.post<{ Params: Params; Body: Shelve }>(
    '/v1/alarms/:id/shelve',
    {
      config: { right: 'operate' },
      schema: {
        tags,
        operationId: 'shelveAlarm',
        summary: 'Put an alarm away for a time, with a reason',
        params: Params,
        body: Shelve,
        response: { 200: AlarmView },
      },
    },
    async (request) => {
      const { minutes, reason } = request.body;
      const { id } = own(request, request.params.id);
      return done(
        request,
        alarms.shelve(id, { by: callerOf(request).name, reason, minutes }),
        `${minutes} min: ${reason}`,
      );
    },
  );

  app.post<{ Params: Params }>(
    '/v1/alarms/:id/unshelve',
    {
      config: { right: 'operate' },
      schema: {
        tags,
        operationId: 'unshelveAlarm',
        summary: 'Take an alarm off the shelf',
        params: Params,
        response: { 200: AlarmView },
      },
    },
    async (request) => done(request, alarms.unshelve(own(request, request.params.id).id)),
  );

  app.put<{ Params: Params; Body: OutOfService }>(
    '/v1/alarms/:id/out-of-service',
    {
      config: { right: 'operate' },
      schema: {
        tags,
        operationId: 'takeAlarmOutOfService',
        summary: 'Take an alarm out of service while it is mended',
        params: Params,
        body: OutOfService,
        response: { 200: AlarmView },
      },
    },
    async (request) => {
      const { reason } = request.body;
      const { id } = own(request, request.params.id);
      return done(request, alarms.takeOut(id, callerOf(request).name, reason), reason);
    },
  );

  app.delete<{ Params: Params }>(
    '/v1/alarms/:id/out-of-service',
    {
      config: { right: 'operate' },
      schema: {
        tags,
        operationId: 'returnAlarmToService',
        summary: 'Bring an alarm back into service',
        params: Params,
        response: { 200: AlarmView },
      },
    },
    async (request) => done(request, alarms.bringBack(own(request, request.params.id).id)),
  );
}

const wordsOf = ({ source, device, subject, code, text }: AlarmView): string =>
  [source, device, subject, code, text].join(' ').toLowerCase();
