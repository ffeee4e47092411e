import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { EventKind, Severity } from '../../../shared/contracts/event.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { Timer } from '../../../shared/time/clock.ts';
import { formsWith } from '../../../shared/sentences/forms-with.ts';
import { every } from '../../../shared/time/every.ts';
import { EVENT_NAMES, type EventName, type PlannerEvent } from '../../planner/events/planner-event.ts';
import { EventView } from '../../../shared/contracts/view.ts';
import { callerNow, callerOf } from '../access.ts';
import { pageOf } from '../answers/cursor.ts';
import { type Caller, mayRead, personOf } from '../../access/caller.ts';
import { formatTime, parseTime } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { assertRoom } from '../stream-room.ts';

const Query = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  cursor: Type.Optional(
    Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'nextCursor of the previous page' }),
  ),
  severity: Type.Optional(Severity),
  severityFrom: Type.Optional(Severity),
  kind: Type.Optional(EventKind),
  q: Type.Optional(
    Type.String({
      maxLength: 100,
      description:
        'words that must all occur in source, code, text, device or subject; case is ignored only for A to Z',
      examples: ['owd-01 guard'],
    }),
  ),
  language: Type.Optional(
    Type.Union([Type.Literal('en'), Type.Literal('nl'), Type.Literal('de')], {
      description:
        'language that the words of `q` may also be in; they find the stored sentences whose translation holds them, and a word of too many sentences narrows nothing',
    }),
  ),
  to: Type.Optional(
    Type.String({
      maxLength: 40,
      description:
        'only events that happened before this plant time; the search begins there and leaves out events received more than a day later',
      examples: ['2021-09-24T22:00:00Z'],
    }),
  ),
  events: Type.Optional(
    Type.String({
      maxLength: 200,
      description: 'event names of the stream, comma-separated; default all',
      examples: [EVENT_NAMES.join(',')],
    }),
  ),
});
type Query = Static<typeof Query>;

const EventPage = Type.Object(
  {
    ...pageOf(EventView).properties,
    searchedTo: Type.Optional(
      Type.Union([Type.Number(), Type.Null()], { description: 'how far back the search went, ms UTC of plant time' }),
    ),
  },
  { title: 'EventPage' },
);

/** Events that one request scans; its cursor continues with older ones. */
const MOST_SEARCHED = 10_000;
/** Events times sentences that one request compares: about 50 ms of a core. A word in another language stands for up to forty sentences. */
const MOST_COMPARED = 160_000;
const MOST_WORDS = 8;
const SEVERITIES: readonly Severity[] = ['info', 'low', 'medium', 'high'];

const HEARTBEAT_MS = 15_000;
const ROOM = { most: 100, mostOfOne: 16 };
/** A client that queues more than this is disconnected. */
const MAX_QUEUED_BYTES = 1_000_000;

interface Client {
  readonly person: string;
  readonly response: ServerResponse;
  readonly names: ReadonlySet<string>;
  /** The client with its current rights; undefined once it may no longer read. */
  now(): Caller | undefined;
}

/** The event log as a list, or with `Accept: text/event-stream` planners' events live. Each caller gets only what they may read. */
export function eventRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const stream = new EventStream(deps);
  app.addHook('preClose', async () => stream.stop());
  app.get<{ Querystring: Query }>(
    '/v1/events',
    {
      config: { right: 'planner:read', checksTargets: true },
      schema: {
        tags: ['operation'],
        operationId: 'listEvents',
        summary:
          'List events, alarms, outcomes and audit entries, newest first; as text/event-stream, stream planner events live',
        querystring: Query,
        response: { 200: EventPage },
      },
    },
    async (request, reply) => {
      if (request.headers.accept?.includes('text/event-stream') === true) {
        stream.open(request, () => {
          reply.hijack();
          return reply.raw;
        });
        return reply;
      }
      const caller = callerOf(request);
      if (!mayRead(deps.region, caller, `region:${deps.region.id}`))
        throw new LoadstoneError(
          'LS-API-003',
          `this shows the whole region; ${caller.name} may read only a part of it`,
        );
      const { limit = 100, cursor } = request.query;
      if (isSearch(request.query)) return found(request.query, deps.events);
      const items = await deps.events.list({
        limit: limit + 1,
        ...(cursor === undefined ? {} : { before: cursor }),
      });
      const shown = items.slice(0, limit);
      return { items: shown, nextCursor: items.length > limit ? String(shown.at(-1)!.id) : null };
    },
  );
}

