import type { Compute, TaskTable } from '../../shared/ports/compute.ts';

/** A Compute port that counts. */
export interface CountedCompute<Tasks extends TaskTable> extends Compute<Tasks> {
  /** Number of tasks that run or wait for a thread. */
  readonly open: number;
}

export function countedCompute<Tasks extends TaskTable>(compute: Compute<Tasks>): CountedCompute<Tasks> {
  let open = 0;
  return {
    run: (name, input) => {
      open++;
      return compute.run(name, input).finally(() => open--);
    },
    close: () => compute.close(),
    get open() {
      return open;
    },
  };
}
