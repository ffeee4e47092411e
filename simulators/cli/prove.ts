import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { commandLine, writeHelp } from '../../shared/config/command-line.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { machineMonotonicMs } from '../../shared/time/system-clock.ts';
import { drawCourse } from '../prove/course.ts';
import { codeHash } from '../prove/code-hash.ts';
import {
  armIds,
  readProtocol,
  readRecorded,
  readScenario,
  whyNotConfirmatory,
  writeRecorded,
  type ArmId,
  type Protocol,
  type Tier,
} from '../prove/protocol.ts';
import { regretPicture, reportPage } from '../prove/report-page.ts';
import { judged } from '../prove/outcome.ts';
import type { ArmRun } from '../prove/run-arm.ts';
import { runJobs, type SeedJob } from '../prove/runs.ts';
import type { Scenario } from '../prove/scenario.ts';
import { summarise } from '../prove/summary.ts';

const CACHE = join(import.meta.dirname, '..', '..', '.cache', 'prove');

const HELP = `usage: loadstone prove [--tier smoke|quick|night] [--scenario FILE] [--json]

Runs the same seeds under several arms and compares their outcomes on the simulated plant. simulators/runs/prove/protocol.yaml
fixes everything beforehand: days, scenarios, how the plant differs from its model, prices, tests. Three switches define an
arm: where its guard runs, where its plan is made, what it knows.

  A practice     tap changer, inverter curves, loads dimmed and feed-in stepped down against a static share
  B droop        each device follows its own voltage and the power at its feeder head and transformer (night)
  C full edge    guard and the same optimiser at each site, with knowledge of the site and a static share only
  C2 the same    with shares per quarter-hour from a file (night)
  D slow cloud   no guard: the plan of an all-knowing cloud goes straight to the devices (night)
  E fast cloud   the guard runs over the WAN each second; envelopes at the site; plan of an all-knowing cloud
  F hybrid       guard at the site, plan of an all-knowing cloud
  F- the same    without the gateways' own forecasts (night)
  H foresight    the best of several rehearsals on the true plant; regret is measured against it

The report begins with where the hybrid lost. Results are cached in .cache/prove by the hashes of code and protocol, so a
call resumes where an earlier one stopped.

  --tier NAME      smoke (minutes of plant time), quick (five seeds, default), night (52 seeds of a day)
  --scenario FILE  your own scenario (YAML) instead of those of the tier; simulators/prove/PROVE.md lists its keys
  --seeds N[-M]    seeds to run (those of the tier)
  --arms LIST      arms to run, some of ${armIds.join(',')} (those of the tier)
  --processes N    runs at once (one per processor)
  --out FILE       the report (.cache/prove/<tier>.html; with --scenario, --seeds or --arms their values follow the tier);
                   its picture (.svg) and figures (.json) are written beside it
  --fresh          ignore cached results and run everything again
  --record         write the hashes of protocol and code to simulators/runs/prove/recorded.yaml and end; a night confirms
                   something only if both are as recorded
  --json           end with one line of JSON: outcomes of each arm with intervals, and where the hybrid lost
  --help           this text

examples:
  npx loadstone prove --tier quick
  npx loadstone prove --scenario storm.yaml --seeds 1-5 --json
  npx loadstone prove --seeds 3 --arms F --fresh

exit codes: 0 finished, whatever the result; 1 a run failed; 2 usage
`;

/** Parts of the proof's specification that are not implemented yet. */
const missing = [
  'Arm G (the hybrid with a perfect forecast).',
  'C2 plans its whole horizon with the share of the current quarter-hour.',
  'Foresight decides for a minute or more at a time, not in each plant step, and leaves voltages to the inverter curves.',
  'Tuning: every arm uses the settings of the protocol; none is tuned on the tuning days.',
  'Steps of 10 s away from stress: every step is one second.',
  'Weather forecasts: no arm has one; models are ridge regressions on load and calendar.',
  'External checks on ten substations and on CIGRE MV networks; avoided reinforcement; stored bytes; CPU per tier.',
  'Relief beyond need; time without a valid plan; bytes of a cloud guard.',
];