/** Events are stored with the severity of their source, but alarms are shown with that of their rule, so searches go by the rule too. */
const isSearch = ({ q, kind, severity, severityFrom, to }: Query): boolean =>
  [q, kind, severity, severityFrom, to].some((each) => each !== undefined);

/**
 * Returns a page of matches. It may be empty and still have a next one: `searchedTo` tells how far back the search went, ms UTC of plant
 * time.
 */
async function found(
  { limit = 100, cursor, severity, severityFrom, kind, to, q = '', language = 'en' }: Query,
  events: ApiDeps['events'],
) {
  const words = [...new Set(q.split(/\s+/).filter(Boolean))];
  if (words.length > MOST_WORDS)
    throw new LoadstoneError('LS-API-001', `a search has at most ${MOST_WORDS} words`, '/querystring/q');
  const from = severityFrom === undefined ? [] : SEVERITIES.slice(SEVERITIES.indexOf(severityFrom));
  const severities = severity === undefined ? from : from.length === 0 || from.includes(severity) ? [severity] : null;
  if (severities === null) return { items: [], nextCursor: null, searchedTo: null };
  const forms = new Map(language === 'en' ? [] : words.map((word) => [word, formsWith(word, language)]));
  const compared = words.reduce((sum, word) => sum + 1 + (forms.get(word)?.length ?? 0), 0);
  const { items, back, isEnd } = await events.search({
    words,
    forms,
    limit,
    most: Math.min(MOST_SEARCHED, Math.floor(MOST_COMPARED / Math.max(1, compared))),
    ...(cursor === undefined ? {} : { before: cursor }),
    ...(to === undefined ? {} : { to: parseTime(to, '/querystring/to') }),
    ...(kind === undefined ? {} : { kind }),
    ...(severities.length === 0 ? {} : { severities }),
  });
  return { items, nextCursor: isEnd || back === null ? null : String(back.id), searchedTo: back?.time ?? null };
}

class EventStream {
  readonly #deps: ApiDeps;
  readonly #clients = new Set<Client>();
  #timer: Timer | undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(deps: ApiDeps) {
    this.#deps = deps;
  }

  open(request: FastifyRequest<{ Querystring: Query }>, take: () => ServerResponse): void {
    const person = personOf(callerOf(request).name);
    assertRoom(this.#clients, person, ROOM);
    const names = (request.query.events ?? EVENT_NAMES.join(',')).split(',');
    const unknown = names.find((name) => !EVENT_NAMES.includes(name as EventName));
    if (unknown !== undefined)
      throw new LoadstoneError(
        'LS-API-001',
        `"${unknown.slice(0, 40)}" is not one of ${EVENT_NAMES.join(', ')}`,
        '/querystring/events',
      );
    const response = take();
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    response.write('retry: 2000\n\n');
    const client: Client = { person, response, names: new Set(names), now: callerNow(request) };
    this.#clients.add(client);
    response.on('close', () => this.#gone(client));
    this.#start();
    const last = request.headers['last-event-id'];
    if (typeof last === 'string' && /^\d{1,15}$/.test(last))
      for (const event of this.#deps.feed.since(Number(last))) this.#tell(client, event);
  }

  stop(): void {
    for (const { response } of this.#clients) response.end();
    this.#clients.clear();
    this.#end();
  }

  #start(): void {
    if (this.#timer !== undefined) return;
    this.#unsubscribe = this.#deps.feed.listen((event) => {
      for (const client of this.#clients) this.#tell(client, event);
    });
    this.#timer = every(this.#deps.clock.machine, HEARTBEAT_MS, () => {
      for (const client of this.#clients)
        if (client.now() === undefined) client.response.end();
        else client.response.write(': still here\n\n');
    });
  }

  #gone(client: Client): void {
    this.#clients.delete(client);
    if (this.#clients.size === 0) this.#end();
  }

  #end(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#unsubscribe();
  }

  #tell(client: Client, { id, event, at, target, owner, data }: PlannerEvent): void {
    const caller = client.now();
    if (caller === undefined) return void client.response.end();
    const hears =
      target === null
        ? owner === caller.name || (caller.name === 'guest' && owner === 'owner')
        : mayRead(this.#deps.region, caller, target);
    if (!client.names.has(event) || !hears) return;
    if (client.response.writableLength > MAX_QUEUED_BYTES) {
      this.#clients.delete(client);
      client.response.destroy();
      return;
    }
    const body = JSON.stringify({ at: formatTime(at), ...(target === null ? {} : { target }), ...data });
    client.response.write(`id: ${id}\nevent: ${event}\ndata: ${body}\n\n`);
  }
}
