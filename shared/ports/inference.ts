import type { Fault, Outcome } from '../outcome/outcome.ts';

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
  run(name: string, rows: Float32Array, batch: number, output?: ModelOutput): Promise<RunOutcome>;
  unload(name: string): Promise<void>;
  close(): Promise<void>;
}

/** `answer`, the default: the model's first output. `members`: the answers of its members, if the model has that output. */
export type ModelOutput = 'answer' | 'members';

/** Why a run failed. `noAnswer`: the process timed out or ended; `failed`: all else. */
export type RunCause = 'noAnswer' | 'notFinite' | 'noMemory' | 'failed';
/** Without a cause it is `failed`. */
export type RunFault = Fault & { readonly cause?: RunCause };
export type RunOutcome =
  | { readonly ok: true; readonly value: InferenceResult }
  | { readonly ok: false; readonly fault: RunFault };

export interface InferenceResult {
  readonly output: Float32Array;
  /** Duration of the run itself, ms of machine time. */
  readonly ms: number;
}
