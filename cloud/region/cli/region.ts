import { writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { commandLine } from '../../../shared/config/command-line.ts';
import { printConfig } from '../../../shared/config/print-config.ts';
import { readConfig } from '../../../shared/config/read-config.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { Region } from '../../../shared/contracts/region.ts';
import { compileEstimate, estimate } from '../../estimate/estimate.ts';
import { expectedReadings } from '../../estimate/expected-readings.ts';
import { readRegion } from '../read-region.ts';
import { regionFaults } from '../check.ts';
import { composeRegion } from '../compose.ts';
import { draftPlan } from '../draft.ts';
import { gatewayFile } from '../gateway-file.ts';
import { knownPath, omissionLines, readGridFile, readText } from '../grid-file.ts';
import { named, RegionPlan } from '../plan.ts';
import { messageOf } from '../../../shared/outcome/message-of.ts';

const help = `usage: loadstone region draft GATEWAY.yaml NETWORK [--out PLAN.yaml] [--beside PLAN.yaml]
       loadstone region build PLAN.yaml [--out region.json]
       loadstone region check region.json
       loadstone region meters region.json [--json]
       loadstone region --print-plan

Builds the network model of the cloud from network files, the configurations of the gateways, and a plan that connects them.

  draft          makes a plan to fill in for one substation: its devices, and the lines that leave its busbar
  build          reads the plan and the files that it names, checks them, and writes the model
  check          summarises a model, or says what is wrong with it
  meters         names for each substation the buses where one more voltage meter would lower the error of the estimated
                 voltages most: at half of the nominal load, with all meters of the model working, and the new one as exact
                 as those at the feeder heads

  --beside FILE  draft: adds the substation to this plan, and leaves out transformers that the plan already has
  --out FILE     build: file of the model (region.json)
                 draft: file of the plan; paths in the plan are relative to it. Absent: the plan is printed, with paths relative
                 to the folder of --beside, or else the current folder. draft overwrites no file except that of --beside
  --json         meters: one JSON object: substations, each with id and nextMeters, best first: bus, errorPu (root mean
                 square of the standard errors over the feeders' buses, with a meter there), reductionPct
  --print-plan   prints every key of a plan with its meaning
  --help         this text

examples:
  loadstone region draft owd-01.yaml owd-net.json --out north.yaml
  loadstone region build north.yaml --out region.json
  loadstone cloud --config cloud.yaml

exit codes: 0 done, 1 an omission changes the power flow, 2 a file or the command line is wrong
`;

export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = commandLine(args, 3, {
    out: { type: 'string' },
    beside: { type: 'string' },
    json: { type: 'boolean', default: false },
    'print-plan': { type: 'boolean', default: false },
  });
  if (values.help || values['print-plan']) {
    process.stdout.write(values.help ? help : printConfig(RegionPlan));
    return 0;
  }
  const [action, file, second] = positionals;
  if (action === 'draft' && file !== undefined && second !== undefined) return draft(file, second, values);
  if (!['build', 'check', 'meters'].includes(action ?? '') || file === undefined || second !== undefined) {
    process.stderr.write(
      `loadstone region: expected draft GATEWAY.yaml NETWORK, build PLAN.yaml, check region.json or meters region.json\n\n${help}`,
    );
    return 2;
  }
  if (action === 'build') return build(file, values.out ?? 'region.json');
  process.stdout.write(action === 'check' ? wordsOf(readRegion(file)) : furtherMeters(readRegion(file), values.json));
  return 0;
}

