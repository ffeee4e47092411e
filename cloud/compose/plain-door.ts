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
  /** `path`: the path of a read; undefined for any other request. `authorization`: its header. */
  readonly answer: (path: string | undefined, authorization: string | undefined) => PlainAnswer | Promise<PlainAnswer>;
  readonly onFailure?: ((error: unknown) => void) | undefined;
}

const alive: PlainAnswer = { status: 200, type: 'application/json; charset=utf-8', body: '{"alive":true}' };

/** For /health: 200 if all is well, otherwise 503. */
export const healthAnswer = (ok: boolean, found: object): PlainAnswer => ({
  status: ok ? 200 : 503,
  type: 'application/json; charset=utf-8',
  body: JSON.stringify({ ok, ...found }),
});

export function refusedAnswer(code: ErrorCode, detail: string): PlainAnswer {
  const refused = problem(code, detail);
  return { status: refused.status, type: 'application/problem+json', body: JSON.stringify(refused) };
}

const ignore = (): void => undefined;

/** A minimal server at the port of page and API, for processes without these; mainly for monitoring. */
export class PlainDoor {
  readonly #server: Server;
  readonly port: number;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  /** Rejects with LS-PORT-001 if the port is busy. */
  static async open({ host, port, tls, answer, onFailure = ignore }: PlainDoorOptions): Promise<PlainDoor> {
    const listener: RequestListener = ({ method = '', url = '', headers }, response) => {
      const path = /^(?:GET|HEAD)$/.test(method) ? url.split('?')[0] : undefined;
      const send = ({ status, type, body }: PlainAnswer): void =>
        void response
          .writeHead(status, { 'content-type': type, 'cache-control': 'no-store', connection: 'close' })
          .end(body);
      const found = path === ALIVE ? alive : answer(path, headers.authorization);
      if (!(found instanceof Promise)) return send(found);
      found.then(send, (error: unknown) => {
        onFailure(error);
        send(refusedAnswer('LS-API-010', 'internal error; details are in the log'));
      });
    };
    const server =
      tls === undefined ? createServer(listener) : createSecureServer({ ...tls, minVersion: 'TLSv1.2' }, listener);
    // A monitor that could not be accepted asks again.
    return new PlainDoor(server, await listen(server, { host, port, key: 'api.port' }, ignore));
  }

  /** Closes the port. */
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
