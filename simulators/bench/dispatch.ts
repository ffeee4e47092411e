import { loadSolver } from '../../cloud/dispatch/compose-solver.ts';
import { optimise } from '../../cloud/optimise/optimise.ts';
import type { DispatchProblem } from '../../cloud/optimise/problem.ts';
import { statedAnswer } from '../../cloud/optimise/stated-answer.ts';
import { shelfNames, shelfProblem, shippedNames, shippedProblem } from '../data/stated-problems.ts';
import type { BenchOptions } from './table.ts';

export async function run({ say, quick }: BenchOptions): Promise<Record<string, unknown>> {
  const shelf = shelfNames.map(shelfProblem);
  for (const [at, name] of shelfNames.entries())
    if (shelf[at] === undefined) say(`${name} is left out: it lies in ../shared/data, which is not beside this clone`);
  const loaded = [...shippedNames.map(shippedProblem), ...shelf.filter((one) => one !== undefined)];
  const solver = await loadSolver();
  const problems = loaded.map(({ name, problem, optimumEur }) => {
    optimise(problem, solver);
    const began = performance.now();
    const answer = statedAnswer(optimise(problem, solver), 0);
    const warmMs = performance.now() - began;
    const gapPct = 100 * (answer.costEur / optimumEur - 1);
    say(`${name}: ${answer.costEur.toFixed(3)} EUR, gap ${gapPct.toFixed(4)} %, ${warmMs.toFixed(0)} ms`);
    return {
      name,
      costEur: answer.costEur,
      optimumEur,
      gapPct,
      maxVoltageViolationPu: answer.maxVoltageViolationPu,
      maxBranchViolationPct: answer.maxBranchViolationPct,
      rounds: answer.rounds,
      warmMs,
    };
  });
  const count = quick ? 5 : 100;
  const began = performance.now();
  for (let feeder = 0; feeder < count; feeder++)
    optimise(scaled(loaded[1]!.problem, 0.8 + 0.4 * (feeder / count)), solver);
  const totalMs = performance.now() - began;
  return { problems, feeders: { count, totalMs, perFeederMs: totalMs / count } };
}

/** A feeder like another, with more or less load. */
function scaled(problem: DispatchProblem, factor: number): DispatchProblem {
  const { activePowerKw, reactivePowerKvar } = problem.loads.mid;
  return {
    ...problem,
    loads: {
      mid: {
        activePowerKw: activePowerKw.map((kw) => kw * factor),
        reactivePowerKvar: reactivePowerKvar.map((kvar) => kvar * factor),
      },
    },
  };
}
