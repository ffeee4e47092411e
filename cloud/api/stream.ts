import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { every } from '../../shared/time/every.ts';
import type { Timer } from '../../shared/time/clock.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { callerOf, rightsOf, standingOf } from './access.ts';
import type { ApiDeps } from './deps.ts';
import type { Notice } from '../read-model/notice.ts';
import { fileAnswer } from './answers/document-files.ts';

const HEARTBEAT_MS = 5_000;
const TICK_MS = 1_000;
/** A browser that does not read is cut off here: it costs the server nothing. */
const MAX_QUEUED_BYTES = 2_000_000;
const MAX_CLIENTS = 200;
/** Screens of one person, their tokens included: nobody keeps all others from seeing. */
const MAX_OF_ONE = 32;

const StreamQuery = Type.Object({
  topics: Type.String({
    maxLength: 400,
    description: 'comma-separated: region,gateways,alarms,areas,event,forecast,plan,command,feeder:owd-1',
  }),
});
type StreamQuery = Static<typeof StreamQuery>;

interface Client {
  readonly response: ServerResponse;
  readonly topics: ReadonlySet<string>;
  readonly person: string;
  /** Whether its reader may still read. */
  stands(): boolean;
  /** What its reader may do now. */
  rights(): readonly string[];
  /** The rights that were told last. */
  told: string;
}

/** The event stream of the dashboard (SSE): views once a second while they change, notices at once, a heartbeat apart from data. */
export class LiveStream {
  readonly #deps: ApiDeps;
  readonly #clients = new Set<Client>();
  readonly #last = new Map<string, string>();
  #timers: Timer[] = [];
  #unsubscribe: () => void = () => undefined;

  constructor(deps: ApiDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { machine } = this.#deps.clock;
    this.#timers = [every(machine, TICK_MS, () => this.#tick()), every(machine, HEARTBEAT_MS, () => this.#heartbeat())];
    const stops = [
      this.#deps.subscribe((notice) => this.#notice(notice)),
      this.#deps.onRights(() => {
        this.#endRevoked();
        this.#tellRights();
      }),
    ];
    this.#unsubscribe = () => stops.forEach((stop) => stop());
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#unsubscribe();
    for (const { response } of this.#clients) response.end();
    this.#clients.clear();
  }

  route(app: FastifyInstance): void {
    app.get<{ Querystring: StreamQuery }>(
      '/v1/stream',
      {
        config: { right: 'planner:read' },
        schema: {
          tags: ['operation'],
          operationId: 'openStream',
          summary: 'Live values as server-sent events',
          querystring: StreamQuery,
          response: { 200: fileAnswer('server-sent events', ['text/event-stream']) },
        },
      },
      (request, reply) => {
        if (this.#clients.size >= MAX_CLIENTS)
          throw new LoadstoneError('LS-API-008', `${MAX_CLIENTS} streams are open already`);
        const person = callerOf(request).name.split('/')[0]!;
        if ([...this.#clients].filter((each) => each.person === person).length >= MAX_OF_ONE)
          throw new LoadstoneError('LS-API-008', `${person} has ${MAX_OF_ONE} streams open already; close one`);
        reply.hijack();
        const response = reply.raw;
        response.writeHead(200, {
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
          'x-content-type-options': 'nosniff',
        });
        const rights = rightsOf(request);
        const client: Client = {
          response,
          rights,
          told: rights().join(),
          person,
          topics: new Set(request.query.topics.split(',')),
          stands: standingOf(request),
        };
        this.#clients.add(client);
        response.on('close', () => this.#clients.delete(client));
        response.write('retry: 2000\n\n');
        this.#send(client, 'heartbeat', JSON.stringify({ serverTime: this.#deps.clock.machine.now() }));
        for (const topic of client.topics) {
          const data = this.#view(topic);
          if (data !== undefined) this.#send(client, nameOf(topic), data);
        }
      },
    );
  }

  /** A reader whose rights, session or token went reads no more: at once where it is told, within a second where it ran out. */
  #endRevoked(): void {
    for (const client of this.#clients) {
      if (client.stands()) continue;
      this.#clients.delete(client);
      client.response.end();
    }
  }

  /** A page whose reader may do more or less than before is told so: it must not offer what would be refused. */
  #tellRights(): void {
    for (const client of this.#clients) {
      const rights = client.rights();
      if (rights.join() === client.told) continue;
      client.told = rights.join();
      this.#send(client, 'session', JSON.stringify({ rights }));
    }
  }

  #tick(): void {
    this.#endRevoked();
    const wanted = new Set([...this.#clients].flatMap(({ topics }) => [...topics]));
    for (const topic of this.#last.keys()) if (!wanted.has(topic)) this.#last.delete(topic);
    for (const topic of wanted) {
      const data = this.#view(topic);
      if (data === undefined || data === this.#last.get(topic)) continue;
      this.#last.set(topic, data);
      this.#broadcast(topic, nameOf(topic), data);
    }
  }

  #heartbeat(): void {
    const data = JSON.stringify({ serverTime: this.#deps.clock.machine.now() });
    for (const client of this.#clients) this.#send(client, 'heartbeat', data);
  }

  #notice({ kind, data }: Notice): void {
    this.#broadcast(kind, kind, JSON.stringify(data));
  }

  #broadcast(topic: string, name: string, data: string): void {
    for (const client of this.#clients) if (client.topics.has(topic)) this.#send(client, name, data);
  }

  #send(client: Client, name: string, data: string): void {
    if (client.response.writableLength > MAX_QUEUED_BYTES) {
      this.#clients.delete(client);
      client.response.destroy();
      return;
    }
    client.response.write(`event: ${name}\ndata: ${data}\n\n`);
  }

  #view(topic: string): string | undefined {
    if (topic === 'region') return JSON.stringify(this.#deps.views.region());
    if (topic === 'gateways') return JSON.stringify(this.#deps.views.gateways());
    if (topic === 'areas') return JSON.stringify(this.#deps.views.areas());
    if (topic === 'alarms') return JSON.stringify(this.#deps.views.alarms());
    if (!topic.startsWith('feeder:')) return undefined;
    const view = this.#deps.views.feeder(topic.slice('feeder:'.length));
    return view === undefined ? undefined : JSON.stringify(view);
  }
}

const nameOf = (topic: string): string => topic.split(':')[0]!;
