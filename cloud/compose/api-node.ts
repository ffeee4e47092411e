import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { SeededRandom } from '../../shared/ports/random.ts';
import { serviceManager } from '../../shared/service/service-manager.ts';
import { Watchdog } from '../../shared/service/watchdog.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { VERSION } from '../../shared/version.ts';
import type { NodeStanding } from '../api/deps.ts';
import { callsOver, type Remote } from '../compute/thread-calls.ts';
import type { CloudConfig } from '../config.ts';
import { rabbitAddress } from '../ingest/rabbitmq/rabbitmq-config.ts';
import { openNodeWire } from '../nodes/amqp-wire.ts';
import type { Welcome } from '../nodes/messages.ts';
import { NodeLine } from '../nodes/node-line.ts';
import type { NodeWire, NodeWireEvents } from '../nodes/wire.ts';
import type { Postgres } from '../sql/postgres.ts';
import type { FeedCalls } from './answer-role.ts';
import { assertClosedDoor, readTls, tlsFilesOf, urlOf, type TlsFiles } from './api-door.ts';
import type { SharedStart } from './api-nodes.ts';
import { Heard, serveApi, type ApiServer } from './api-server.ts';
import { openLog } from './log.ts';
import { healthAnswer, PlainDoor, refusedAnswer } from './plain-door.ts';
import { readerOf, readStoresOfNode } from './read-stores.ts';
import type { RunningCloud } from './running.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';

export interface ApiNodeParts {
  readonly config: CloudConfig;
  readonly dashboardRoot: string | undefined;
  readonly time: TimeBase;
  readonly logger: Logger;
  /** Called with the URL once it answers. */
  readonly onServing: (url: string) => void;
}

const AGAIN_MS = 1000;

