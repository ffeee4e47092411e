import { existsSync } from 'node:fs';
import { commandLine, writeHelp } from '../../../shared/config/command-line.ts';
import { streams } from '../../../shared/contracts/frame.ts';
import { inspectJournal, readJournal, type JournalReport } from '../inspect.ts';
import { NodeDisk } from '../node-disk.ts';

const help = `usage: loadstone journal inspect|verify|export DIR [options]

Reads a gateway's journal and changes nothing; the gateway may run meanwhile.

  inspect   segments, records, and what is acknowledged, missing or damaged
  verify    the same check, one line per stream; fails if anything is damaged or unaccounted for
  export    every intact record as one line of JSON: stream, run, offset, time, payload; reports damage on stderr and then fails

  --json    inspect and verify: the report as one JSON object
  --help    this text

examples:
  loadstone journal inspect .loadstone/gateways/owd-01/journal
  loadstone journal verify /var/lib/loadstone-edge/journal --json
  loadstone journal export /var/lib/loadstone-edge/journal | grep battery-1

exit codes: 0 good, 1 damaged, unaccounted for or no journal, 2 usage error
`;

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = commandLine(args, 2, { json: { type: 'boolean', default: false } });
  if (values.help) return writeHelp(help);
  const [action, folder] = positionals;
  if (action === undefined || !['inspect', 'verify', 'export'].includes(action)) {
    return usage(
      `journal: ${action === undefined ? 'give' : `"${action}" is not an action; give`} inspect, verify or export`,
    );
  }
  if (folder === undefined) return usage(`journal ${action}: give one folder`);
  if (!existsSync(folder)) {
    process.stderr.write(`loadstone: journal: there is no folder ${folder}\n`);
    return 1;
  }
  const disk = new NodeDisk(folder);
  if (action === 'export') {
    await exportTo(disk);
    // Records that are not whole are missing from the export, so its user must learn of them.
    const faults = faultsOf(await inspectJournal(disk));
    for (const fault of faults) process.stderr.write(`loadstone: journal export: ${fault}\n`);
    return faults.length === 0 ? 0 : 1;
  }
  const report = await inspectJournal(disk);
  if (report.segments.length === 0 && !report.account) {
    process.stderr.write(`loadstone: journal: ${folder} contains no journal\n`);
    return 1;
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ ...report, faults: faultsOf(report) })}\n`);
  else process.stdout.write(action === 'inspect' ? table(report) + summary(report) : summary(report));
  return action === 'verify' && faultsOf(report).length > 0 ? 1 : 0;
}

function usage(text: string): number {
  process.stderr.write(`loadstone: ${text}\n  loadstone journal --help shows the options.\n`);
  return 2;
}

async function exportTo(disk: NodeDisk): Promise<void> {
  for await (const { stream, run: number, offset, time, payload } of readJournal(disk)) {
    const text = new TextDecoder().decode(payload);
    const line = { stream, run: number, offset, time: new Date(time).toISOString(), payload: parsed(text) };
    if (!process.stdout.write(`${JSON.stringify(line)}\n`)) await drained();
  }
}

const drained = (): Promise<void> => new Promise((resolve) => process.stdout.once('drain', () => resolve()));

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function faultsOf(report: JournalReport): string[] {
  const faults = report.segments.flatMap(({ state, path }) =>
    state === 'damaged' ? [`${path} is damaged`] : state === 'unread' ? [`${path} cannot be read from the disk`] : [],
  );
  if (!report.account)
    faults.push('journal.json cannot be read: records that it lists as acknowledged will be sent again');
  for (const stream of streams) {
    for (const [from, to] of report.streams[stream].unaccounted) faults.push(`${stream} ${from} to ${to} are missing`);
  }
  return faults;
}

function table(report: JournalReport): string {
  const rows = report.segments.map((each) => [
    each.path,
    String(each.records),
    each.last === null ? '-' : `${each.first}..${each.last}`,
    String(each.bytes),
    each.state === 'torn' ? 'last write incomplete' : each.state,
  ]);
  const head = ['segment', 'records', 'offsets', 'bytes', 'state'];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column === 1 || column === 3 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd();
  return `${[head, ...rows].map(line).join('\n')}\n\n`;
}

function summary(report: JournalReport): string {
  const lines = streams.map((stream) => {
    const { records, acknowledged, missing } = report.streams[stream];
    const gone = missing.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    return `${stream}: ${records} records, ${acknowledged} acknowledged, ${gone} reported as dropped or lost`;
  });
  if (report.quarantined.length > 0) lines.push(`quarantine: ${report.quarantined.join(', ')}`);
  const faults = faultsOf(report);
  return `${[...lines, ...(faults.length === 0 ? ['nothing is damaged or unaccounted for'] : faults)].join('\n')}\n`;
}
