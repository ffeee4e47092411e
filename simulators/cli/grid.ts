import { writeFileSync } from 'node:fs';
import { commandLine, writeHelp } from '../../shared/config/command-line.ts';
import { checkNetwork } from '../../shared/grid/check.ts';
import { describeAsMarkdown, describeNetwork } from '../../shared/grid/describe.ts';
import { expandNetwork } from '../../shared/grid/expand.ts';
import type { Omission } from '../../shared/grid/imported.ts';
import { islandsOf } from '../../shared/grid/islands.ts';
import { exportPowerGridModel } from '../../shared/grid/power-grid-model-export.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { formatsHelp, omissionLines, readGridFile, type GridFile } from '../../cloud/region/grid-file.ts';

const help = `usage: loadstone grid import FILE [--out OUT]
       loadstone grid check FILE [--json]
       loadstone grid convert FILE --to FORMAT [--out OUT]
       loadstone grid describe [--json]

import    write the network in Loadstone's own JSON
check     report whether a network is valid, its contents and islands, and what an import leaves out
convert   write the network as loadstone or power-grid-model
describe  print the network model as tables: name, type, unit, meaning, required, valid values

${formatsHelp}

Whatever a format cannot hold is reported on standard error by element and field.

  --out OUT    write to this file instead of standard output
  --to FORMAT  loadstone or power-grid-model
  --json       print one JSON object
  --help       this text

examples:
  loadstone grid import simulators/data/grids/pandapower/cigre_mv/net.json --out cigre.json
  loadstone grid check simulators/data/grids/simbench-lv-rural1
  loadstone grid convert simulators/data/grids/case33bw/case33bw.m --to power-grid-model

exit codes: 0 good, 1 something that changes the power flow was left out, or the check found a fault,
            2 invalid file or usage
`;

type Values = { readonly out?: string; readonly to?: string; readonly json: boolean };

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = commandLine(args, 2, {
    out: { type: 'string' },
    to: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  if (values.help) return writeHelp(help);
  const [action, file] = positionals;
  if (action === 'describe' && file === undefined) {
    process.stdout.write(values.json ? `${JSON.stringify(describeNetwork())}\n` : describeAsMarkdown());
    return 0;
  }
  if (action === undefined || !['import', 'check', 'convert'].includes(action))
    return usage(action === undefined ? 'give import, check, convert or describe' : `unknown action "${action}"`);
  if (file === undefined) return usage('give one FILE');
  if (action === 'convert' && values.to !== 'loadstone' && values.to !== 'power-grid-model')
    return usage(`--to must be loadstone or power-grid-model${values.to === undefined ? '' : `, not "${values.to}"`}`);
  const read = readGridFile(file);
  return action === 'check' ? check(read, values) : write(read, values);
}

function usage(text: string): number {
  process.stderr.write(`loadstone grid: ${text}.\n\n${help}`);
  return 2;
}

function write({ network, omitted }: GridFile, { to, out }: Values): number {
  const fault = checkNetwork(network);
  if (fault !== undefined) throw LoadstoneError.from(fault);
  const written =
    to === 'power-grid-model'
      ? exportPowerGridModel(network)
      : { text: `${JSON.stringify(network, null, 2)}\n`, omitted: [] };
  if (out === undefined) process.stdout.write(written.text);
  else writeTo(out, written.text);
  return reportOmissions([...omitted, ...written.omitted]);
}

function writeTo(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new LoadstoneError('LS-CONFIG-003', `--out ${path}: ${messageOf(error)}`);
  }
}

function reportOmissions(omitted: readonly Omission[]): number {
  for (const line of omissionLines(omitted)) process.stderr.write(`left out: ${line}\n`);
  return omitted.some(({ changesResult }) => changesResult) ? 1 : 0;
}

function check({ format, network, omitted }: GridFile, { json }: Values): number {
  const fault = checkNetwork(network);
  const counts = Object.fromEntries(
    Object.entries(network).flatMap(([name, value]) => (Array.isArray(value) ? [[name, value.length] as const] : [])),
  );
  if (fault !== undefined) {
    if (json) process.stdout.write(`${JSON.stringify({ valid: false, format, counts, fault, omitted })}\n`);
    process.stderr.write(`loadstone: ${fault.code}: ${fault.detail}\n`);
    return 1;
  }
  const expanded = expandNetwork(network);
  const { energised, deEnergised } = islandsOf(expanded.network);
  const among = (ids: readonly string[]): string[] => {
    const inside = new Set(ids);
    return network.buses.flatMap(({ id }) => (inside.has(expanded.busOf.get(id)!) ? [id] : []));
  };
  const islands = energised.map(({ network: own, isTree }) => ({
    buses: among(own.buses.map(({ id }) => id)).length,
    sources: own.sources.map(({ id }) => id),
    radial: isTree,
  }));
  const dark = among(deEnergised);
  if (json) {
    process.stdout.write(`${JSON.stringify({ valid: true, format, counts, islands, deEnergised: dark, omitted })}\n`);
    return omitted.some(({ changesResult }) => changesResult) ? 1 : 0;
  }
  const filled = Object.entries(counts).filter(([, count]) => count > 0);
  process.stdout.write(
    [
      `valid, ${format}: ${filled.map(([name, count]) => `${count} ${name}`).join(', ')}`,
      ...islands.map(
        ({ buses, sources, radial }, at) =>
          `island ${at + 1}: ${buses} buses behind ${sources.join(', ')}, ${radial ? 'radial' : 'meshed'}`,
      ),
      ...(dark.length > 0 ? [`without a source: ${dark.join(', ')}`] : []),
      '',
    ].join('\n'),
  );
  return reportOmissions(omitted);
}
