import { basename } from 'node:path';
import { commandLine, writeHelp } from '../../shared/config/command-line.ts';
import type { Omission } from '../../shared/grid/imported.ts';
import { batchSolver } from '../../shared/grid/kernel/batch-solver.ts';
import { readProfiles, type Profiles } from '../../shared/grid/profile.ts';
import { solveSeries } from '../../shared/grid/series.ts';
import type { NetworkSolution } from '../../shared/grid/solution.ts';
import { prepareNetwork, type PreparedNetwork } from '../../shared/grid/solve.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { formatsHelp, inWords, omissionLines, readGridFile, readText } from '../../cloud/region/grid-file.ts';

const help = `usage: loadstone powerflow FILE [--profile CSV]... [--reactive-limits] [--json]

Solves the AC power flow of a network at its own loads: by a sweep where an island is radial, by Newton's method elsewhere.
${formatsHelp}

  --profile CSV      solve one power flow per row of a series; repeatable, with the same times. The column "time" (else
                     the first) is the time; "<id>:kw" and "<id>:kvar" set a power (positive is consumption);
                     "<profile>_pload", "<profile>_qload" or "<profile>" scale the elements that name that profile
  --reactive-limits  keep generators within their reactive limits, at the expense of their voltage setpoint
  --json             print one JSON object: converged, iterations, islands, buses, branches, lossesKw; with --profile also
                     steps, one per row (the other fields describe the last row), and solver: "wasm-simd" or "typescript"
                     where rows are solved in batches (every island radial), else "single". An island has its method and,
                     for Newton, where it started: "no-load", or after a failure there "stated" (the voltages in the file)
                     or "dc" (the angles of a DC power flow)
  --help             this text

examples:
  loadstone powerflow simulators/data/grids/case33bw/case33bw.m
  loadstone powerflow simulators/data/grids/pandapower/cigre_mv/net.json --json
  G=simulators/data/grids/simbench-lv-rural1; loadstone powerflow $G --profile $G/LoadProfile.csv --profile $G/RESProfile.csv

exit codes: 0 converged, 1 did not converge, 2 invalid file or usage
`;

interface PowerflowReport {
  readonly converged: boolean;
  readonly iterations: number;
  readonly islands: NetworkSolution['islands'];
  readonly buses: readonly { readonly id: string; readonly vmPu: number; readonly vaDeg: number }[];
  readonly branches: readonly BranchReport[];
  readonly lossesKw: number;
  readonly deEnergised: readonly string[];
  readonly omitted: readonly Omission[];
}

interface BranchReport {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Apparent power at each end. */
  readonly fromMva: number;
  readonly toMva: number;
  readonly fromMw: number;
  readonly fromMvar: number;
  readonly toMw: number;
  readonly toMvar: number;
  /** null without a rating. */
  readonly loadingPct: number | null;
}

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = commandLine(args, 1, {
    profile: { type: 'string', multiple: true, default: [] },
    'reactive-limits': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  });
  if (values.help) return writeHelp(help);
  const [file] = positionals;
  if (file === undefined) {
    process.stderr.write(`loadstone powerflow: give one FILE.\n\n${help}`);
    return 2;
  }
  const { network, omitted } = readGridFile(file);
  const grave = omitted.filter((omission) => omission.changesResult);
  if (grave.length > 0) throw new LoadstoneError('LS-GRID-004', grave.map(inWords).join('; '));
  for (const line of omissionLines(omitted)) process.stderr.write(`note: ${line}\n`);

  const prepared = prepareNetwork(network, { reactiveLimits: values['reactive-limits'] });
  if (values.profile.length === 0) {
    const solution = prepared.solve();
    const report = reportOf(solution, omitted);
    process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : table(report));
    return solution.converged ? 0 : failed(solution);
  }
  const profiles = readProfiles(
    network,
    values.profile.map((path) => ({ name: basename(path), text: readText(path) })),
  );
  if (profiles.times.length === 0) throw new LoadstoneError('LS-GRID-003', `${values.profile.join(', ')}: no rows`);
  if (profiles.unusedColumns.length > 0)
    process.stderr.write(`note: unused columns: ${profiles.unusedColumns.join(', ')}\n`);
  return overTime(prepared, profiles, { json: values.json, omitted });
}

function failed(solution: NetworkSolution): number {
  const worst = solution.worstBus === undefined ? 'no source feeds any bus' : `worst bus "${solution.worstBus}"`;
  process.stderr.write(
    `loadstone: LS-GRID-002: power flow did not converge in ${solution.iterations} iterations; ${worst}\n`,
  );
  return 1;
}

/** Rows from which progress is reported. */
const LONG = 1000;

