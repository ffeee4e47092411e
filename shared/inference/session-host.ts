import type { ModelOutput } from '../ports/inference.ts';
import { messageOf } from '../outcome/message-of.ts';

/** Messages to and from the process that holds the sessions; structured-cloneable. */
export type InferenceRequest =
  | { readonly id: number; readonly kind: 'load'; readonly name: string; readonly bytes: Uint8Array }
  | {
      readonly id: number;
      readonly kind: 'run';
      readonly name: string;
      readonly rows: Float32Array;
      readonly batch: number;
      readonly output: ModelOutput;
    }
  | { readonly id: number; readonly kind: 'unload'; readonly name: string };

export type InferenceReply =
  | { readonly id: number; readonly ok: true; readonly ms: number; readonly output: Float32Array | null }
  | { readonly id: number; readonly ok: false; readonly detail: string };

/** A loaded model: one float32 input [batch, width] and one float32 output; a blend can also return its members' outputs. */
export interface Session {
  run(rows: Float32Array, batch: number, output?: ModelOutput): Promise<Float32Array>;
  release(): Promise<void>;
}

export interface SessionHostOptions {
  readonly open: (bytes: Uint8Array) => Promise<Session>;
  /** Machine time, ms. */
  readonly elapsed: () => number;
}

/** Holds sessions by name and answers requests in order. A model's errors become replies and never throw. */
export class SessionHost {
  readonly #options: SessionHostOptions;
  readonly #sessions = new Map<string, Session>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: SessionHostOptions) {
    this.#options = options;
  }

  handle(request: InferenceRequest): Promise<InferenceReply> {
    const reply = this.#turn.then(() => this.#answer(request));
    this.#turn = reply;
    return reply;
  }

  async close(): Promise<void> {
    await this.#turn;
    for (const session of this.#sessions.values()) await session.release();
    this.#sessions.clear();
  }

  async #answer(request: InferenceRequest): Promise<InferenceReply> {
    const start = this.#options.elapsed();
    try {
      const output = await this.#perform(request);
      return { id: request.id, ok: true, ms: this.#options.elapsed() - start, output };
    } catch (error) {
      const detail = messageOf(error);
      return { id: request.id, ok: false, detail: detail.slice(0, 300) };
    }
  }

  async #perform(request: InferenceRequest): Promise<Float32Array | null> {
    const session = this.#sessions.get(request.name);
    switch (request.kind) {
      case 'load': {
        const next = await this.#options.open(request.bytes);
        this.#sessions.set(request.name, next);
        await session?.release();
        return null;
      }
      case 'run': {
        if (session === undefined) throw new Error(`no model ${request.name} is loaded`);
        return session.run(request.rows, request.batch, request.output);
      }
      case 'unload': {
        this.#sessions.delete(request.name);
        await session?.release();
        return null;
      }
    }
  }
}
