import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { listenOn } from '../local/listen.ts';

export interface WatchSources {
  /** Why the gateway is stalled; null: the loop ticks and every driver makes progress. */
  stalled(): string | null;
  /** What it lacks for full service; empty: nothing. */
  lacks(): readonly string[];
  metrics(): Promise<string>;
}

const MAX_CONNECTIONS = 16;
const TIMEOUT_MS = 10_000;

/**
 * `GET /health` and `GET /metrics` for monitoring systems. Health is 200 while the gateway works, even without the cloud or a
 * device, and 503 when it has stalled; `lacks` says what is missing. Read-only.
 */
export class WatchServer {
  readonly #sources: WatchSources;
  readonly #http: Server;

  constructor(sources: WatchSources) {
    this.#sources = sources;
    this.#http = createServer({ requestTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS }, (request, response) => {
      // Nothing awaits it, and a metric that cannot be collected must not end the gateway.
      this.#answer(request, response).catch(() => response.writeHead(500).end());
    });
    this.#http.maxConnections = MAX_CONNECTIONS;
  }

  /** Listens on `host:port`; port 0 takes a free one. Rejects if that is impossible. */
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
