import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { problem } from '../api/problem.ts';
import type { TlsMaterial } from '../api/app.ts';
import { listen } from '../ingest/listen.ts';

export interface StandbyDoorOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsMaterial | undefined;
  /** Why this cloud stands by, and whether it could take over. */
  readonly standing: () => { readonly ok: boolean; readonly why: string };
}

/**
 * What a cloud that stands by answers at the port of page and API: whether it could take over, and to all else who is to be asked. So whatever watches
 * over the machine leaves it alone, and a proxy in front of both goes to the other.
 */
export class StandbyDoor {
  readonly #server: Server;
  readonly port: number;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  /** LS-PORT-001 where the port is busy. */
  static async open({ host, port, tls, standing }: StandbyDoorOptions): Promise<StandbyDoor> {
    const answer: RequestListener = ({ method = '', url = '' }, response) => {
      const path = /^(?:GET|HEAD)$/.test(method) ? url.split('?')[0] : undefined;
      const send = (status: number, type: string, body: string): void =>
        void response
          .writeHead(status, { 'content-type': type, 'cache-control': 'no-store', connection: 'close' })
          .end(body);
      const { ok, why } = standing();
      const told = `stands by: ${why}`;
      if (path === '/health')
        send(ok ? 200 : 503, 'application/json; charset=utf-8', JSON.stringify({ ok, standby: told }));
      else if (path === '/metrics') send(200, 'text/plain; version=0.0.4', METRICS);
      else send(503, 'application/problem+json', JSON.stringify(problem('LS-STANDBY-001', told)));
    };
    const server =
      tls === undefined ? createServer(answer) : createSecureServer({ ...tls, minVersion: 'TLSv1.2' }, answer);
    return new StandbyDoor(server, await listen(server, { host, port, key: 'api.port' }));
  }

  /** Lets the port go. */
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

const METRICS =
  '# HELP loadstone_standby 1: this cloud stands by\n# TYPE loadstone_standby gauge\nloadstone_standby 1\n';
