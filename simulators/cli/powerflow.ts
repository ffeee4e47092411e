import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { checker } from '../../shared/contracts/validate.ts';
import { importMatpower, type Omission } from '../../shared/grid/matpower.ts';
import { Network } from '../../shared/grid/network.ts';
import { solveNetwork, type NetworkSolution } from '../../shared/grid/solve.ts';
import { LoadstoneError, unwrap } from '../../shared/outcome/outcome.ts';

const help = `usage: loadstone powerflow FILE [--json]

Solves the AC power flow of a network at its own loads: by a sweep where an island is a tree, by Newton's method elsewhere.
FILE is a MATPOWER case (.m) or a network in Loadstone's own JSON.

  --json   one JSON object: converged, iterations, buses, branches, lossesKw
  --help   this text

examples:
  loadstone powerflow simulators/data/grids/case33bw/case33bw.m
  loadstone powerflow network.json --json

exit codes: 0 converged, 1 did not converge, 2 the file or the command line is not right
`;

interface PowerflowReport {
  readonly converged: boolean;
  readonly iterations: number;
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
  /** null: no rating. */
  readonly loadingPct: number | null;
}

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) {
    process.stderr.write(`loadstone powerflow: give one FILE.\n\n${help}`);
    return 2;
  }
  const { network, omitted } = readNetwork(file);
  const grave = omitted.filter((omission) => omission.changesResult);
  if (grave.length > 0) throw new LoadstoneError('LS-GRID-004', grave.map(inWords).join('; '));
  for (const omission of omitted) process.stderr.write(`note: ${inWords(omission)}\n`);

  const solution = solveNetwork(network);
  const report = reportOf(solution, omitted);
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : table(report));
  if (solution.converged) return 0;
  process.stderr.write(
    `loadstone: LS-GRID-002: power flow did not converge in ${solution.iterations} iterations; worst bus "${solution.worstBus}"\n`,
  );
  return 1;
}

const inWords = (omission: Omission): string => `${omission.element}, ${omission.field}: ${omission.detail}`;

function readNetwork(file: string): { network: Network; omitted: readonly Omission[] } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new LoadstoneError('LS-CONFIG-003', `${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (file.endsWith('.m')) return importMatpower(text, basename(file, '.m'));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new LoadstoneError('LS-GRID-003', `${file}: not JSON: ${error instanceof Error ? error.message : ''}`);
  }
  return { network: unwrap(checker(Network, 'LS-GRID-003')(value)), omitted: [] };
}

function reportOf(solution: NetworkSolution, omitted: readonly Omission[]): PowerflowReport {
  return {
    converged: solution.converged,
    iterations: solution.iterations,
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

function table(report: PowerflowReport): string {
  const cell = (value: number, digits: number): string => value.toFixed(digits).padStart(11);
  const width = Math.max(6, ...report.buses.map((bus) => bus.id.length), ...report.branches.map(({ id }) => id.length));
  const state = report.converged ? 'converged' : 'did not converge';
  return [
    `${state} in ${report.iterations} iterations, losses ${report.lossesKw.toFixed(6)} kW`,
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
