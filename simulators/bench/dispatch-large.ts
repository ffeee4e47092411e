import type { LpSolver } from '../../cloud/plan/problem/lp.ts';
import { optimise } from '../../cloud/plan/search/optimise.ts';
import { verify } from '../../cloud/plan/search/verify.ts';
import { feasibleProblem, type FeasibleSize } from '../../cloud/plan/testing/feasible-problem.ts';

const SIZES: readonly (readonly [buses: number, pv: number, batteries: number, steps: number])[] = [
  [100, 20, 10, 24],
  [533, 100, 50, 24],
  [533, 100, 50, 96],
  [1000, 133, 67, 96],
  [2000, 267, 133, 96],
];

/** Random problems for which a feasible set of decisions is known: the cost of solving each, and the violations left. */
export function large(solver: LpSolver, say: (text: string) => void, quick: boolean): Record<string, unknown>[] {
  return SIZES.slice(0, quick ? 1 : SIZES.length).flatMap(([buses, pv, batteries, steps]) =>
    (['zero', 'drawn'] as const).map((known: FeasibleSize['known']) => {
      const problem = feasibleProblem({ buses, pv, batteries, steps, seed: 1, known });
      const [began, cpuBegan] = [performance.now(), process.threadCpuUsage()];
      const found = optimise(problem, solver);
      const seconds = (performance.now() - began) / 1000;
      const cpu = process.threadCpuUsage(cpuBegan);
      const cpuSeconds = (cpu.user + cpu.system) / 1e6;
      const rssMb = process.memoryUsage.rss() / 1e6;
      const { maxVoltageViolationPu, maxBranchViolationPct } = verify(found.layout, found.best);
      const { costEur } = found.best;
      const devices = pv + batteries;
      say(
        `${buses} buses, ${devices} devices, ${steps} steps, ${known}: ${seconds.toFixed(1)} s, ${rssMb.toFixed(0)} MB`,
      );
      const violations = { maxVoltageViolationPu, maxBranchViolationPct };
      return { buses, devices, steps, known, seconds, cpuSeconds, rssMb, ...violations, costEur };
    }),
  );
}