function furtherMeters({ substations }: Region, json: boolean): string {
  // Readings and estimate are of one moment; which one does not matter.
  const time = 0;
  const found = substations.map((substation) => {
    const input = { time, readings: expectedReadings(substation, time), findings: [] };
    const { converged, nextMeters = [] } = estimate(compileEstimate(substation), input, { nextMeters: true });
    if (!converged)
      throw new LoadstoneError(
        'LS-GRID-002',
        `${substation.id}: no state of its network fits half of the nominal load`,
      );
    return { id: substation.id, nextMeters };
  });
  if (json) return `${JSON.stringify({ substations: found })}\n`;
  return found
    .map(({ id, nextMeters }) => {
      const places = nextMeters.map(
        ({ bus, errorPu, reductionPct }) =>
          `  ${bus}  ${reductionPct.toFixed(1)} % less, ${(100 * errorPu).toFixed(3)} % of the nominal voltage remain`,
      );
      return `${[id, ...(places.length > 0 ? places : ['  every bus has a meter'])].join('\n')}\n`;
    })
    .join('');
}

interface DraftTo {
  readonly out?: string | undefined;
  readonly beside?: string | undefined;
}

function draft(gatewayPath: string, networkPath: string, { out, beside }: DraftTo): number {
  const folder = dirname(out ?? beside ?? '.');
  if (beside !== undefined && resolve(dirname(beside)) !== resolve(folder))
    throw new LoadstoneError(
      'LS-CONFIG-003',
      `--out ${out}: the paths in ${beside} are relative to its folder: name a file in ${dirname(beside)}`,
    );
  const { network } = readGridFile(networkPath);
  const gateway = gatewayFile(readText(gatewayPath), gatewayPath);
  const plan = draftPlan({
    network,
    networkPath,
    gateway,
    gatewayPath,
    folder,
    ...(beside === undefined ? {} : { beside: readText(beside) }),
  });
  if (out === undefined) process.stdout.write(plan);
  else written(out, plan, beside !== undefined && resolve(beside) === resolve(out) ? 'w' : 'wx');
  return 0;
}

function written(out: string, text: string, flag: 'w' | 'wx'): void {
  try {
    writeFileSync(out, text, { flag });
  } catch (error) {
    throw new LoadstoneError('LS-CONFIG-003', `--out ${out}: ${messageOf(error)}`);
  }
}

function build(file: string, out: string): number {
  const beside = (path: string): string => resolve(dirname(file), path);
  const stated = named(readConfig(RegionPlan, { file, text: readText(file) }));
  // One file may be named in several ways; a transformer is known by its file.
  const plan = {
    ...stated,
    substations: stated.substations.map((each) => ({ ...each, network: knownPath(beside(each.network)) })),
  };
  const read = plan.substations.map((each) => {
    const path = beside(each.gateway);
    return { grid: readGridFile(each.network), gateway: gatewayFile(readText(path), path) };
  });
  const { region, notes } = composeRegion(
    plan,
    read.map(({ grid, gateway }) => ({ network: grid.network, gateway })),
  );
  const faults = regionFaults(region);
  if (faults.length > 0) throw new LoadstoneError('LS-CONFIG-002', `${file}: ${faults.join('\n  ')}`);
  written(out, `${JSON.stringify(region)}\n`, 'w');
  const omitted = read.flatMap(({ grid }) => grid.omitted);
  for (const line of omissionLines(omitted)) process.stderr.write(`left out: ${line}\n`);
  for (const note of notes) process.stderr.write(`note: ${note}\n`);
  process.stdout.write(`${out}\n${wordsOf(region)}`);
  return omitted.some(({ changesResult }) => changesResult) ? 1 : 0;
}

function wordsOf({ id, name, limits, substations }: Region): string {
  const lines = substations.map(({ id: substation, name: called, gateway, network, devices, meters }) => {
    const kinds = Object.entries(Object.groupBy(devices, ({ type }) => type)).map(
      ([type, list]) => `${list.length} ${type}`,
    );
    return [
      `  ${substation}  ${called}, gateway ${gateway}`,
      `    ${network.buses.length} buses, ${network.lines.length} lines, feeders ${network.feeders.map((each) => each.id).join(', ')}`,
      `    ${kinds.join(', ') || 'no devices'}; ${meters.length} meters`,
    ].join('\n');
  });
  return `${id}: ${name}, import at most ${limits.importKw} kW, export ${limits.exportKw} kW\n${lines.join('\n')}\n`;
}
