import type { Outcome } from '../outcome/outcome.ts';

/**
 * The Inference port: ONNX models by name. Adapters: a child process with onnxruntime-node (production: it can be killed and its
 * memory goes with it), and onnxruntime-node in the caller's thread (virtual time, tests).
 */
export interface Inference {
  /** Loads a model under a name; one of the same name is replaced. */
  load(name: string, bytes: Uint8Array): Promise<Outcome<{ readonly ms: number }>>;
  /**
   * One run; `rows` is [batch, width] row-major, the answer [batch, outputs] of the output that is asked for, which alone is fetched.
   * Late, crashed or not finite: LS-FORECAST-003.
   */
  run(name: string, rows: Float32Array, batch: number, output?: ModelOutput): Promise<Outcome<InferenceResult>>;
  unload(name: string): Promise<void>;
  close(): Promise<void>;
}

/** `answer`, the default: the model's first output. `members`: what each of its members says, where the model has that. */
export type ModelOutput = 'answer' | 'members';

export interface InferenceResult {
  readonly output: Float32Array;
  /** Time that the run itself took, ms of machine time. */
  readonly ms: number;
}
