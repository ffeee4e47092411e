import { cpus, loadavg } from 'node:os';
import { commandLine, writeHelp } from '../../shared/config/command-line.ts';
import { benches } from './table.ts';

const help = `usage: loadstone bench NAME [--json] [--quick] [--hours H | --days N]
       loadstone bench --list

Runs one benchmark. Its last line is a JSON object with the results, the baseline of the same run, and the machine.

  --json    print only that line on stdout
  --quick   do less work, for a first look; marked in the result
  --hours H duration of "demo" (2)
  --days N  plant days that "endurance" simulates (30)
  --list    list all benchmarks
  --help    this text

examples:
  npm run bench -- powerflow
  npm run bench -- powerflow --json

exit codes: 0 measured, 1 the benchmark failed, 2 usage
`;

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = commandLine(args, 1, {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    hours: { type: 'string' },
    days: { type: 'string' },
    list: { type: 'boolean', default: false },
  });
  if (values.help) return writeHelp(help);
  if (values.list) {
    for (const [name, bench] of Object.entries(benches)) process.stdout.write(`${name.padEnd(12)} ${bench.summary}\n`);
    return 0;
  }
  const [name] = positionals;
  const bench = name !== undefined && Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (bench === undefined) {
    const known = Object.keys(benches).join(', ');
    process.stderr.write(`loadstone bench: NAME must be one of: ${known}.\n\n${help}`);
    return 2;
  }
  const hours = values.hours === undefined ? undefined : Number(values.hours);
  if (hours !== undefined && !(bench.isLong === true && hours > 0 && Number.isFinite(hours))) {
    process.stderr.write(`loadstone bench: --hours must be a number above 0 and applies only to "demo".\n\n${help}`);
    return 2;
  }
  const machine = { processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length, loadAverage: loadavg()[0] ?? null };
  const module = await bench.load();
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const days = values.days === undefined ? undefined : Number(values.days);
  if (days !== undefined && !(days > 0 && days <= 3650)) {
    process.stderr.write(`loadstone bench: --days ${values.days}: must be above 0 and at most 3650\n`);
    return 2;
  }
  const result = await module.run({ say, quick: values.quick, hours, days });
  const all = { bench: name, ...(values.quick ? { quick: true } : {}), ...result, machine };
  if (!values.json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify(all)}\n`);
  return 0;
}