export async function run(args: readonly string[]): Promise<number> {
  const { values } = commandLine(args, 0, {
    tier: { type: 'string', default: 'quick' },
    scenario: { type: 'string' },
    seeds: { type: 'string' },
    arms: { type: 'string' },
    processes: { type: 'string', default: String(availableParallelism()) },
    out: { type: 'string' },
    fresh: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  });
  if (values.help) return writeHelp(HELP);
  const { protocol, sha256 } = readProtocol();
  const code = await codeHash();
  const hashes = { protocolSha256: sha256, codeSha256: code };
  if (values.record) {
    process.stdout.write(`recorded in ${writeRecorded(hashes)}: commit it before the first run\n`);
    return 0;
  }
  const tier = protocol.tiers[values.tier as keyof Protocol['tiers']] as Tier | undefined;
  if (tier === undefined) throw usage('--tier', values.tier, `one of ${Object.keys(protocol.tiers).join(', ')}`);
  const arms = (values.arms?.split(',') ?? tier.arms).map((id) => {
    if (!(armIds as readonly string[]).includes(id)) throw usage('--arms', id, `some of ${armIds.join(',')}`);
    return id as ArmId;
  });
  const processes = Number(values.processes);
  if (!Number.isInteger(processes) || processes < 1)
    throw usage('--processes', values.processes, 'a whole number of 1 or more');
  const own = ownScenario(values.scenario);
  const jobs = jobsOf(protocol, { tier, arms, seeds: values.seeds, own });
  const say = progress(
    jobs.flatMap((job) => job.arms),
    processes,
  );
  // What is recorded during the runs confirms nothing; nobody can see whether cached runs are older.
  const recorded = readRecorded();
  const runs: ArmRun[] = [];
  await runJobs(jobs, {
    folder: join(CACHE, `${code.slice(0, 12)}-${sha256.slice(0, 12)}`),
    processes,
    fresh: values.fresh,
    onRun: (one, isCached) => {
      runs.push(one);
      say(one, isCached);
    },
  });
  runs.sort((a, b) => a.seed - b.seed || a.arm.localeCompare(b.arm));
  const whyNot = whyNotConfirmatory(protocol, values, { now: hashes, recorded });
  const summary = summarise(runs, protocol, whyNot);
  const out = values.out ?? join(CACHE, reportName({ ...values, scenario: own?.name }));
  const replay = `npx loadstone prove --tier ${values.tier}${values.scenario === undefined ? '' : ` --scenario ${values.scenario}`}`;
  const courses = jobs.map((job) => drawCourse(protocol, job));
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(
    out,
    reportPage(runs, summary, {
      tier: values.tier,
      whyNot,
      ...hashes,
      replay,
      missing,
      courses,
      primary: protocol.outcomes.primary,
      lostLoad: protocol.prices.lostLoad,
    }),
  );
  const beside = out.replace(/\.html$/, '');
  const picture = regretPicture(summary);
  if (picture !== undefined) writeFileSync(`${beside}.svg`, picture);
  const whole = {
    tier: values.tier,
    confirmatory: whyNot === undefined,
    ...hashes,
    runs: runs.length,
    replay,
    ...summary,
    missing,
  };
  writeFileSync(`${beside}.json`, `${JSON.stringify(whole, null, 1)}\n`);
  process.stdout.write(`${summary.sentence}\nprotocol ${sha256}\ncode     ${code}\nreport   ${out}\n`);
  if (values.json) process.stdout.write(`${JSON.stringify(whole)}\n`);
  return 0;
}

interface ReportOf {
  readonly tier: string;
  readonly scenario?: string | undefined;
  readonly seeds?: string | undefined;
  readonly arms?: string | undefined;
}

/** Default name of a report. One of some runs does not replace that of the whole tier. */
export const reportName = ({ tier, scenario, seeds, arms }: ReportOf): string =>
  `${[tier, scenario, seeds, arms]
    .filter((each) => each !== undefined)
    .join('-')
    .replaceAll(',', '-')}.html`;

function ownScenario(file: string | undefined): { readonly name: string; readonly scenario: Scenario } | undefined {
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new LoadstoneError('LS-CONFIG-002', `--scenario: ${file} cannot be read (${(error as Error).message})`);
  }
  const tag = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return { name: `${basename(file).replace(/\.ya?ml$/, '')}-${tag}`, scenario: readScenario(file, text) };
}

interface Wanted {
  readonly tier: Tier;
  readonly arms: readonly ArmId[];
  readonly seeds: string | undefined;
  readonly own: ReturnType<typeof ownScenario>;
}

function jobsOf(protocol: Protocol, { tier, arms, seeds, own }: Wanted): SeedJob[] {
  const [first, last] = seeds === undefined ? tier.seeds : seedsOf(seeds);
  return Array.from({ length: last - first + 1 }, (_, at) => {
    const seed = first + at;
    const name = tier.scenarios[(seed - 1) % tier.scenarios.length]!;
    const { hours, trains } = tier;
    return { seed, ...(own ?? { name, scenario: protocol.scenarios[name]! }), hours, trains, arms };
  });
}

function seedsOf(text: string): [number, number] {
  const [, from, to] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to ?? from)];
  if (first >= 1 && last >= first) return [first, last];
  throw usage('--seeds', text, 'N or N-M with whole numbers from 1');
}

const usage = (option: string, given: string, right: string): LoadstoneError =>
  new LoadstoneError('LS-CONFIG-002', `${option} is "${given}"; expected ${right}`);

/** Prints a line per run, with the remaining time estimated from each arm's run times. */
function progress(arms: readonly ArmId[], processes: number): (run: ArmRun, isCached: boolean) => void {
  const began = machineMonotonicMs();
  const count = arms.length;
  const left = [...arms];
  const taken = new Map<ArmId, number[]>();
  let [done, freshCpuS] = [0, 0];
  const mean = (list: readonly number[]): number => list.reduce((sum, each) => sum + each, 0) / list.length;
  return ({ scenario, seed, arm, cpuS, outcome }, isCached) => {
    done++;
    left.splice(left.indexOf(arm), 1);
    taken.set(arm, [...(taken.get(arm) ?? []), cpuS]);
    if (!isCached) freshCpuS += cpuS;
    const known = new Map([...taken].map(([id, list]) => [id, mean(list)]));
    const most = Math.max(...known.values());
    const leftCpuS = left.reduce((sum, id) => sum + (known.get(id) ?? most), 0);
    const leftS =
      freshCpuS === 0 ? leftCpuS / processes : (leftCpuS * (machineMonotonicMs() - began)) / 1000 / freshCpuS;
    const bar = '#'.repeat(Math.round((20 * done) / count)).padEnd(20, '.');
    process.stderr.write(
      `[${bar}] ${done}/${count} ${scenario} ${seed} ${arm}: ${isCached ? 'cached' : `${cpuS.toFixed(0)} s of CPU`}, ` +
        `${outcome.trips} trips, J ${judged(outcome).toFixed(0)} EUR; ` +
        `about ${Math.ceil(leftS / 60)} min left, ${processes} at a time\n`,
    );
  };
}
