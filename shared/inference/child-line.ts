import type { TimeBase, Timer } from '../time/clock.ts';
import { Turns } from '../time/turns.ts';
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

/** The request that the child works on. */
interface Working {
  readonly request: InferenceRequest;
  readonly settle: (reply: InferenceReply | undefined) => void;
  readonly timer: Timer;
}

type LoadRequest = Extract<InferenceRequest, { readonly kind: 'load' }>;

interface Refused {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly detail: string;
}

/**
 * Keeps one child process, forked at the first request, and gives it one request at a time, so that each has its own time limit. A timeout
 * or too much memory kills the child, which costs only the request that it works on: the next one forks a new child. A model of the old
 * child is loaded again before its next run; one that took too much memory is refused from then on.
 */
export class ChildLine implements HostLine {
  readonly #options: ChildLineOptions;
  readonly #turns = new Turns();
  /** The models by name, and the names of those that this child has loaded. */
  readonly #models = new Map<string, Uint8Array>();
  readonly #inChild = new Set<string>();
  readonly #refused: Refused[] = [];
  #child: ChildHandle | undefined;
  #working: Working | undefined;
  #generation = 0;
  /** Loads that callers asked of this child. Reloads do not count: they replace no session. */
  #loads = 0;
  #loadedBytes = 0;
  #look: Timer | undefined;
  #closed = false;

  constructor(options: ChildLineOptions) {
    this.#options = options;
  }

  ask(request: InferenceRequest): Promise<InferenceReply | undefined> {
    return this.#turns.take(() => this.#answer(request));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#drop();
  }

  async #answer(request: InferenceRequest): Promise<InferenceReply | undefined> {
    if (this.#closed) return undefined;
    const refused = this.#refusedAs(request);
    if (refused !== undefined) return { id: request.id, ok: false, detail: refused.detail };
    const { kind, name } = request;
    if (kind === 'load') {
      if (this.#loads >= this.#options.loadsPerProcess) this.#drop();
      this.#loads++;
      const reply = await this.#load(request);
      if (reply?.ok === true) this.#models.set(name, request.bytes);
      return reply;
    }
    if (kind === 'unload') {
      this.#models.delete(name);
      return this.#inChild.delete(name) ? this.#send(request) : undefined;
    }
    const bytes = this.#models.get(name);
    if (bytes !== undefined && !this.#inChild.has(name)) {
      const reply = await this.#load({ id: request.id, kind: 'load', name, bytes });
      if (reply?.ok !== true) return reply;
    }
    return this.#send(request);
  }

  /** Finds a refused model: a load by its bytes, under any name; a run by its name, unless a model of that name is loaded. */
  #refusedAs(request: InferenceRequest): Refused | undefined {
    if (request.kind === 'load') return this.#refused.find(({ bytes }) => isEqual(bytes, request.bytes));
    if (request.kind === 'unload' || this.#models.has(request.name)) return undefined;
    return this.#refused.find(({ name }) => name === request.name);
  }

  async #load(request: LoadRequest): Promise<InferenceReply | undefined> {
    const reply = await this.#send(request);
    if (reply?.ok === true) this.#inChild.add(request.name);
    return reply;
  }

  #send(request: InferenceRequest): Promise<InferenceReply | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    const child = (this.#child ??= this.#forked());
    // The system cannot fork now; the caller sees the same as if the child had died.
    if (child === undefined) return Promise.resolve(undefined);
    const { loadTimeoutMs, runTimeoutMs, time } = this.#options;
    if (request.kind === 'load') this.#loadedBytes += request.bytes.length;
    return new Promise((settle) => {
      const timer = time.after(request.kind === 'run' ? runTimeoutMs : loadTimeoutMs, () => this.#drop());
      this.#working = { request, settle, timer };
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
    return this.#options.fork({
      onReply: (reply) => {
        if (generation === this.#generation && reply.id === this.#working?.request.id) this.#settle(reply);
      },
      onExit: () => {
        if (generation === this.#generation) this.#drop();
      },
    });
  }

  /** Kills a child that takes too much memory. The request that it works on is to blame. */
  #measure(): void {
    this.#look = undefined;
    if (this.#working === undefined || this.#child === undefined) return;
    const { request } = this.#working;
    const { roomMb, perByte } = this.#options.memory;
    const mostMb = REST_MB + roomMb + (perByte * this.#loadedBytes) / 2 ** 20;
    if (this.#child.residentMb() <= mostMb) {
      this.#look = this.#options.time.after(LOOK_MS, () => this.#measure());
      return;
    }
    const detail = `${TOO_MUCH_MEMORY}: more than ${Math.round(mostMb)} MB`;
    this.#refuse(request, detail);
    this.#settle({ id: request.id, ok: false, detail });
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

  #settle(reply: InferenceReply | undefined): void {
    const working = this.#working;
    this.#working = undefined;
    working?.timer.cancel();
    working?.settle(reply);
  }

  /** Kills the child. The request that it works on gets no reply. */
  #drop(): void {
    this.#generation++;
    this.#child?.kill();
    this.#child = undefined;
    this.#inChild.clear();
    this.#loads = 0;
    this.#loadedBytes = 0;
    this.#look?.cancel();
    this.#look = undefined;
    this.#settle(undefined);
  }
}

const isEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);
