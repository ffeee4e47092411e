import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { ErrorCode } from '../../shared/outcome/catalogue.ts';
import { ALIVE, type TlsMaterial } from '../api/app.ts';
import { problem } from '../api/problem.ts';
import { listen } from '../ingest/listen.ts';

export interface PlainAnswer {
  readonly status: number;
  readonly type: 'application/json; charset=utf-8' | 'application/problem+json' | 'text/plain; version=0.0.4';
  readonly body: string;
}

export interface PlainDoorOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsMaterial | undefined;
  /** `path`: what is read; undefined for whatever is to change something. */
  readonly answer: (path: string | undefined) => PlainAnswer;
}

const alive: PlainAnswer = { status: 200, type: 'application/json; charset=utf-8', body: '{"alive":true}' };

/** At /health: 200 where all is well, else 503. */
export const healthAnswer = (ok: boolean, found: object): PlainAnswer => ({
  status: ok ? 200 : 503,
  type: 'application/json; charset=utf-8',
  body: JSON.stringify({ ok, ...found }),
});

export function refusedAnswer(code: ErrorCode, detail: string): PlainAnswer {
  const refused = problem(code, detail);
  return { status: refused.status, type: 'application/problem+json', body: JSON.stringify(refused) };
}

/** What a process without page and API answers at their port, to whatever watches over its machine. */
export class PlainDoor {
  readonly #server: Server;
  readonly port: number;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  /** LS-PORT-001 where the port is busy. */
  static async open({ host, port, tls, answer }: PlainDoorOptions): Promise<PlainDoor> {
    const listener: RequestListener = ({ method = '', url = '' }, response) => {
      const path = /^(?:GET|HEAD)$/.test(method) ? url.split('?')[0] : undefined;
      const { status, type, body } = path === ALIVE ? alive : answer(path);
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', connection: 'close' }).end(body);
    };
    const server =
      tls === undefined ? createServer(listener) : createSecureServer({ ...tls, minVersion: 'TLSv1.2' }, listener);
    return new PlainDoor(server, await listen(server, { host, port, key: 'api.port' }));
  }

  /** Lets the port go. */
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
