import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { every } from '../../shared/time/every.ts';
import type { Timer } from '../../shared/time/clock.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { personOf } from '../access/caller.ts';
import { callerNow, callerOf } from './access.ts';
import { STREAM_TOPICS } from '../../shared/contracts/stream-topics.ts';
import type { GatewayView } from '../../shared/contracts/view.ts';
import type { ApiDeps } from './deps.ts';
import type { Notice } from '../read-model/notice.ts';
import { ViewLog } from '../read-model/view-log.ts';
import { StreamClient } from './stream-client.ts';
import { assertRoom } from './stream-room.ts';
import { fileAnswer } from './answers/document-files.ts';

const HEARTBEAT_MS = 5_000;
const TICK_MS = 1_000;
const ROOM = { most: 200, mostOfOne: 32 };
/** A view without readers is kept this long, so that a returning reader gets only the changes. */
const RETENTION_MS = 60_000;

const StreamQuery = Type.Object({
  topics: Type.String({
    maxLength: STREAM_TOPICS.chars,
    description:
      'comma-separated; one or more of region,links,gateways,gateway:owd-01,feeder:owd-1,alarms,areas,event,forecast,plan,command,incident',
  }),
  since: Type.Optional(
    Type.String({
      maxLength: 100,
      description: 'id of the last message received; for the topics in `held`, only later changes are sent',
    }),
  ),
  held: Type.Optional(
    Type.String({ maxLength: STREAM_TOPICS.chars, description: 'topics that the reader already holds up to `since`' }),
  ),
});
type StreamQuery = Static<typeof StreamQuery>;

interface RetainedView {
  readonly log: ViewLog;
  wantedAt: number;
}

/**
 * The event stream of the dashboard (SSE). Each view is sent whole once, then its changes, at most once a second; notices go out at once;
 * heartbeats are separate from data. A slow reader gets the newest values when it catches up.
 */
export class LiveStream {
  readonly #deps: ApiDeps;
  readonly #clients = new Set<StreamClient>();
  readonly #logs = new Map<string, RetainedView>();
  /** Counts the changes of this stream. Positions carry the stream's name, because those of another stream mean nothing here. */
  #position = 0;
  readonly #name: string;
  #timers: Timer[] = [];
  #unsubscribe: () => void = () => undefined;

  constructor(deps: ApiDeps) {
    this.#deps = deps;
    this.#name = deps.newId('str');
  }

  start(): void {
    const { machine } = this.#deps.clock;
    this.#timers = [every(machine, TICK_MS, () => this.#tick()), every(machine, HEARTBEAT_MS, () => this.#heartbeat())];
    const stops = [
      this.#deps.subscribe((notice) => this.#notice(notice)),
      this.#deps.onRights(() => this.#tellStandings()),
    ];
    this.#unsubscribe = () => stops.forEach((stop) => stop());
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#unsubscribe();
    for (const client of this.#clients) client.end();
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
          summary: 'Stream live values as server-sent events: each view whole, then its changes',
          querystring: StreamQuery,
          response: { 200: fileAnswer('server-sent events', ['text/event-stream']) },
        },
      },
      (request, reply) => {
        const person = personOf(callerOf(request).name);
        assertRoom(this.#clients, person, ROOM);
        const { topics: named, held = named, since = request.headers['last-event-id'] } = request.query;
        const topics = [...new Set(named.split(','))];
        if (topics.length > STREAM_TOPICS.most)
          throw new LoadstoneError(
            'LS-API-001',
            `a stream has at most ${STREAM_TOPICS.most} topics, not ${topics.length}`,
            '/querystring/topics',
          );
        reply.hijack();
        const response = reply.raw;
        response.writeHead(200, {
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
          'x-content-type-options': 'nosniff',
        });
        const known = this.#positionOf(since);
        const client = new StreamClient({
          response,
          person,
          topics: new Map(topics.map((topic) => [topic, held.split(',').includes(topic) ? known : -1])),
          caller: callerNow(request),
          machine: this.#deps.clock.machine,
          idOf: (position) => `${this.#name}.${position}`,
        });
        this.#clients.add(client);
        response.on('close', () => this.#clients.delete(client));
        response.on('drain', () => this.#send(client));
        response.write('retry: 2000\n\n');
        client.beat(this.#serverTime());
        client.tellStanding();
        this.#position++;
        for (const topic of topics) this.#look(topic);
        // A reader cannot continue a view whose log no longer reaches back to its position.
        if (known >= 0) client.knows((topic) => this.#logs.get(topic)?.log.holds(known) === true);
        this.#send(client);
      },
    );
  }

  #send(client: StreamClient): void {
    client.send((topic) => this.#logs.get(topic)?.log, this.#position);
  }

  /** Returns the position of an id that this stream issued; -1 for any other. */
  #positionOf(id: unknown): number {
    const [name, position] = typeof id === 'string' ? id.split('.') : [];
    const number = Number(position);
    return name === this.#name && Number.isSafeInteger(number) && number <= this.#position ? number : -1;
  }

  /**
   * Ends the streams of readers whose right, session or token is gone, and tells readers whose desk is locked: at once after a notice,
   * within a second after an expiry.
   */
  #tellStandings(): void {
    for (const client of this.#clients) {
      if (client.tellStanding()) continue;
      this.#clients.delete(client);
      client.end();
    }
  }

  #tick(): void {
    this.#tellStandings();
    const now = this.#deps.clock.machine.elapsed();
    const wanted = new Set([...this.#clients].flatMap(({ topics }) => [...topics.keys()]));
    for (const [topic, retained] of this.#logs) {
      if (wanted.has(topic)) retained.wantedAt = now;
      else if (now - retained.wantedAt > RETENTION_MS) this.#logs.delete(topic);
    }
    this.#position++;
    for (const topic of new Set([...wanted, ...this.#logs.keys()])) this.#look(topic);
    for (const client of this.#clients) this.#send(client);
  }

  #look(topic: string): void {
    const view = this.#view(topic);
    if (view === undefined) return;
    let retained = this.#logs.get(topic);
    if (retained === undefined) {
      retained = { log: new ViewLog(this.#position), wantedAt: this.#deps.clock.machine.elapsed() };
      this.#logs.set(topic, retained);
    }
    retained.log.update(view, this.#position);
  }

  #heartbeat(): void {
    for (const client of this.#clients) client.beat(this.#serverTime());
  }

  #serverTime(): string {
    return JSON.stringify({ serverTime: this.#deps.clock.machine.now() });
  }

  #notice(notice: Notice): void {
    for (const client of this.#clients) if (client.takes(notice)) this.#send(client);
  }

  #view(topic: string): unknown {
    const { views } = this.#deps;
    if (topic === 'region') return views.region();
    if (topic === 'links') return views.links();
    if (topic === 'gateways') return views.gateways().map(ageless);
    if (topic === 'areas') return views.areas();
    if (topic === 'alarms') return views.alarms();
    const id = topic.slice(topic.indexOf(':') + 1);
    if (topic.startsWith('gateway:'))
      return views
        .gateways()
        .filter((gateway) => gateway.id === id)
        .map(ageless)[0];
    return topic.startsWith('feeder:') ? views.feeder(id) : undefined;
  }
}

/** The age changes every second, and readers can compute it from the time of the newest frame. */
const ageless = (gateway: GatewayView): GatewayView => ({ ...gateway, freshnessMs: null });
