import type { Compute, TaskTable } from '../../shared/ports/compute.ts';

/** The Compute port in the caller's own thread: for virtual time and tools. */
export function inlineCompute<Tasks extends TaskTable>(tasks: Tasks): Compute<Tasks> {
  return {
    run: async (name, input) => (await (tasks[name]! as (input: unknown) => unknown)(input)) as never,
    close: () => Promise.resolve(),
  };
}
