import type { TimeBase, Timer } from '../time/clock.ts';
import { TOO_MUCH_MEMORY, type HostLine } from './host-inference.ts';
import type { InferenceReply, InferenceRequest } from './session-host.ts';

/** A forked process that answers requests. */
export interface ChildHandle {
  /** False when the channel is closed. */
  send(request: InferenceRequest): boolean;
  /** Kills it at once. */
  kill(): void;
  /** Resident memory, MB; 0 if unknown. */
  residentMb(): number;
}

/** Memory that a process may use on top of its idle size: a fixed working space, and a multiple of its models' bytes. */
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
  /** Replaced sessions leak memory, so after this many loads a new process takes over. */
  readonly loadsPerProcess: number;
  readonly memory: MemoryBudget;
}

/** Node and ONNX Runtime without a model. */
const REST_MB = 128;
/** Interval of the memory check while a request is in flight. Within one run a process may grow by 2 GB a second. */
const LOOK_MS = 20;
/** Length of the list of models that were refused for their memory. */
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
 * Keeps one child process, forked at the first request. A timeout or too much memory kills it. The next request forks a new one, which
 * first reloads the models of the old one, except the model that took too much memory: that one is refused from then on.
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

  /** Finds a refused model: a load by its bytes, under any name; a run by its name, unless a model of that name is loaded. */
  #refusedAs(request: InferenceRequest): Refused | undefined {
    if (request.kind === 'load') return this.#refused.find(({ bytes }) => isEqual(bytes, request.bytes));
    if (request.kind === 'unload' || this.#models.has(request.name)) return undefined;
    return this.#refused.find(({ name }) => name === request.name);
  }

  /** Reloads the models. The host answers in order, so later requests find them loaded. */
  #restore(request: InferenceRequest): void {
    for (const [name, bytes] of this.#models) {
      if (request.kind === 'load' && request.name === name) continue;
      // Nobody awaits this reply. If the load fails, runs of the model are refused.
      this.#send({ id: this.#restored--, kind: 'load', name, bytes }).catch(() => undefined);
    }
  }

  #send(request: InferenceRequest): Promise<InferenceReply | undefined> {
    const child = (this.#child ??= this.#forked());
    // The system cannot fork now; the caller sees the same as if the child had died.
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

  /** Kills a child that takes too much memory. The host works in order, so the request that has waited longest is to blame. */
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

  /** Kills the child and settles every pending request without a reply. */
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
