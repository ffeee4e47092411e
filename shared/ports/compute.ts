/**
 * The Compute port: heavy pure work by name. It runs on a pool of worker threads in production, and in the caller's thread on virtual time.
 * Inputs and outputs are structured-cloneable.
 */
export type TaskTable = Record<string, (input: never) => unknown>;

export interface Compute<Tasks extends TaskTable> {
  run<Name extends keyof Tasks & string>(
    name: Name,
    input: Parameters<Tasks[Name]>[0],
  ): Promise<Awaited<ReturnType<Tasks[Name]>>>;
  close(): Promise<void>;
}
