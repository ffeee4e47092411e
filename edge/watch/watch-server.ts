import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { listenOn } from '../local/listen.ts';

export interface WatchSources {
  /** Why the gateway does not do its work, in words; null: the loop ticks and every driver makes progress. */
  stalled(): string | null;
  /** What it lacks for full service. Empty: nothing. */
  lacks(): readonly string[];
  metrics(): Promise<string>;
}

const MAX_CONNECTIONS = 16;
const TIMEOUT_MS = 10_000;

/**
 * `GET /health` and `GET /metrics` for those who watch over computers. Health is 200 while the gateway does its work, be the cloud or
 * a device missing or not, and 503 where it has stalled; `lacks` says what is missing. Nothing can be changed here.
 */
export class WatchServer {
  readonly #sources: WatchSources;
  readonly #http: Server;

  constructor(sources: WatchSources) {
    this.#sources = sources;
    this.#http = createServer({ requestTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS }, (request, response) => {
      // Nobody awaits it: a figure that cannot be gathered must not end the gateway.
      this.#answer(request, response).catch(() => response.writeHead(500).end());
    });
    this.#http.maxConnections = MAX_CONNECTIONS;
  }

  /** Opens `host:port`, and rejects where that cannot be; port 0 takes a free one. */
  listen(address: string): Promise<number> {
    return listenOn(this.#http, address);
  }

  async close(): Promise<void> {
    this.#http.closeAllConnections();
    if (this.#http.listening) await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  async #answer({ method, url }: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (url ?? '').split('?')[0];
    response.setHeader('x-content-type-options', 'nosniff');
    if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405, { allow: 'GET, HEAD' }).end();
    if (path === '/health') {
      const stalled = this.#sources.stalled();
      const body = { status: stalled === null ? 'ok' : 'stalled', stalled, lacks: this.#sources.lacks() };
      response.writeHead(stalled === null ? 200 : 503, { 'content-type': 'application/json' });
      return void response.end(method === 'HEAD' ? undefined : `${JSON.stringify(body)}\n`);
    }
    if (path !== '/metrics') return void response.writeHead(404).end();
    const text = await this.#sources.metrics();
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    response.end(method === 'HEAD' ? undefined : text);
  }
}
