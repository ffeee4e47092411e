import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import type { IncidentView } from '../../../shared/contracts/incident.ts';
import type { SessionView } from '../../../shared/contracts/view.ts';
import { fits, type EventFilter } from '../web/lib/event-filter.ts';
import { deviceRows, forecast, measurements, plan, trends } from './fixture-answers.ts';
import { SCENARIOS, scorecard, vintage, vintages, weekAhead } from './fixture-scores.ts';
import { FixtureAlarms } from './fixture-alarms.ts';
import { siteOf, SITES } from './fixture-sites.ts';
import { pastFeeder, pastRegion } from './fixture-past.ts';
import { FixtureWorld } from './fixture-world.ts';

export const FIXTURE_USER = { name: 'demo-operator', password: 'shown-in-the-demo' };
/** Events that one request scans. */
const SEARCHED = 300;
const COOKIE = 'loadstone-session=fixture';
const CSRF = 'fixture-csrf';

/** The policy that the cloud sends with each answer. */
const HEADERS = {
  'content-security-policy':
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

export interface FixtureOptions {
  /** Folder of the built page. */
  readonly root: string;
  readonly port?: number;
  readonly speed?: number;
  /** Plant time at the start, ms UTC. */
  readonly start?: number;
}

/** Serves the page and an API over a fixture world, for developing and testing the page alone. */
export class FixtureServer {
  readonly world: FixtureWorld;
  readonly alarms = new FixtureAlarms();
  /** Incidents, newest first. */
  incidents: readonly IncidentView[] = [];
  readonly #options: FixtureOptions;
  readonly #server: Server;
  readonly #streams = new Map<ServerResponse, readonly string[]>();
  #timers: NodeJS.Timeout[] = [];
  /** While true, heartbeats stop and views do not change, like a hanging server. */
  frozen = false;
  /** While true, past moments get no answer. */
  isStoreAway = false;
  /** Past moments that were requested. */
  readonly asked: number[] = [];

  constructor(options: FixtureOptions) {
    this.#options = options;
    this.world = new FixtureWorld(options.speed ?? 60, options.start);
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  async start(): Promise<string> {
    await this.alarms.start();
    await new Promise<void>((done) => this.#server.listen(this.#options.port ?? 0, '127.0.0.1', done));
    this.#timers = [
      setInterval(() => void this.#sendViews(), 1000),
      setInterval(() => this.#broadcast('heartbeat', 'heartbeat', { serverTime: Date.now() }), 5000),
      setInterval(() => this.#broadcast('event', 'event', this.world.happen()), 7000),
    ];
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.alarms.rig.close();
    this.#server.closeAllConnections();
    await new Promise<void>((done) => this.#server.close(() => done()));
  }

  #send(response: ServerResponse, event: string, data: unknown): void {
    response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  #broadcast(topic: string, event: string, data: unknown): void {
    if (this.frozen) return;
    for (const [response, topics] of this.#streams)
      if (topic === 'heartbeat' || topics.includes(topic)) this.#send(response, event, data);
  }

  async #sendViews(): Promise<void> {
    await this.alarms.advanceTo(this.world.now());
    for (const topic of new Set([...this.#streams.values()].flat())) {
      const view = this.#view(topic);
      if (view !== undefined) this.#broadcast(topic, topic.split(':')[0]!, view);
    }
  }

  #view(topic: string): unknown {
    if (topic === 'region') return this.world.region();
    if (topic === 'gateways') return this.world.gateways();
    if (topic === 'links')
      return this.world.gateways().map(({ id, link, health }) => {
        const devices = health?.devices ?? [];
        return {
          id,
          state: link.state,
          devices: devices.length,
          seen: devices.filter((device) => device.link === 'up').length,
        };
      });
    if (topic.startsWith('gateway:')) return this.world.gateways().find(({ id }) => id === topic.slice(8));
    if (topic === 'areas') return this.world.areas();
    if (topic === 'alarms') return this.alarms.rig.alarms.view();
    return topic.startsWith('feeder:') ? this.world.feeder(topic.slice(7)) : undefined;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (!url.pathname.startsWith('/v1/')) return this.#file(url.pathname, response);
    if (url.pathname === '/v1/session') return this.#session(request, response);
    if (url.pathname === '/v1/stream') return this.#open(url, request, response);
    if (url.pathname.startsWith('/v1/alarms')) return this.#alarms(url, request, response);
    if (request.method === 'POST' && url.pathname === '/v1/forecasts') return this.#week(request, response);
    if (request.method === 'POST') return this.#spike(request, response);
    const at = url.searchParams.get('at');
    if (url.pathname.startsWith('/v1/view/') && at !== null) return this.#past(url.pathname, Date.parse(at), response);
    const body = this.#read(url);
    if (body === null || body === undefined)
      return this.#json(response, 404, problem(404, 'LS-API-004', `there is no ${url.pathname} yet`));
    this.#json(response, 200, body);
  }

  #past(path: string, at: number, response: ServerResponse): void {
    const { world } = this;
    this.asked.push(at);
    if (this.isStoreAway)
      return this.#json(response, 503, problem(503, 'LS-STORE-001', 'InfluxDB at http://store:8086: no answer'));
    if (at > world.now()) return this.#json(response, 422, problem(422, 'LS-API-007', 'that moment has not come'));
    const feeder = path.split('/')[4];
    const view = feeder === undefined ? pastRegion(world, at) : pastFeeder(world, feeder, at);
    if (view === undefined)
      return this.#json(response, 404, problem(404, 'LS-PLAYBACK-001', `nothing is stored for ${feeder}`));
    this.#json(response, 200, view);
  }

  #incidents(query: URLSearchParams): { items: readonly IncidentView[]; nextCursor: string | null } {
    const from = Number(query.get('cursor') ?? 0);
    const end = from + Number(query.get('limit') ?? 50);
    return { items: this.incidents.slice(from, end), nextCursor: end < this.incidents.length ? String(end) : null };
  }

  #read(url: URL): unknown {
    const [, , first = '', second = '', third = ''] = url.pathname.split('/');
    const { world } = this;
    if (first === 'view' && second === 'region') return world.region();
    if (first === 'view' && second === 'gateways') return { items: world.gateways() };
    if (first === 'view' && second === 'feeders') return world.feeder(third);
    if (first === 'events') return this.#events(url.searchParams);
    if (first === 'devices') return this.#devices(url.searchParams.get('substation'));
    if (first === 'commands') return { items: [], nextCursor: null };
    if (first === 'incidents' && second === '') return this.#incidents(url.searchParams);
    if (first === 'incidents') return this.incidents.find(({ id }) => String(id) === second);
    if (first === 'trends') return trends(url.searchParams, world.now());
    if (first === 'measurements') {
      const start = Date.parse(url.searchParams.get('start') ?? '');
      const end = Date.parse(url.searchParams.get('end') ?? '');
      const load = url.searchParams.get('load') === 'uncontrolled' ? 'uncontrolled' : 'net';
      const targets = (url.searchParams.get('target') ?? '').split(',');
      return {
        items: targets.map((target) => measurements(target, { start, end, now: world.now(), load })),
        nextCursor: null,
      };
    }
    const target = url.searchParams.get('target') ?? '';
    if (first === 'forecasts' && second === '') return { items: vintages(target, world.now()), nextCursor: null };
    if (first === 'forecasts') return vintage(decodeURIComponent(second), world.now());
    if (first === 'scenarios') return { items: SCENARIOS, nextCursor: null };
    if (first === 'scorecards') return { items: scorecard(target), nextCursor: null };
    if (first === 'substations' && second === '')
      return { items: SITES.map(({ id, name }) => ({ id, name, timezone: 'Europe/Amsterdam' })), nextCursor: null };
    if (third === 'forecast') return forecast(`${first.slice(0, -1)}:${second}`, world.now());
    return first === 'feeders' && third === 'plan' ? plan(second, world.now()) : undefined;
  }

  #devices(substation: string | null): unknown {
    const items = this.world
      .region()
      .substations.filter(({ id }) => substation === null || id === substation)
      .flatMap(({ gateway, feeders }) =>
        feeders.flatMap((feeder) => {
          const view = this.world.feeder(feeder);
          return view === undefined ? [] : deviceRows(view, gateway);
        }),
      );
    return { items, total: items.length, nextCursor: null };
  }

  #events(query: URLSearchParams): unknown {
    const limit = Number(query.get('limit') ?? 100);
    const before = Number(query.get('cursor') ?? Number.MAX_SAFE_INTEGER);
    const severity = query.get('severity');
    const filter = {
      least: (query.get('severityFrom') ?? 'info') as EventFilter['least'],
      kind: (query.get('kind') ?? 'all') as EventFilter['kind'],
      text: query.get('q') ?? '',
    };
    const to = Date.parse(query.get('to') ?? '') || Number.POSITIVE_INFINITY;
    const part = this.world.events.filter(({ id }) => id < before).slice(0, SEARCHED);
    const items = part.filter(
      (each) => each.time < to && (severity === null || each.severity === severity) && fits(each, filter),
    );
    const shown = items.slice(0, limit);
    const back = shown.length === limit ? shown.at(-1) : part.at(-1);
    const isEnd = back === undefined || this.world.events.at(-1)!.id === back.id;
    return { items: shown, nextCursor: isEnd ? null : String(back.id), searchedTo: back?.time ?? null };
  }

  async #session(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let signedIn = isSignedIn(request);
    if (request.method === 'POST') {
      const { user, password } = JSON.parse(await bodyOf(request)) as { user: string; password: string };
      if (user !== FIXTURE_USER.name || password !== FIXTURE_USER.password)
        return this.#json(response, 401, problem(401, 'LS-API-002', 'name or password is wrong'));
      signedIn = true;
      response.setHeader('set-cookie', `${COOKIE}; Path=/; HttpOnly; SameSite=Strict`);
    }
    if (request.method === 'DELETE') {
      signedIn = false;
      response.setHeader('set-cookie', `${COOKIE}; Path=/; Max-Age=0`);
    }
    const guest: SessionView = { user: null, rights: ['planner:read'], csrf: null, demo: FIXTURE_USER };
    const user = { name: FIXTURE_USER.name, roles: ['operator', 'planner'], mustChange: false };
    this.#json(
      response,
      200,
      signedIn ? { ...guest, user, rights: ['planner:read', 'planner:write', 'operate'], csrf: CSRF } : guest,
    );
  }

  async #alarms(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET' } = request;
    if (method !== 'GET' && (!isSignedIn(request) || request.headers['x-csrf-token'] !== CSRF))
      return this.#json(response, 401, problem(401, 'LS-API-002', 'sign in, or send a token'));
    const text = await bodyOf(request);
    const { status, body } = await this.alarms.answer(method, url, text === '' ? undefined : JSON.parse(text));
    this.#json(response, status, body);
  }

  async #week(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { target, horizon } = JSON.parse(await bodyOf(request)) as { target: string; horizon?: string };
    const body = horizon === 'P7D' ? weekAhead(target, this.world.now()) : null;
    if (body === null) return this.#json(response, 422, problem(422, 'LS-API-007', 'no such forecast'));
    this.#json(response, 200, body);
  }

  async #spike(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(request);
    if (!isSignedIn(request) || request.headers['x-csrf-token'] !== CSRF)
      return this.#json(response, 401, problem(401, 'LS-API-002', 'sign in, or send a token'));
    const { feeder, durationS } = JSON.parse(text) as { feeder: string; durationS: number };
    const now = this.world.now();
    this.world.faults.spikeFeeder = feeder;
    this.world.faults.spikeUntil = now + durationS * 1000;
    const gateway = `${siteOf(feeder)?.id}-01`;
    const event = this.world.addEvent({
      time: now,
      source: gateway,
      kind: 'event',
      severity: 'medium',
      code: 'guard.relief',
      text: `Guard relieves 420 kW at ${feeder}: load rose by 30 %.`,
      device: null,
      subject: feeder,
      active: null,
    });
    this.#broadcast('event', 'event', event);
    this.#json(response, 202, { kind: 'spike', feeder, durationS, acceptedAt: new Date(now).toISOString() });
  }

  #open(url: URL, request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, {
      ...HEADERS,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
    const topics = (url.searchParams.get('topics') ?? '').split(',');
    this.#streams.set(response, topics);
    request.on('close', () => this.#streams.delete(response));
    response.write('retry: 2000\n\n');
    if (this.frozen) return;
    this.#send(response, 'heartbeat', { serverTime: Date.now() });
    for (const topic of topics) {
      const view = this.#view(topic);
      if (view !== undefined) this.#send(response, topic.split(':')[0]!, view);
    }
  }

  #file(path: string, response: ServerResponse): void {
    const file = join(this.#options.root, normalize(path));
    const found = existsSync(file) && statSync(file).isFile() ? file : join(this.#options.root, 'index.html');
    response.writeHead(200, { ...HEADERS, 'content-type': TYPES[extname(found)] ?? 'application/octet-stream' });
    response.end(readFileSync(found));
  }

  #json(response: ServerResponse, status: number, body: unknown): void {
    const type = status < 400 ? 'application/json' : 'application/problem+json';
    response.writeHead(status, { ...HEADERS, 'content-type': type });
    response.end(JSON.stringify(body));
  }
}

const isSignedIn = (request: IncomingMessage): boolean => request.headers.cookie?.includes(COOKIE) === true;

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += String(part);
  return text;
}

const problem = (status: number, code: string, detail: string): unknown => ({
  type: `urn:loadstone:error:${code}`,
  title: detail,
  status,
  detail,
  code,
  remedy: '',
});

if (import.meta.main) {
  const server = new FixtureServer({
    root: join(import.meta.dirname, '../dist'),
    port: Number(process.env['PORT'] ?? 8090),
  });
  process.stdout.write(`${await server.start()}\n`);
}
