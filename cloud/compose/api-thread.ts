import { MessageChannel, Worker } from 'node:worker_threads';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import type { Owner } from '../api/owner.ts';
import { answerCalls } from '../compute/thread-calls.ts';
import type { ChangeFeed } from '../read-model/change-feed.ts';
import type { FeedWriter } from '../read-model/feed-writer.ts';
import { packedChanges } from '../read-model/packed-changes.ts';
import type { RoleNotice } from '../read-model/notice.ts';
import type { ApiThreadData, ApiThreadStart, ApiWord, StartWord } from './api-thread-data.ts';

export interface ApiThreadOptions {
  readonly start: ApiThreadStart;
  readonly owner: Owner;
  readonly feed: ChangeFeed<RoleNotice>;
  readonly writer: FeedWriter;
  /** Machine time. */
  readonly time: TimeBase;
  /** The thread failed at something, or died and is started again; whoever was connected connects anew. */
  onFailure(error: unknown): void;
}

const AGAIN_MS = 1_000;
const LINGER_MS = 2_000;

/**
 * The api role in a thread of its own: no computation of the control room delays what it answers by itself. It holds the open port;
 * what it knows comes by the feed, and what it wants done goes to the owner.
 */
export class ApiThread {
  readonly #options: ApiThreadOptions;
  #worker: Worker | undefined;
  #isEnding = false;

  constructor(options: ApiThreadOptions) {
    this.#options = options;
  }

  /** The port that it listens on. LS-PORT-001 where that is taken. */
  async open(): Promise<number> {
    const { host, port } = this.#options.start;
    const word = await this.#start(port);
    if (word.kind === 'listening') return word.port;
    if (word.code === 'EADDRINUSE')
      throw new LoadstoneError('LS-PORT-001', `port ${port} on ${host} is taken; api.port wants it`);
    throw new Error(word.message);
  }

  /** Nobody is let in any more, and connections are cut; an act under way is done and written down, for 2 s at the most. */
  async close(): Promise<void> {
    this.#isEnding = true;
    const worker = this.#worker;
    if (worker === undefined) return;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.postMessage('close', []);
    const timer = this.#options.time.after(LINGER_MS, () => void worker.terminate());
    await ended;
    timer.cancel();
  }

  async #start(port: number): Promise<StartWord> {
    const { start, owner, feed, writer } = this.#options;
    const calls = new MessageChannel();
    const changes = new MessageChannel();
    answerCalls(calls.port1, owner, () => {
      writer.look();
      return feed.position;
    });
    answerCalls(changes.port1, { after: async (position: number) => packedChanges(await feed.after(position)) });
    const workerData: ApiThreadData = { ...start, port, calls: calls.port2, changes: changes.port2 };
    const worker = new Worker(new URL('./api.worker.ts', import.meta.url), {
      workerData,
      transferList: [calls.port2, changes.port2],
    });
    this.#worker = worker;
    worker.once('exit', () => {
      calls.port1.close();
      changes.port1.close();
      if (this.#worker === worker) this.#worker = undefined;
    });
    const word = await new Promise<StartWord>((resolve) => {
      worker.on('message', (said: ApiWord) =>
        said.kind === 'failed' ? this.#options.onFailure(said.error) : resolve(said),
      );
      worker.on('error', (error) => this.#options.onFailure(error));
      worker.once('exit', () => resolve(refused('it ended before it listened')));
    });
    if (word.kind === 'listening') worker.on('exit', () => this.#again(word.port));
    else await worker.terminate();
    return word;
  }

  #again(port: number): void {
    if (this.#isEnding) return;
    this.#options.onFailure(new Error('the thread of the API ended; it is started again'));
    this.#options.time.after(AGAIN_MS, async () => {
      if (this.#isEnding) return;
      const word = await this.#start(port).catch((error: unknown) => refused(String(error)));
      if (word.kind === 'listening') return;
      this.#options.onFailure(new Error(`the thread of the API does not listen: ${word.message}`));
      this.#again(port);
    });
  }
}

const refused = (message: string): StartWord => ({ kind: 'refused', code: undefined, message });
