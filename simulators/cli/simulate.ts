import { createWriteStream, openSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { commandLine, writeHelp } from '../../shared/config/command-line.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { machineMonotonicMs } from '../../shared/time/system-clock.ts';
import { runChaos } from '../chaos/run-chaos.ts';
import { runSeed, type SeedReport } from '../simulate/run-seed.ts';
import { runSeeds } from '../simulate/seeds.ts';
import { invariants } from '../simulate/violation.ts';
import { smallWorld } from '../simulate/world.ts';

const HELP = `usage: loadstone simulate [--seeds N] [--first-seed M] [--trace FILE]
       loadstone simulate --real [--rounds N] [--first-seed M]

Runs the whole system on virtual time, ten minutes per seed, with faults drawn from the seed: lost, duplicated and late messages,
partitions, kills, power losses, full and failing disks, wrong clocks, unresponsive stores, load spikes. After each step and at the
end it checks these invariants:

${Object.entries(invariants)
  .map(([name, text]) => `  ${name.padEnd(17)} ${text}`)
  .join('\n')}

With --real only the plant is simulated: two gateways, the cloud and InfluxDB run as processes and are killed, frozen, cut off or
given full disks, one fault per round in an order drawn from the seed; then journals and store are compared.

  --seeds N        number of seeds (10)
  --first-seed M   first seed (1)
  --rounds N       number of faults with --real (100)
  --processes N    processes at once (one per processor)
  --trace FILE     write every message and the true state of the grid, line by line; one seed only
  --help           this text

examples:
  npm run simulate -- --seeds 10000
  npm run simulate -- --first-seed 17 --seeds 1 --trace run.txt
  npm run simulate -- --real --rounds 20 --first-seed 3

exit codes: 0 all invariants held, 1 one was violated, 2 usage
`;

export async function run(args: readonly string[]): Promise<number> {
  const { values } = commandLine(args, 0, {
    seeds: { type: 'string', default: '10' },
    'first-seed': { type: 'string', default: '1' },
    processes: { type: 'string', default: String(availableParallelism()) },
    trace: { type: 'string' },
    real: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '100' },
  });
  if (values.help) return writeHelp(HELP);
  const count = wholeNumber('--seeds', values.seeds, 1);
  const first = wholeNumber('--first-seed', values['first-seed'], 0);
  if (values.real) return real(first, wholeNumber('--rounds', values.rounds, 1));
  const processes = wholeNumber('--processes', values.processes, 1);
  const summary = new Summary(count);
  if (values.trace === undefined) {
    await runSeeds({ first, count, processes, onReport: (report) => summary.take(report) });
  } else {
    if (count !== 1) throw new LoadstoneError('LS-CONFIG-002', '--trace needs a single seed: add --seeds 1');
    summary.take(await traced(first, values.trace));
  }
  process.stdout.write(summary.lastLine());
  return summary.failed ? 1 : 0;
}

async function real(seed: number, rounds: number): Promise<number> {
  const report = await runChaos({ seed, rounds, say: (line) => void process.stderr.write(`${line}\n`) });
  const { violations, seconds, frames, points, commands, kept } = report;
  for (const violation of violations) process.stdout.write(`  ${violation}\n`);
  if (kept !== null)
    process.stdout.write(
      `data and logs: ${kept}\nreplay: npm run simulate -- --real --first-seed ${seed} --rounds ${rounds}\n`,
    );
  process.stdout.write(
    `seed ${seed}: ${rounds} rounds in ${seconds} s, ${frames} frames, ${points} points, ${commands} commands, ${violations.length} violations\n`,
  );
  return violations.length > 0 ? 1 : 0;
}

async function traced(seed: number, file: string): Promise<SeedReport> {
  // Opened before the run, so that an unwritable file is reported at once.
  const out = createWriteStream(file, { fd: openSync(file, 'w') });
  const report = await runSeed(seed, smallWorld(), { keep: (line) => void out.write(`${line}\n`) });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  out.on('error', reject).end(resolve);
  await promise;
  return report;
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
  throw new LoadstoneError('LS-CONFIG-002', `${name} is "${text}"; expected a whole number of ${least} or more`);
}

const SAY_MS = 5000;

class Summary {
  readonly #count: number;
  readonly #began = machineMonotonicMs();
  #saidAt = machineMonotonicMs();
  #done = 0;
  #violations = 0;
  #frames = 0;
  #commands = 0;
  #firstFailure: number | undefined;

  constructor(count: number) {
    this.#count = count;
  }

  get failed(): boolean {
    return this.#violations > 0;
  }

  take(report: SeedReport): boolean {
    this.#done++;
    this.#violations += report.violations.length;
    this.#frames += report.frames;
    this.#commands += report.commands;
    if (report.violations.length > 0) {
      this.#firstFailure ??= report.seed;
      process.stdout.write(failure(report));
    }
    const now = machineMonotonicMs();
    if (now - this.#saidAt > SAY_MS || this.#done === this.#count) {
      this.#saidAt = now;
      const leftS = ((now - this.#began) / this.#done / 1000) * (this.#count - this.#done);
      process.stderr.write(
        `${this.#done} of ${this.#count} seeds, ${this.#frames} frames, ${this.#commands} setpoints, ` +
          `${this.#violations} violations, about ${Math.ceil(leftS)} s left\n`,
      );
    }
    return true;
  }

  lastLine(): string {
    const replay =
      this.#firstFailure === undefined
        ? ''
        : `replay: npm run simulate -- --first-seed ${this.#firstFailure} --seeds 1 --trace run.txt\n`;
    return `${replay}${this.#done} seeds, ${this.#violations} violations\n`;
  }
}

function failure({ seed, violations, faults }: SeedReport): string {
  const lines = violations.map(({ invariant, atS, text }) => `  ${atS.toFixed(1)} s ${invariant}: ${text}`);
  return [`seed ${seed}`, ...lines, '  faults:', ...faults.map((fault) => `    ${fault}`), ''].join('\n');
}
