import { readFileSync } from 'node:fs';
import { commandLine, writeHelp } from '../../../shared/config/command-line.ts';
import { importMatpower } from '../../../shared/grid/matpower.ts';
import { messageOf } from '../../../shared/outcome/message-of.ts';
import { inFile, LoadstoneError, unwrap } from '../../../shared/outcome/outcome.ts';
import { SystemClock } from '../../../shared/time/system-clock.ts';
import { withoutPowerFlow } from '../reasons/conflict-words.ts';
import { checkStatedProblem, poseProblem } from '../problem/mpacopf.ts';
import { optimise } from '../search/optimise.ts';
import { endShortfall, statedAnswer, type StatedAnswer } from '../reasons/stated-answer.ts';
import { infeasibilityOf } from '../tasks.ts';
import { loadSolver } from '../compose-solver.ts';

const help = `usage: loadstone dispatch --problem FILE --grid CASE.m [--json]

Plans PV and batteries on a radial network over a horizon, at least cost within its limits, and checks the plan by AC power flow.
FILE holds the problem (prices, load and sun per step, devices, limits); unknown keys are ignored.
CASE.m is the network, a MATPOWER case.

  --problem FILE   the problem, JSON; month_peak_eur_per_MW, peak_so_far_MW, peak_interval_h (0.25) and later_month_steps
                   add a capacity tariff on import, which bills only what exceeds the month's peak so far
                   pv_connected_on, a date for each PV plant such as "2019-04-01", cuts the newest plant first, wholly
                   before an older one
  --grid CASE.m    the network
  --json           one JSON object: costEur, penaltyEur (for a level missing at the end; no part of costEur),
                   maxVoltageViolationPu, maxBranchViolationPct, rounds, solveMs, pvMw, pvMvar, batteryDischargeMw,
                   batteryChargeMw, batteryMvar ([device][step], generation positive),
                   importMw ([step], export negative)
  --help           this text

examples:
  loadstone dispatch --problem day.json --grid case33bw.m
  loadstone dispatch --problem day.json --grid case33bw.m --json

exit codes: 0 within all limits, 1 the plan breaks limits (explained on stderr) or there is no answer, 2 invalid file or usage
`;

/** Violations up to here are numerical error. */
const VOLTAGE_TOLERANCE_PU = 1e-4;
const BRANCH_TOLERANCE_PCT = 0.1;
const SOC_TOLERANCE = 1e-6;

export async function run(args: readonly string[]): Promise<number> {
  const { values } = commandLine(args, 0, {
    problem: { type: 'string' },
    grid: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  if (values.help) return writeHelp(help);
  if (values.problem === undefined || values.grid === undefined) {
    process.stderr.write(`loadstone dispatch: give --${values.problem === undefined ? 'problem' : 'grid'}.\n\n${help}`);
    return 2;
  }
  const { problem: file, grid } = values;
  const stated = inFile(file, () => unwrap(checkStatedProblem(parse(file))));
  const { network, omitted } = inFile(grid, () => importMatpower(read(grid)));
  const grave = omitted.filter((omission) => omission.changesResult);
  if (grave.length > 0)
    throw new LoadstoneError(
      'LS-GRID-004',
      grave.map((one) => `${one.element}, ${one.field}: ${one.detail}`).join('; '),
    );
  const problem = unwrap(poseProblem(stated, network));
  const solver = await loadSolver();
  const clock = new SystemClock((error) => {
    throw error;
  });
  const began = clock.machine.elapsed();
  const optimised = optimise(problem, solver);
  const answer = statedAnswer(optimised, clock.machine.elapsed() - began);
  if (optimised.collapse !== undefined)
    throw new LoadstoneError('LS-OPT-002', withoutPowerFlow(optimised.layout, optimised.collapse).text);
  process.stdout.write(values.json ? `${JSON.stringify(answer)}\n` : inWords(answer));
  if (solver.aborted !== undefined)
    process.stderr.write(
      `loadstone dispatch: LS-OPT-006: the solver aborted; this is the best plan found so far: ${solver.aborted}\n`,
    );
  const withinLimits =
    answer.maxVoltageViolationPu <= VOLTAGE_TOLERANCE_PU && answer.maxBranchViolationPct <= BRANCH_TOLERANCE_PCT;
  if (!withinLimits) {
    const { conflict } = infeasibilityOf(optimised, solver);
    process.stderr.write(
      `loadstone dispatch: found no plan that keeps all limits; there may still be one. This one passes ${passed(answer)}.${
        conflict === undefined
          ? ''
          : ` With the power flow linearised around it, these cannot hold together: ${conflict.text.text}`
      }\n`,
    );
  }
  const short = endShortfall(optimised);
  const stored = short <= SOC_TOLERANCE;
  if (!stored)
    process.stderr.write(
      `loadstone dispatch: a battery ends ${(100 * short).toFixed(1)} % of its capacity below the requested level: it cannot charge more in time.\n`,
    );
  return withinLimits && stored ? 0 : 1;
}

/** By how much the plan passes limits. */
const passed = ({ maxVoltageViolationPu: pu, maxBranchViolationPct: pct }: StatedAnswer): string =>
  [
    ...(pu > VOLTAGE_TOLERANCE_PU ? [`a voltage limit by up to ${pu.toFixed(4)} pu`] : []),
    ...(pct > BRANCH_TOLERANCE_PCT ? [`a rating by up to ${pct.toFixed(1)} %`] : []),
  ].join(' and ');

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new LoadstoneError('LS-CONFIG-003', `${file}: ${messageOf(error)}`);
  }
}

function parse(file: string): unknown {
  const text = read(file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new LoadstoneError('LS-CONFIG-003', `${file}: ${messageOf(error)}`);
  }
}

function inWords(answer: StatedAnswer): string {
  return [
    `cost                 ${answer.costEur.toFixed(2)} EUR`,
    ...(answer.penaltyEur > 0 ? [`penalty              ${answer.penaltyEur.toFixed(2)}, besides the cost`] : []),
    `voltage violation    ${answer.maxVoltageViolationPu.toExponential(1)} pu`,
    `branch violation     ${answer.maxBranchViolationPct.toFixed(4)} %`,
    `rounds               ${answer.rounds}, ${answer.solveMs.toFixed(0)} ms`,
    '',
  ].join('\n');
}
