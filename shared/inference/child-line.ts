import type { TimeBase, Timer } from '../time/clock.ts';
import { TOO_MUCH_MEMORY, type HostLine } from './host-inference.ts';
import type { InferenceReply, InferenceRequest } from './session-host.ts';

/** A process that answers requests. The adapter forks it. */
export interface ChildHandle {
  /** False when the channel is gone. */
  send(request: InferenceRequest): boolean;
  /** Ends it at once. */
  kill(): void;
  /** Resident memory, MB; 0 where it is not known. */
  residentMb(): number;
}

/** What a process may take: beside what it takes without a model, room to work in, and so much for each byte of its models. */
export interface MemoryBudget {
  readonly roomMb: number;
  readonly perByte: number;
}

export interface ChildLineOptions {
  readonly fork: (handlers: { onReply: (reply: InferenceReply) => void; onExit: () => void }) => ChildHandle;
  /** Machine time. */
  readonly time: TimeBase;
  readonly loadTimeoutMs: number;
  readonly runTimeoutMs: number;
  /** Sessions that are replaced leak: after so many loads the process is replaced. */
  readonly loadsPerProcess: number;
  readonly memory: MemoryBudget;
}

/** Node and ONNX Runtime without a model. */
const REST_MB = 128;
/** Memory is looked at so often while a request is under way: within one run it may grow by 2 GB a second. */
const LOOK_MS = 20;
/** So many models that took too much are remembered. */
const MOST_REFUSED = 8;

interface Waiting {
  readonly request: InferenceRequest;
  readonly settle: (reply: InferenceReply | undefined) => void;
  readonly timer: Timer;
}

interface Refused {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly detail: string;
}

/**
 * Keeps one child process, forked at the first request. A late answer and too much memory kill it; the next request forks another,
 * which first gets the models again that the old one held, but the one that took too much: that is refused from then on.
 */
export class ChildLine implements HostLine {
  readonly #options: ChildLineOptions;
  readonly #models = new Map<string, Uint8Array>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #refused: Refused[] = [];
  #child: ChildHandle | undefined;
  #generation = 0;
  #loads = 0;
  #loadedBytes = 0;
  #look: Timer | undefined;
  #restored = -1;
  #closed = false;

  constructor(options: ChildLineOptions) {
    this.#options = options;
  }

  async ask(request: InferenceRequest): Promise<InferenceReply | undefined> {
    if (this.#closed) return undefined;
    const refused = this.#refusedAs(request);
    if (refused !== undefined) return { id: request.id, ok: false, detail: refused.detail };
    if (request.kind === 'load' && this.#loads >= this.#options.loadsPerProcess) this.#drop();
    if (request.kind === 'unload') this.#models.delete(request.name);
    if (this.#child === undefined) {
      if (request.kind === 'unload') return undefined;
      this.#restore(request);
    }
    const reply = await this.#send(request);
    if (request.kind === 'load' && reply?.ok === true) this.#models.set(request.name, request.bytes);
    return reply;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#drop();
  }

  /** A model of these bytes, under whatever name, and the runs of one that was loaded. */
  #refusedAs(request: InferenceRequest): Refused | undefined {
    if (request.kind === 'load') return this.#refused.find(({ bytes }) => isEqual(bytes, request.bytes));
    if (request.kind === 'unload' || this.#models.has(request.name)) return undefined;
    return this.#refused.find(({ name }) => name === request.name);
  }

  /** The host answers in order, so what follows finds the models loaded. */
  #restore(request: InferenceRequest): void {
    for (const [name, bytes] of this.#models) {
      if (request.kind === 'load' && request.name === name) continue;
      // Nobody waits for it: what does not load is refused when it is run.
      this.#send({ id: this.#restored--, kind: 'load', name, bytes }).catch(() => undefined);
    }
  }

  #send(request: InferenceRequest): Promise<InferenceReply | undefined> {
    const child = (this.#child ??= this.#forked());
    // The system gives no process now: as one that has died.
    if (child === undefined) return Promise.resolve(undefined);
    const { loadTimeoutMs, runTimeoutMs, time } = this.#options;
    if (request.kind === 'load') {
      this.#loads++;
      this.#loadedBytes += request.bytes.length;
    }
    return new Promise((resolve) => {
      const timer = time.after(request.kind === 'run' ? runTimeoutMs : loadTimeoutMs, () => {
        if (this.#waiting.has(request.id)) this.#drop();
      });
      this.#waiting.set(request.id, { request, settle: resolve, timer });
      this.#look ??= time.after(LOOK_MS, () => this.#measure());
      if (!child.send(request)) this.#drop();
    });
  }

  #forked(): ChildHandle | undefined {
    try {
      return this.#fork();
    } catch {
      return undefined;
    }
  }

  #fork(): ChildHandle {
    const generation = ++this.#generation;
    this.#loads = 0;
    this.#loadedBytes = 0;
    return this.#options.fork({
      onReply: (reply) => {
        if (generation === this.#generation) this.#settle(reply.id, reply);
      },
      onExit: () => {
        if (generation === this.#generation) this.#drop();
      },
    });
  }

  /** Ends a child that takes too much; the model that it works on is to blame, which is the one that waits longest. */
  #measure(): void {
    this.#look = undefined;
    const [first] = this.#waiting.values();
    if (first === undefined || this.#child === undefined) return;
    const { roomMb, perByte } = this.#options.memory;
    const mostMb = REST_MB + roomMb + (perByte * this.#loadedBytes) / 2 ** 20;
    if (this.#child.residentMb() <= mostMb) {
      this.#look = this.#options.time.after(LOOK_MS, () => this.#measure());
      return;
    }
    const detail = `${TOO_MUCH_MEMORY}: more than ${Math.round(mostMb)} MB`;
    this.#refuse(first.request, detail);
    this.#settle(first.request.id, { id: first.request.id, ok: false, detail });
    this.#drop();
  }

  #refuse(request: InferenceRequest, detail: string): void {
    const { kind, name } = request;
    const bytes = kind === 'load' ? request.bytes : this.#models.get(name);
    if (bytes === undefined) return;
    if (bytes === this.#models.get(name)) this.#models.delete(name);
    this.#refused.push({ name, bytes, detail });
    if (this.#refused.length > MOST_REFUSED) this.#refused.shift();
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
    this.#look?.cancel();
    this.#look = undefined;
    for (const id of this.#waiting.keys()) this.#settle(id, undefined);
  }
}

const isEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);
