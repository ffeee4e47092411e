import { MessageChannel, Worker } from 'node:worker_threads';
import { portFault } from '../../shared/service/taken-port.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import { portLine } from '../compute/thread-calls.ts';
import { answerRole, type AnsweringParts } from './answer-role.ts';
import type { ApiThreadData, ApiThreadStart, ApiMessage, StartMessage } from './api-thread-data.ts';
import { Beat } from './beat.ts';

export interface ApiThreadOptions extends AnsweringParts {
  readonly start: ApiThreadStart;
  /** Machine time. */
  readonly time: TimeBase;
  /** The thread failed, or died and will be restarted. Clients reconnect. */
  readonly onFailure: (error: unknown) => void;
}

const AGAIN_MS = 1_000;
const LINGER_MS = 2_000;
const BEAT_MS = 1_000;

/**
 * The api role in its own thread, so that control-room computations do not delay answers. It owns the open port, receives state through the
 * feed, and sends requests to the owner.
 */
export class ApiThread {
  readonly #options: ApiThreadOptions;
  /** Beat of the owner's thread, by which the API detects that it hangs. */
  readonly #beat = new Beat();
  #beating: Timer | undefined;
  #worker: Worker | undefined;
  #isEnding = false;

  constructor(options: ApiThreadOptions) {
    this.#options = options;
  }

  /** Starts the thread and returns its port. Rejects with LS-PORT-001 if the port is busy. */
  async open(): Promise<number> {
    const { start, time } = this.#options;
    const { host, port } = start;
    this.#beat.beat(time.elapsed());
    this.#beating = every(time, BEAT_MS, () => this.#beat.beat(time.elapsed()));
    try {
      const answer = await this.#start(port);
      if (answer.kind === 'listening') return answer.port;
      throw portFault(answer.code, { host, port, key: 'api.port' }) ?? new Error(answer.message);
    } catch (error) {
      this.#beating.cancel();
      throw error;
    }
  }

  /** Accepts no new clients and closes connections. An act in progress is completed and audited, for at most 2 s. */
  async close(): Promise<void> {
    this.#isEnding = true;
    this.#beating?.cancel();
    const worker = this.#worker;
    if (worker === undefined) return;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.postMessage('close', []);
    const timer = this.#options.time.after(LINGER_MS, () => void worker.terminate());
    await ended;
    timer.cancel();
  }

  async #start(port: number): Promise<StartMessage> {
    const { start } = this.#options;
    const calls = new MessageChannel();
    const changes = new MessageChannel();
    answerRole(this.#options, { calls: portLine(calls.port1), changes: portLine(changes.port1) });
    const workerData: ApiThreadData = {
      ...start,
      port,
      calls: calls.port2,
      changes: changes.port2,
      beat: this.#beat.memory,
    };
    const hangUp = (): void => {
      calls.port1.close();
      changes.port1.close();
    };
    let worker: Worker;
    try {
      worker = new Worker(new URL('./api.worker.ts', import.meta.url), {
        workerData,
        transferList: [calls.port2, changes.port2],
      });
    } catch (error) {
      hangUp();
      throw error;
    }
    this.#worker = worker;
    worker.once('exit', () => {
      hangUp();
      if (this.#worker === worker) this.#worker = undefined;
    });
    const answer = await new Promise<StartMessage>((resolve) => {
      worker.on('message', (said: ApiMessage) =>
        said.kind === 'failed' ? this.#options.onFailure(said.error) : resolve(said),
      );
      worker.on('error', (error) => this.#options.onFailure(error));
      worker.once('exit', () => resolve(refused('it ended before listening')));
    });
    if (answer.kind === 'listening') worker.on('exit', () => this.#again(answer.port));
    else await worker.terminate();
    return answer;
  }

  #again(port: number): void {
    if (this.#isEnding) return;
    this.#options.onFailure(new Error('the API thread ended and is started again'));
    this.#options.time.after(AGAIN_MS, async () => {
      if (this.#isEnding) return;
      const answer = await this.#start(port).catch((error: unknown) => refused(String(error)));
      if (answer.kind === 'listening') return;
      this.#options.onFailure(new Error(`the API thread cannot listen: ${answer.message}`));
      this.#again(port);
    });
  }
}

const refused = (message: string): StartMessage => ({ kind: 'refused', code: undefined, message });