/** Runs a power flow per row; stdout gets the steps, with bus voltages in the order of the buses. */
function overTime(
  prepared: PreparedNetwork,
  profiles: Profiles,
  { json, omitted }: { readonly json: boolean; readonly omitted: readonly Omission[] },
): number {
  const rows = profiles.times.length;
  const solver = batchSolver();
  const solverName = prepared.radial === undefined ? 'single' : solver.kernel;
  const note = (text: string): void => void process.stderr.write(`note: ${text}\n`);
  if (solverName === 'typescript') note(`the SIMD kernel does not run here: ${solver.reason}`);
  let reportedTenth = 0;
  const progress = (done: number): void => {
    const tenth = Math.floor((10 * done) / rows);
    if (tenth > reportedTenth) note(`${done} of ${rows} rows solved`);
    reportedTenth = tenth;
  };
  const series = solveSeries(prepared, profiles, { solver, ...(rows < LONG ? {} : { progress }) });
  const steps = series.steps.map((step, at) => ({ time: profiles.times[at]!, ...step }));
  const wrong = steps.filter((step) => !step.converged);
  if (json) {
    const converged = wrong.length === 0;
    process.stdout.write(
      `${JSON.stringify({ ...reportOf(series.last, omitted), converged, solver: solverName, steps })}\n`,
    );
  } else {
    process.stdout.write('time,converged,supplyKw,lossesKw,lowestVmPu,highestVmPu\n');
    for (const { time, converged, sourceKw, lossesKw, vmPu } of steps) {
      const live = vmPu.filter((value) => value > 0);
      const ends = [Math.min(...live), Math.max(...live)].map((value) => value.toFixed(6));
      process.stdout.write(`${[time, converged, sourceKw.toFixed(3), lossesKw.toFixed(3), ...ends].join(',')}\n`);
    }
  }
  for (const { time, iterations, worstBus } of wrong.slice(0, 5))
    process.stderr.write(
      `loadstone: LS-GRID-002: ${time}: did not converge in ${iterations} iterations; worst bus "${worstBus}"\n`,
    );
  return wrong.length === 0 ? 0 : 1;
}

function reportOf(solution: NetworkSolution, omitted: readonly Omission[]): PowerflowReport {
  return {
    converged: solution.converged,
    iterations: solution.iterations,
    islands: solution.islands,
    buses: solution.buses,
    branches: solution.branches.map(({ id, from, to, loadingPct, ...flow }) => ({
      id,
      from,
      to,
      fromMva: Math.hypot(flow.fromKw, flow.fromKvar) / 1000,
      toMva: Math.hypot(flow.toKw, flow.toKvar) / 1000,
      fromMw: flow.fromKw / 1000,
      fromMvar: flow.fromKvar / 1000,
      toMw: flow.toKw / 1000,
      toMvar: flow.toKvar / 1000,
      loadingPct: loadingPct ?? null,
    })),
    lossesKw: solution.lossesKw,
    deEnergised: solution.deEnergised,
    omitted,
  };
}

const startWords = {
  stated: 'from the voltages in the file, after failing from the no-load voltages',
  dc: 'from a DC power flow, after failing from the no-load voltages',
};

function table(report: PowerflowReport): string {
  const cell = (value: number, digits: number): string => value.toFixed(digits).padStart(11);
  const width = Math.max(6, ...report.buses.map((bus) => bus.id.length), ...report.branches.map(({ id }) => id.length));
  const state = report.converged ? 'converged' : 'did not converge';
  return [
    `${state} in ${report.iterations} iterations, losses ${report.lossesKw.toFixed(6)} kW`,
    ...report.islands.flatMap(({ start, converged }, at) =>
      !converged || start === undefined || start === 'no-load' ? [] : [`island ${at + 1}: ${startWords[start]}`],
    ),
    '',
    `${'bus'.padEnd(width)}      vm, pu    va, deg`,
    ...report.buses.map(({ id, vmPu, vaDeg }) => `${id.padEnd(width)} ${cell(vmPu, 6)}${cell(vaDeg, 4)}`),
    '',
    `${'branch'.padEnd(width)}   from, MVA    to, MVA loading, %   from - to`,
    ...report.branches.map(({ id, from, to, fromMva, toMva, loadingPct }) => {
      const loading = loadingPct === null ? '-'.padStart(11) : cell(loadingPct, 1);
      return `${id.padEnd(width)} ${cell(fromMva, 6)}${cell(toMva, 6)}${loading}   ${from} - ${to}`;
    }),
    ...(report.deEnergised.length > 0 ? ['', `without a source: ${report.deEnergised.join(', ')}`] : []),
    '',
  ].join('\n');
}
