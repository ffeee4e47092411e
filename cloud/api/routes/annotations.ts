import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { ANNOTATION_KINDS, type Annotation } from '../../planner/inputs/annotation.ts';
import { callerOf, warrantOf } from '../access.ts';
import { openCursor, pageOf, sealCursor } from '../answers/cursor.ts';
import { mayRead } from '../../access/caller.ts';
import { formatTime, PageQuery, parseTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { assertWritable, expandTargets } from '../targets.ts';

const Kind = Type.Enum([...ANNOTATION_KINDS], {
  description:
    'outages and switching are excluded from training and scores; holidays and events are stored beside the series',
});
const Target = Type.String({ maxLength: 200, examples: ['feeder:owd-1'] });
const Time = (description: string, example: string) => Type.String({ maxLength: 40, description, examples: [example] });

const Body = Type.Object(
  {
    target: Target,
    kind: Kind,
    start: Time('RFC 3339', '2021-09-24T08:00:00Z'),
    end: Type.Optional(Type.Union([Time('RFC 3339; absent if it has not ended', '2021-09-24T11:30:00Z'), Type.Null()])),
    note: Type.Optional(Type.String({ maxLength: 1000 })),
  },
  {
    additionalProperties: false,
    title: 'AnnotationRequest',
    examples: [
      {
        target: 'feeder:owd-1',
        kind: 'outage',
        start: '2021-09-24T08:00:00Z',
        end: '2021-09-24T11:30:00Z',
        note: 'cable fault near the pumping station',
      },
    ],
  },
);
type Body = Static<typeof Body>;

const Query = Type.Object({
  target: Type.Optional(
    Type.String({ maxLength: 2000, description: 'comma-separated; default all that the caller may read' }),
  ),
  start: Type.Optional(Time('only those that end after this time', '2021-09-01T00:00:00Z')),
  end: Type.Optional(Time('only those that start before this time', '2021-10-01T00:00:00Z')),
  kind: Type.Optional(Kind),
  asOf: Type.Optional(Time('as known at this time', '2021-09-25T00:00:00Z')),
  ...PageQuery.properties,
});
type Query = Static<typeof Query>;
const Params = Type.Object({ id: Type.String({ maxLength: 80, examples: ['ann_01k2f5'] }) });
type Params = Static<typeof Params>;

const example = {
  id: 'ann_01k2f5',
  target: 'feeder:owd-1',
  kind: 'outage',
  start: '2021-09-24T08:00:00Z',
  end: '2021-09-24T11:30:00Z',
  note: 'cable fault near the pumping station',
  createdBy: 'jan',
  createdAt: '2021-09-24T12:10:00Z',
  withdrawnAt: null,
};
const Nullable = Type.Union([Type.String(), Type.Null()]);
const AnnotationShape = Type.Object(
  {
    id: Type.String(),
    target: Type.String(),
    kind: Kind,
    start: Type.String(),
    end: Nullable,
    note: Type.String(),
    createdBy: Type.String(),
    createdAt: Type.String(),
    withdrawnAt: Nullable,
  },
  { title: 'Annotation', examples: [example] },
);

const shown = ({ id, target, kind, note, createdBy, ...at }: Annotation) => ({
  id,
  target,
  kind,
  start: formatTime(at.start),
  end: at.end === null ? null : formatTime(at.end),
  note,
  createdBy,
  createdAt: formatTime(at.createdAt),
  withdrawnAt: at.withdrawnAt === null ? null : formatTime(at.withdrawnAt),
});

/** Annotations: what people know about a target in a span of time. */
export function annotationRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const found = async (request: FastifyRequest<{ Params: Params }>): Promise<Annotation> => {
    const annotation = await deps.annotations.get(request.params.id);
    if (annotation === undefined || !mayRead(deps.region, callerOf(request), annotation.target))
      throw new LoadstoneError('LS-API-004', `there is no annotation "${request.params.id}"`, '/params/id');
    return annotation;
  };
  app.post<{ Body: Body }>(
    '/v1/annotations',
    {
      config: { right: 'planner:write', checksTargets: true },
      schema: {
        tags: ['annotations'],
        operationId: 'createAnnotation',
        summary: 'Record a holiday, an event, an outage or switching',
        body: Body,
        response: { 201: AnnotationShape },
      },
    },
    async (request, reply) => {
      const { target, kind, note = '', ...body } = request.body;
      const caller = callerOf(request);
      request.act = { on: target, to: { kind, ...body }, why: note };
      assertWritable(deps.region, caller, target, '/body/target');
      const start = parseTime(body.start, '/body/start');
      const end = typeof body.end === 'string' ? parseTime(body.end, '/body/end') : null;
      if (end !== null && end <= start) throw new LoadstoneError('LS-API-007', 'end must be after start', '/body/end');
      const createdAt = deps.clock.plant.now();
      const annotation: Annotation = {
        id: deps.newId('ann'),
        target,
        kind,
        start,
        end,
        note,
        createdBy: caller.name,
        createdAt,
        withdrawnAt: null,
      };
      await deps.owner.annotations.add(warrantOf(request, target), annotation);
      void reply.status(201).header('location', `/v1/annotations/${annotation.id}`);
      return shown(annotation);
    },
  );

  app.get<{ Querystring: Query }>(
    '/v1/annotations',
    {
      config: { right: 'planner:read', checksTargets: true },
      schema: {
        tags: ['annotations'],
        operationId: 'listAnnotations',
        summary: 'List annotations in effect, or in effect at a past moment',
        querystring: Query,
        response: { 200: pageOf(AnnotationShape, [{ items: [example], nextCursor: null }]) },
      },
    },
    async (request) => {
      const { query } = request;
      const within = { region: deps.region, caller: callerOf(request), pointer: '/querystring/target' };
      const whole = `region:${deps.region.id}`;
      const targets =
        query.target === undefined
          ? [
              ...expandTargets('substation:*,feeder:*,rest:*', within),
              ...(mayRead(deps.region, within.caller, whole) ? [whole] : []),
            ]
          : expandTargets(query.target, within);
      const { limit = 100 } = query;
      const [after] = query.cursor === undefined ? [0] : openCursor(query.cursor, 1);
      const items = await deps.annotations.list(
        {
          targets,
          from: query.start === undefined ? Number.MIN_SAFE_INTEGER : parseTime(query.start, '/querystring/start'),
          to: query.end === undefined ? Number.MAX_SAFE_INTEGER : parseTime(query.end, '/querystring/end'),
          ...(query.asOf === undefined ? {} : { asOf: parseTime(query.asOf, '/querystring/asOf') }),
          ...(query.kind === undefined ? {} : { kind: query.kind }),
        },
        { after: after!, limit: limit + 1 },
      );
      const page = items.slice(0, limit);
      return { items: page.map(shown), nextCursor: items.length > limit ? sealCursor([page.at(-1)!.number]) : null };
    },
  );

  app.get<{ Params: Params }>(
    '/v1/annotations/:id',
    {
      config: { right: 'planner:read', checksTargets: true },
      schema: {
        tags: ['annotations'],
        operationId: 'getAnnotation',
        summary: 'Get an annotation, even a withdrawn one',
        params: Params,
        response: { 200: AnnotationShape },
      },
    },
    async (request) => shown(await found(request)),
  );

  app.delete<{ Params: Params }>(
    '/v1/annotations/:id',
    {
      config: { right: 'planner:write', checksTargets: true },
      schema: {
        tags: ['annotations'],
        operationId: 'withdrawAnnotation',
        summary: 'Withdraw a wrong annotation; an earlier asOf still shows it',
        params: Params,
        response: { 200: AnnotationShape },
      },
    },
    async (request) => {
      const { id, target, kind, note } = await found(request);
      request.act = { on: target, from: { id, kind }, why: note };
      assertWritable(deps.region, callerOf(request), target, '/params/id');
      if (!(await deps.owner.annotations.withdraw(warrantOf(request, target), id, deps.clock.plant.now())))
        throw new LoadstoneError('LS-API-005', 'the annotation is already withdrawn');
      return shown(await found(request));
    },
  );
}
