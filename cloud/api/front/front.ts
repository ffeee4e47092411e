import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { FastifyInstance } from 'fastify';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { TimeBase } from '../../../shared/time/clock.ts';
import { HTTP_LIMITS, type HttpLimits } from '../http-limits.ts';
import { takeAddresses } from './addresses.ts';
import { LINGER_MS } from './linger.ts';
import type { FrontData, FrontWord } from './protocol.ts';
import { removeLeftovers, removeSocketFolder, socketFolder } from './socket-folder.ts';
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
const AGAIN_MS = 1000;

/**
 * The cloud's open port, held by a thread of its own, a caching reverse proxy: what is kept there is answered whatever the main thread is doing; everything else
 * comes to the HTTP server of `app` over a socket that only this user reaches.
 */
export class Front {
  readonly #state: FrontState;
  readonly #options: FrontOptions;
  #folder: string | undefined;
  #inner = '';
  #worker: Worker | undefined;
  readonly #ending = new AbortController();

  constructor(state: FrontState, options: FrontOptions) {
    this.#state = state;
    this.#options = options;
  }

  /** The port that it listens on. LS-PORT-001 where that is taken, LS-PORT-002 where the threads have no place to meet. */
  async open(): Promise<number> {
    const { app, host, port, time, limits = HTTP_LIMITS } = this.#options;
    await removeLeftovers();
    const { folder, socket } = await socketFolder();
    this.#folder = folder;
    this.#inner = socket;
    takeAddresses(app, { time, limits, ending: this.#ending.signal });
    await app.listen({ path: this.#inner, backlog: BACKLOG });
    try {
      return await this.#start(port);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
        throw new LoadstoneError('LS-PORT-001', `port ${port} on ${host} is taken; api.port wants it`);
      throw error;
    }
  }

  /** Nobody is let in any more; what is not answered by now is cut, and what is answered still reaches who asked. */
  async close(): Promise<void> {
    const { app, time } = this.#options;
    this.#ending.abort();
    const worker = this.#worker;
    worker?.postMessage('close', []);
    const closed = worker && new Promise((resolve) => worker.once('message', resolve).once('exit', resolve));
    await app.close();
    const timer = time.after(LINGER_MS, () => void worker?.terminate());
    await closed;
    timer.cancel();
    await worker?.terminate();
    if (this.#folder !== undefined) await removeSocketFolder(this.#folder);
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
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    const word = await Promise.race([
      once(worker, 'message').then(([said]) => said as FrontWord),
      ended.then((): FrontWord => ({ kind: 'refused', code: '', message: 'the thread ended before it listened' })),
    ]);
    if (word.kind !== 'listening') {
      await worker.terminate();
      throw Object.assign(new Error('the thread of the open port does not listen'), word);
    }
    worker.on('error', (error) => this.#options.onFailure(error));
    worker.on('exit', () => {
      if (this.#ending.signal.aborted) return;
      this.#options.onFailure(new Error('the thread of the open port ended; it is started again'));
      this.#options.time.after(AGAIN_MS, () => this.#again(word.port));
    });
    return word.port;
  }

  #again(port: number): void {
    if (this.#ending.signal.aborted) return;
    this.#start(port).catch((error: unknown) => {
      if (this.#ending.signal.aborted) return;
      this.#options.onFailure(error);
      this.#options.time.after(AGAIN_MS, () => this.#again(port));
    });
  }
}
