import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadSolver } from '../../cloud/dispatch/compose-solver.ts';
import { checkStatedProblem, poseProblem, StatedProblem } from '../../cloud/optimise/mpacopf.ts';
import { optimise } from '../../cloud/optimise/optimise.ts';
import type { DispatchProblem } from '../../cloud/optimise/problem.ts';
import { statedAnswer } from '../../cloud/optimise/stated-answer.ts';
import { importMatpower } from '../../shared/grid/matpower.ts';
import { LoadstoneError, unwrap } from '../../shared/outcome/outcome.ts';
import type { BenchOptions } from './table.ts';

/** The reference problems lie beside the clone. */
const grids = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'grids');
const names = ['case33bw_T24', 'case33bw_T96', 'case22_T24'] as const;

interface Loaded {
  readonly name: string;
  readonly problem: DispatchProblem;
  readonly optimumEur: number;
}

export async function run({ say, quick }: BenchOptions): Promise<Record<string, unknown>> {
  const loaded = names.map(load);
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

/** The objective and its solution are read here only: the optimiser gets what poses the problem. */
function load(name: string): Loaded {
  const file = JSON.parse(read(join(grids, 'reference', `mpacopf_${name}.json`))) as Record<string, unknown>;
  const posed = Object.fromEntries(Object.keys(StatedProblem.properties).map((key) => [key, file[key]]));
  const { network } = importMatpower(read(join(grids, 'matpower', `${name.split('_')[0]}.m`)));
  return {
    name,
    problem: unwrap(poseProblem(unwrap(checkStatedProblem(posed)), network)),
    optimumEur: file['objective_eur'] as number,
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new LoadstoneError(
      'LS-CONFIG-003',
      `${file}: the reference problems must lie beside the clone, in ../shared/data`,
    );
  }
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
