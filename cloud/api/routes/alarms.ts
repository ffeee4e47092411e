import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { AlarmFiguresView, AlarmRuleView, AlarmState, AlarmView } from '../../../shared/contracts/alarm.ts';
import type { AreaView } from '../../../shared/contracts/areas.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { Actor } from '../../desk/operator-acts.ts';
import { parseTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { actorOf, actorOn } from './desk.ts';
import { pageOf } from '../answers/cursor.ts';

const State = Type.Exclude(AlarmState, Type.Literal('normal'));
const STANDING: readonly AlarmState[] = ['unacknowledged', 'acknowledged', 'returned'];

const ListQuery = Type.Object({
  state: Type.Optional(
    Type.Array(State, {
      maxItems: 6,
      description: 'repeat for several; default unacknowledged, acknowledged and returned',
    }),
  ),
  priority: Type.Optional(Type.Integer({ minimum: 1, maximum: 3 })),
  q: Type.Optional(Type.String({ maxLength: 100, description: 'part of source, device, subject, code or text' })),
  area: Type.Optional(
    Type.Literal('mine', { description: 'only areas that the caller or nobody holds; absent: all areas' }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  cursor: Type.Optional(
    Type.String({ pattern: '^[0-9]{1,9}$', maxLength: 9, description: 'nextCursor of the previous page' }),
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
  from: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339; default seven days before `to`' })),
  to: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339; default now' })),
});
type FiguresQuery = Static<typeof FiguresQuery>;

const DAY_MS = 86_400_000;
const MOST_DAYS = 92;

/** Alarms by ISA-18.2 / IEC 62682: the list, operators' acts, the rules, and key figures. */
export function alarmRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const { alarmRules, clock } = deps;
  const { alarms, operators } = deps.owner;
  const tags = ['alarms'];

  /** Checks that the caller may act on an alarm, and opens the audit entry. */
  const own = async (request: FastifyRequest, id: number): Promise<Actor> => {
    request.act = { ...request.act, on: `alarm:${id}` };
    const alarm = await alarms.get(id);
    request.act = { on: `alarm:${id} ${alarm.target}`, from: { code: alarm.code, state: alarm.state } };
    return actorOn(request, deps, alarm.target);
  };
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
        summary: 'List alarms, most urgent first',
        querystring: ListQuery,
        response: { 200: pageOf(AlarmView) },
      },
    },
    async (request) => {
      const { query } = request;
      const { state = STANDING, priority, area, limit = 100 } = query;
      const { user } = actorOf(request);
      const areas = area === undefined ? [] : await deps.owner.areas.all();
      const from = Number(query.cursor ?? 0);
      const text = query.q?.toLowerCase();
      const found = (await alarms.list(state))
        .filter((alarm) => priority === undefined || alarm.priority === priority)
        .filter((alarm) => area === undefined || concerns(areas, user, alarm.target))
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
        summary: 'List alarm rules with cause, consequence, action and time to act',
        response: { 200: pageOf(AlarmRuleView) },
      },
    },
    async () => ({
      items: alarmRules,
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
        summary: 'Get rates, floods, chatter and shares over a span',
        querystring: FiguresQuery,
        response: { 200: AlarmFiguresView },
      },
    },
    async ({ query }) => {
      const to = query.to === undefined ? clock.plant.now() : parseTime(query.to, '/querystring/to');
      const from = query.from === undefined ? to - 7 * DAY_MS : parseTime(query.from, '/querystring/from');
      if (from >= to) throw new LoadstoneError('LS-API-007', 'from must be before to', '/querystring/from');
      if (to - from > MOST_DAYS * DAY_MS)
        throw new LoadstoneError('LS-API-007', `a span is at most ${MOST_DAYS} days`, '/querystring/from');
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
      // Checks all alarms before it acknowledges the first.
      for (const id of ids) await own(request, id);
      request.act = { on: `alarms:${ids.join(',')}` };
      const items = await operators.acknowledge(actorOf(request), ids);
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
        summary: 'Shelve an alarm for a time, with a reason',
        params: Params,
        body: Shelve,
        response: { 200: AlarmView },
      },
    },
    async (request) => {
      const { minutes, reason } = request.body;
      const { id } = request.params;
      const actor = await own(request, id);
      const alarm = await operators.shelve(actor, id, { reason, minutes });
      return done(request, alarm, `${minutes} min: ${reason}`);
    },
  );

  app.post<{ Params: Params }>(
    '/v1/alarms/:id/unshelve',
    {
      config: { right: 'operate' },
      schema: {
        tags,
        operationId: 'unshelveAlarm',
        summary: 'Unshelve an alarm',
        params: Params,
        response: { 200: AlarmView },
      },
    },
    async (request) => {
      const { id } = request.params;
      const actor = await own(request, id);
      return done(request, await operators.unshelve(actor, id));
    },
  );

  app.put<{ Params: Params; Body: OutOfService }>(
    '/v1/alarms/:id/out-of-service',
    {
      config: { right: 'operate' },
      schema: {
        tags,
        operationId: 'takeAlarmOutOfService',
        summary: 'Take an alarm out of service while it is repaired',
        params: Params,
        body: OutOfService,
        response: { 200: AlarmView },
      },
    },
    async (request) => {
      const { reason } = request.body;
      const { id } = request.params;
      const actor = await own(request, id);
      return done(request, await operators.takeOut(actor, id, reason), reason);
    },
  );

  app.delete<{ Params: Params }>(
    '/v1/alarms/:id/out-of-service',
    {
      config: { right: 'operate' },
      schema: {
        tags,
        operationId: 'returnAlarmToService',
        summary: 'Return an alarm to service',
        params: Params,
        response: { 200: AlarmView },
      },
    },
    async (request) => {
      const { id } = request.params;
      const actor = await own(request, id);
      return done(request, await operators.bringBack(actor, id));
    },
  );
}

/** True if the user looks after an area: it is theirs or nobody's. */
const concerns = (areas: readonly AreaView[], user: string, area: string): boolean =>
  (areas.find(({ target }) => target === area)?.holder ?? user) === user;

const wordsOf = ({ source, device, subject, code, text }: AlarmView): string =>
  [source, device, subject, code, text].join(' ').toLowerCase();