/** An api role in a process of its own: it follows the current owner of the database, and stores nothing itself. */
export class ApiNode {
  readonly #parts: ApiNodeParts;
  readonly #tls: TlsFiles | undefined;
  readonly #database: Postgres;
  readonly #heard = new Heard();
  readonly #line: NodeLine;
  readonly #changes: Remote<FeedCalls>;
  /** The feed that the model belongs to. */
  #feed: string | undefined;
  /** Counts the owners followed so far; a loop that follows an earlier one stops. */
  #turn = 0;
  #away: { readonly since: number; readonly why: string } | undefined;
  #followedSince = 0;
  #door: PlainDoor | undefined;
  #port: number;
  #api: ApiServer | undefined;
  #served: SharedStart | undefined;
  #running: Promise<void> = Promise.resolve();
  /** Serialises opening and closing of page and API. */
  #changing: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(parts: ApiNodeParts) {
    const { config, time } = parts;
    this.#parts = parts;
    assertClosedDoor(config.api);
    const { rabbitmq } = config.uplink;
    const { postgres } = config.state;
    if (rabbitmq === undefined || postgres === undefined)
      throw new TypeError('an api node without uplink.rabbitmq or state.postgres was let through');
    const address = rabbitAddress(rabbitmq);
    this.#tls = tlsFilesOf(config.api, resolve(config.data));
    if (this.#tls !== undefined) readTls(this.#tls);
    this.#database = readerOf(postgres, time);
    this.#port = config.api.port;
    this.#away = { since: time.now(), why: 'this node has not found its owner yet' };
    this.#line = new NodeLine({
      version: VERSION,
      open: (events: NodeWireEvents): Promise<NodeWire> => openNodeWire(address, events),
      key: () => this.#database.nodeKey(),
      time,
      random: new SeededRandom(randomInt(2 ** 32)),
      onFollow: (welcome) => void this.#follow(welcome as Welcome<SharedStart>),
      onAway: (why) => this.#lost(why),
    });
    this.#changes = callsOver<FeedCalls>(this.#line.lines.changes);
  }

  /**
   * Opens its port and starts to look for the owner. Rejects with LS-PORT-001 if the port is busy, LS-STATE-001 if the database is not
   * reached.
   */
  async open(): Promise<string> {
    const { config, logger } = this.#parts;
    await this.#database.reached();
    this.#door = await PlainDoor.open({
      host: config.api.host,
      port: this.#port,
      tls: this.#tls === undefined ? undefined : readTls(this.#tls),
      answer: (path) => {
        const health = this.#standing.health();
        if (path === '/health') return healthAnswer(health.ok, health);
        return refusedAnswer('LS-API-009', this.#standing.away() ?? 'this node is starting');
      },
    });
    this.#port = this.#door.port;
    logger.info({ port: this.#port }, 'GET /health shows whether this api node is connected to its owner');
    this.#running = this.#line.run();
    return this.url;
  }

  get url(): string {
    return urlOf(this.#parts.config.api.host, this.#port, this.#tls);
  }

  /** An act in progress is completed and audited, provided the owner answers. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#turn++;
    await using ending = new AsyncDisposableStack();
    ending.defer(() => this.#database.close());
    ending.defer(() => this.#running);
    ending.defer(() => this.#line.close());
    await this.#inTurn(() => this.#shut());
  }

  readonly #standing: NodeStanding = {
    away: () =>
      this.#away === undefined
        ? undefined
        : `the owner of this cloud has been away since ${new Date(this.#away.since).toISOString()}: ${this.#away.why}`,
    health: () =>
      this.#away === undefined
        ? { ok: true, owner: 'ok', since: new Date(this.#followedSince).toISOString() }
        : { ok: false, owner: `away: ${this.#away.why}`, since: new Date(this.#away.since).toISOString() },
  };

  #lost(why: string): void {
    this.#turn++;
    if (!this.#isClosed) this.#isAway(why);
  }

  #isAway(why: string): void {
    const { time, logger } = this.#parts;
    if (this.#away?.why !== why) logger.error({ code: 'LS-API-009' }, `the owner is away: ${why}`);
    this.#away = { since: this.#away?.since ?? time.now(), why };
  }

  /** Follows one owner until it is lost; retries failures. */
  async #follow({ feed, about }: Welcome<SharedStart>): Promise<void> {
    const turn = ++this.#turn;
    const { model } = this.#heard;
    while (turn === this.#turn) {
      try {
        if (feed !== this.#feed) {
          const snapshot = await this.#changes.after(0);
          if (turn !== this.#turn) return;
          model.begin(snapshot);
          this.#feed = feed;
        }
        await this.#inTurn(() => (turn === this.#turn ? this.#serve(about) : Promise.resolve()));
        if (turn !== this.#turn) return;
        this.#follows();
        const changes = await this.#changes.after(model.position);
        if (turn !== this.#turn) return;
        model.take(changes);
      } catch (error) {
        if (turn !== this.#turn) return;
        this.#isAway(messageOf(error));
        await new Promise<void>((resolve) => this.#parts.time.after(AGAIN_MS, resolve));
      }
    }
  }

  #follows(): void {
    if (this.#away === undefined) return;
    this.#away = undefined;
    this.#followedSince = this.#parts.time.now();
    this.#parts.logger.info('connected to the owner');
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    const changed = this.#changing.then(change);
    this.#changing = changed.catch(() => undefined);
    return changed;
  }

  async #shut(): Promise<void> {
    const [api, door] = [this.#api, this.#door];
    this.#served = this.#api = this.#door = undefined;
    try {
      await api?.close();
    } finally {
      await door?.close();
    }
  }

  /** Serves page and API as the owner's configuration has them; restarts them if it has changed. */
  async #serve(about: SharedStart): Promise<void> {
    if (isDeepStrictEqual(about, this.#served)) return;
    const { config, dashboardRoot, logger, onServing } = this.#parts;
    await this.#shut();
    const { api, attack } = config;
    this.#api = await serveApi({
      start: {
        ...about,
        settings: {
          ...about.settings,
          // The owner does not know the person at this machine.
          guests: false,
          demoUser: undefined,
          publicOrigin: api.publicOrigin,
          tls: this.#tls !== undefined,
          trustedProxies: api.trustedProxies,
          allowedHosts: api.allowedHosts,
          dashboardRoot,
          attackAllowed: attack.allow,
        },
        host: api.host,
        port: this.#port,
        ...(this.#tls === undefined ? {} : { tls: this.#tls }),
      },
      heard: this.#heard,
      reads: (owner) => readStoresOfNode(this.#database, about.alarmRules, owner.exports),
      calls: this.#line.lines.calls,
      node: this.#standing,
      failed: (error) => logger.error({ err: error }, 'task failed'),
    });
    this.#served = about;
    onServing(this.url);
  }
}

/** Starts an api node; its owner may start later. `dashboardRoot`: folder of the built page; undefined: only the API. */
export async function startApiNode(
  config: CloudConfig,
  dashboardRoot: string | undefined,
  say: (line: string) => void,
): Promise<RunningCloud> {
  const logger = openLog(process.env);
  const onFailure = (error: unknown): void => logger.error({ err: error }, 'task failed');
  const { machine: time } = new SystemClock(onFailure);
  await using opened = new AsyncDisposableStack();
  opened.defer(() => logger.flush());
  const node = new ApiNode({
    config,
    dashboardRoot,
    time,
    logger,
    onServing: (url) => say(`Loadstone api node ${VERSION}: ${url}`),
  });
  opened.defer(() => node.close());
  const url = await node.open();
  const manager = serviceManager(process.env, onFailure);
  const watchdog = manager === undefined ? undefined : new Watchdog({ ...manager, machine: time });
  opened.defer(() => watchdog?.stop());
  watchdog?.start();
  const running = opened.move();
  // It holds nothing that it could lose.
  return { url, lost: new Promise<never>(() => undefined), stop: () => running.disposeAsync() };
}
