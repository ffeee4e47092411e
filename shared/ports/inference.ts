import type { Outcome } from '../outcome/outcome.ts';

/**
 * The Inference port: ONNX models by name. Adapters: a child process with onnxruntime-node (production: it can be killed, which frees its
 * memory), and onnxruntime-node in the caller's thread (virtual time, tests).
 */
export interface Inference {
  /** Loads a model under a name. Replaces a model of the same name. */
  load(name: string, bytes: Uint8Array): Promise<Outcome<{ readonly ms: number }>>;
  /**
   * One run. `rows` is [batch, width] row-major; the result is [batch, outputs] of the requested output. Only that output is fetched. Too
   * late, crashed or not finite: LS-FORECAST-003.
   */
  run(name: string, rows: Float32Array, batch: number, output?: ModelOutput): Promise<Outcome<InferenceResult>>;
  unload(name: string): Promise<void>;
  close(): Promise<void>;
}

/** `answer`, the default: the model's first output. `members`: the answers of its members, if the model has that output. */
export type ModelOutput = 'answer' | 'members';

export interface InferenceResult {
  readonly output: Float32Array;
  /** Duration of the run itself, ms of machine time. */
  readonly ms: number;
}
