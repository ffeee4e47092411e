import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { HandOverView, ShiftEntry, ShiftView } from '../../../shared/contracts/shift.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { callerOf, warrantOf } from '../access.ts';
import { openCursor, pageOf, sealCursor } from '../answers/cursor.ts';
import { parseTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';

const closed = { additionalProperties: false } as const;
const Note = Type.Object(
  {
    text: Type.String({
      minLength: 1,
      maxLength: 2000,
      pattern: '\\S',
      description: 'what the next shift must know; it cannot be changed later',
    }),
  },
  { ...closed, title: 'ShiftNote', examples: [{ text: 'Pump 3 runs on its spare drive until Monday.' }] },
);
type Note = Static<typeof Note>;
const SignOff = Type.Object(
  { remark: Type.String({ maxLength: 2000, description: 'how the shift went, in short' }) },
  { ...closed, title: 'SignOff', examples: [{ remark: 'Quiet, but for the spike on feeder 2.' }] },
);
type SignOff = Static<typeof SignOff>;
const Params = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) });
type Params = Static<typeof Params>;
const Page = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  cursor: Type.Optional(Type.String({ maxLength: 100, description: 'nextCursor of the previous page' })),
};
const HandOverQuery = Type.Object(Page);
type HandOverQuery = Static<typeof HandOverQuery>;
const EntryQuery = Type.Object({
  from: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339; at or after' })),
  to: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339; before' })),
  ...Page,
});
type EntryQuery = Static<typeof EntryQuery>;

/** The shift log, and the handover between shifts. */
export function shiftRoutes(app: FastifyInstance, { shift, owner }: ApiDeps): void {
  const tags = ['desk'];
  const paged = <Item extends { readonly id: number }>(items: readonly Item[], limit: number) => ({
    items: items.slice(0, limit),
    nextCursor: items.length > limit ? sealCursor([items[limit - 1]!.id]) : null,
  });
  const below = (cursor: string | undefined) => (cursor === undefined ? {} : { before: openCursor(cursor, 1)[0]! });

  app.get(
    '/v1/shift',
    {
      config: { right: 'planner:read' },
      schema: {
        tags,
        operationId: 'getShift',
        summary: 'Get what the next shift must know now, the pending hand-over and the last one',
        response: { 200: ShiftView },
      },
    },
    async () => owner.shift.view(),
  );

  app.get<{ Querystring: EntryQuery }>(
    '/v1/shift/log',
    {
      config: { right: 'planner:read' },
      schema: {
        tags,
        operationId: 'listShiftEntries',
        summary: 'List alarms of priority 1 and 2, acts, incidents, notes and hand-overs, newest first',
        querystring: EntryQuery,
        response: { 200: pageOf(ShiftEntry) },
      },
    },
    async ({ query: { from, to, limit = 50, cursor } }) => {
      const items = await shift.entries({
        ...(from === undefined ? {} : { from: parseTime(from, '/querystring/from') }),
        ...(to === undefined ? {} : { to: parseTime(to, '/querystring/to') }),
        ...below(cursor),
        limit: limit + 1,
      });
      return paged(items, limit);
    },
  );

  app.post<{ Body: Note }>(
    '/v1/shift/notes',
    {
      config: { right: 'operate' },
      schema: {
        tags,
        operationId: 'addShiftNote',
        summary: 'Add a note to the shift log',
        body: Note,
        response: { 201: ShiftEntry },
      },
    },
    async (request, reply) => {
      const { text } = request.body;
      request.act = { on: 'shift', why: text };
      void reply.status(201);
      return owner.shift.note(warrantOf(request), callerOf(request).name, text.trim());
    },
  );

  app.get<{ Querystring: HandOverQuery }>(
    '/v1/shift/hand-overs',
    {
      config: { right: 'planner:read' },
      schema: {
        tags,
        operationId: 'listHandOvers',
        summary: 'List hand-overs as they were signed, newest first',
        querystring: HandOverQuery,
        response: { 200: pageOf(HandOverView) },
      },
    },
    async ({ query: { limit = 20, cursor } }) =>
      paged(await shift.handOvers({ ...below(cursor), limit: limit + 1 }), limit),
  );

  app.get<{ Params: Params }>(
    '/v1/shift/hand-overs/:id',
    {
      config: { right: 'planner:read' },
      schema: {
        tags,
        operationId: 'getHandOver',
        summary: 'Get a hand-over as it was signed',
        params: Params,
        response: { 200: HandOverView },
      },
    },
    async ({ params }) => {
      const found = await shift.handOver(params.id);
      if (found === undefined) throw new LoadstoneError('LS-API-004', `there is no hand-over ${params.id}`);
      return found;
    },
  );

  app.post<{ Body: SignOff }>(
    '/v1/shift/hand-overs',
    {
      config: { right: 'operate' },
      schema: {
        tags,
        operationId: 'signOff',
        summary: 'Sign off: stores what the next shift must know as of now, and replaces a pending hand-over',
        body: SignOff,
        response: { 201: HandOverView },
      },
    },
    async (request, reply) => {
      const remark = request.body.remark.trim();
      request.act = { on: 'shift', why: remark };
      const signed = await owner.shift.signOff(warrantOf(request), callerOf(request).name, remark);
      request.act = { on: `hand-over:${signed.id}`, to: { signedBy: signed.signedBy }, why: remark };
      void reply.status(201).header('location', `/v1/shift/hand-overs/${signed.id}`);
      return signed;
    },
  );

  app.post<{ Params: Params }>(
    '/v1/shift/hand-overs/:id/take-over',
    {
      config: { right: 'operate' },
      schema: {
        tags,
        operationId: 'takeOver',
        summary: 'Sign that you have taken over the hand-over of another person',
        params: Params,
        response: { 200: HandOverView },
      },
    },
    async (request) => {
      const { id } = request.params;
      request.act = { on: `hand-over:${id}` };
      const taken = await owner.shift.takeOver(warrantOf(request), callerOf(request).name, id);
      request.act = { on: `hand-over:${id}`, from: { signedBy: taken.signedBy }, to: { takenBy: taken.takenBy } };
      return taken;
    },
  );
}
