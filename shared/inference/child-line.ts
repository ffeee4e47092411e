import type { TimeBase, Timer } from '../time/clock.ts';
import type { HostLine } from './host-inference.ts';
import type { InferenceReply, InferenceRequest } from './session-host.ts';

/** A process that answers requests. The adapter forks it. */
export interface ChildHandle {
  /** False when the channel is gone. */
  send(request: InferenceRequest): boolean;
  /** Ends it at once. */
  kill(): void;
}

export interface ChildLineOptions {
  readonly fork: (handlers: { onReply: (reply: InferenceReply) => void; onExit: () => void }) => ChildHandle;
  /** Machine time. */
  readonly time: TimeBase;
  readonly loadTimeoutMs: number;
  readonly runTimeoutMs: number;
  /** Sessions that are replaced leak: after so many loads the process is replaced. */
  readonly loadsPerProcess: number;
}

interface Waiting {
  readonly settle: (reply: InferenceReply | undefined) => void;
  readonly timer: Timer;
}

/**
 * Keeps one child process, forked at the first request. A late answer kills it; the next request forks another, which first
 * gets the models again that the old one held.
 */
export class ChildLine implements HostLine {
  readonly #options: ChildLineOptions;
  readonly #models = new Map<string, Uint8Array>();
  readonly #waiting = new Map<number, Waiting>();
  #child: ChildHandle | undefined;
  #generation = 0;
  #loads = 0;
  #restored = -1;
  #closed = false;

  constructor(options: ChildLineOptions) {
    this.#options = options;
  }

  async ask(request: InferenceRequest): Promise<InferenceReply | undefined> {
    if (this.#closed) return undefined;
    if (request.kind === 'load' && this.#loads >= this.#options.loadsPerProcess) this.#drop();
    if (request.kind === 'unload') this.#models.delete(request.name);
    if (this.#child === undefined) this.#restore(request);
    const reply = await this.#send(request);
    if (request.kind === 'load' && reply?.ok === true) this.#models.set(request.name, request.bytes);
    return reply;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#drop();
  }

  /** The host answers in order, so what follows finds the models loaded. */
  #restore(request: InferenceRequest): void {
    for (const [name, bytes] of this.#models) {
      if (request.kind === 'load' && request.name === name) continue;
      void this.#send({ id: this.#restored--, kind: 'load', name, bytes });
    }
  }

  #send(request: InferenceRequest): Promise<InferenceReply | undefined> {
    const child = (this.#child ??= this.#fork());
    const { loadTimeoutMs, runTimeoutMs, time } = this.#options;
    if (request.kind === 'load') this.#loads++;
    return new Promise((resolve) => {
      const timer = time.after(request.kind === 'run' ? runTimeoutMs : loadTimeoutMs, () => {
        if (this.#waiting.has(request.id)) this.#drop();
      });
      this.#waiting.set(request.id, { settle: resolve, timer });
      if (!child.send(request)) this.#drop();
    });
  }

  #fork(): ChildHandle {
    const generation = ++this.#generation;
    this.#loads = 0;
    return this.#options.fork({
      onReply: (reply) => {
        if (generation === this.#generation) this.#settle(reply.id, reply);
      },
      onExit: () => {
        if (generation === this.#generation) this.#drop();
      },
    });
  }

  #settle(id: number, reply: InferenceReply | undefined): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    waiting.timer.cancel();
    waiting.settle(reply);
  }

  /** Ends the child; whoever waits gets no answer. */
  #drop(): void {
    this.#generation++;
    this.#child?.kill();
    this.#child = undefined;
    for (const id of this.#waiting.keys()) this.#settle(id, undefined);
  }
}
