import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FastifyInstance } from 'fastify';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { TimeBase } from '../../../shared/time/clock.ts';
import { HTTP_LIMITS, type HttpLimits } from '../http-limits.ts';
import { letGo } from './linger.ts';
import type { FrontData, FrontWord } from './protocol.ts';
import type { FrontState } from './state.ts';

export interface FrontOptions {
  readonly app: FastifyInstance;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly limits?: HttpLimits;
  /** Machine time. */
  readonly time: TimeBase;
  /** The thread died and was started again; whoever was connected connects anew. */
  onFailure(error: unknown): void;
}

const BACKLOG = 4096;
const MOST_ADDRESS = 64;
const AGAIN_MS = 1000;

/**
 * The cloud's open port, held by a thread of its own: what is kept there is answered whatever the main thread is doing; everything else
 * comes to the HTTP server of `app` over a socket that only this user reaches.
 */
export class Front {
  readonly #state: FrontState;
  readonly #options: FrontOptions;
  #folder = '';
  #worker: Worker | undefined;
  #isOpen = true;

  constructor(state: FrontState, options: FrontOptions) {
    this.#state = state;
    this.#options = options;
  }

  /** The port that it listens on. LS-PORT-001 where that is taken. */
  async open(): Promise<number> {
    const { app, host, port, time } = this.#options;
    this.#folder = await mkdtemp(join(tmpdir(), 'loadstone-'));
    takeAddresses(app, time);
    await app.listen({ path: this.#inner, backlog: BACKLOG });
    try {
      return await this.#start(port);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
        throw new LoadstoneError('LS-PORT-001', `port ${port} on ${host} is taken; api.port wants it`);
      throw error;
    }
  }

  /** Nobody is let in any more; who is connected is answered to the end of what was asked, and let go. */
  async close(): Promise<void> {
    this.#isOpen = false;
    this.#worker?.postMessage('close', []);
    await this.#options.app.close();
    await this.#worker?.terminate();
    if (this.#folder !== '') await rm(this.#folder, { recursive: true, force: true });
  }

  get #inner(): string {
    return join(this.#folder, 'http.sock');
  }

  async #start(port: number): Promise<number> {
    const { host, limits = HTTP_LIMITS } = this.#options;
    const { secret, freshness, rates } = this.#state;
    const workerData: FrontData = {
      host,
      port,
      inner: this.#inner,
      secret,
      limits,
      freshness: freshness.cells,
      rates,
    };
    const worker = new Worker(new URL('./front.worker.ts', import.meta.url), { workerData });
    this.#worker = worker;
    const [word] = (await once(worker, 'message')) as [FrontWord];
    if (word.kind === 'refused') {
      await worker.terminate();
      throw Object.assign(new Error(word.message), { code: word.code });
    }
    worker.on('error', (error) => this.#options.onFailure(error));
    worker.on('exit', () => this.#again(word.port));
    return word.port;
  }

  #again(port: number): void {
    if (!this.#isOpen) return;
    this.#start(port).catch((error: unknown) => {
      this.#options.onFailure(error);
      this.#options.time.after(AGAIN_MS, () => this.#again(port));
    });
  }
}

/** The first line of a connection says where its client is; the HTTP server reads what is behind it. */
function takeAddresses({ server }: FastifyInstance, time: TimeBase): void {
  const serve = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => undefined);
    let bytes: Buffer = Buffer.alloc(0);
    const read = (): void => {
      bytes = Buffer.concat([bytes, (socket.read() as Buffer | null) ?? bytes.subarray(0, 0)]);
      const end = bytes.indexOf('\n');
      if (end < 0) {
        if (bytes.length > MOST_ADDRESS) socket.destroy();
        return;
      }
      socket.off('readable', read);
      Object.defineProperty(socket, 'remoteAddress', { value: bytes.toString('latin1', 0, end) });
      if (end + 1 < bytes.length) socket.unshift(bytes.subarray(end + 1));
      socket.destroySoon = () => letGo(socket, time);
      for (const each of serve) each.call(server, socket);
    };
    socket.on('readable', read);
  });
}
