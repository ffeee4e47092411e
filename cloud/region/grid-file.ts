import { existsSync, readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { checker } from '../../shared/contracts/validate.ts';
import type { Imported, Omission } from '../../shared/grid/imported.ts';
import { importMatpower } from '../../shared/grid/matpower.ts';
import { Network } from '../../shared/grid/network.ts';
import { importPandapower } from '../../shared/grid/pandapower.ts';
import { importPowerGridModel } from '../../shared/grid/power-grid-model.ts';
import { importSimbench } from '../../shared/grid/simbench.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { inFile, LoadstoneError, unwrap } from '../../shared/outcome/outcome.ts';

export type GridFormat = 'loadstone' | 'matpower' | 'pandapower' | 'power-grid-model' | 'simbench';

export interface GridFile extends Imported {
  readonly format: GridFormat;
}

export const formatsHelp = `FILE is one of
  a network in Loadstone's own JSON       (.json)
  a MATPOWER case, version 2              (.m)
  a pandapower network (to_json)          (.json)
  an input data set of power-grid-model   (.json)
  a folder of SimBench CSV files`;

const asNetwork = checker(Network, 'LS-GRID-003');

/** The path by which a network is known, however a plan names its file. */
export const knownPath = (path: string): string => (existsSync(path) ? realpathSync(path) : resolve(path));

/** Reads a network in any supported format, recognised by the file's name and content. Throws coded errors that name the file. */
export const readGridFile = (path: string): GridFile => inFile(path, () => networkIn(path));

function networkIn(path: string): GridFile {
  const id = basename(path, extname(path)).slice(0, 120) || 'network';
  if (isFolder(path)) {
    const names = readdirSync(path)
      .filter((name) => name.endsWith('.csv'))
      .sort();
    const files = new Map(names.map((name) => [name, readText(join(path, name))]));
    if (!files.has('Node.csv'))
      throw new LoadstoneError(
        'LS-GRID-004',
        `${path}: a folder must contain the CSV files of SimBench, including Node.csv`,
      );
    return { format: 'simbench', ...importSimbench(files, basename(path)) };
  }
  const text = readText(path);
  if (path.endsWith('.m')) return { format: 'matpower', ...importMatpower(text, id) };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new LoadstoneError('LS-GRID-003', `${path}: not JSON: ${messageOf(error)}`);
  }
  const mark = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  if (mark['_class'] === 'pandapowerNet') return { format: 'pandapower', ...importPandapower(text, id) };
  if ('is_batch' in mark && 'data' in mark) return { format: 'power-grid-model', ...importPowerGridModel(text, id) };
  if (mark['format'] === 'loadstone-grid')
    return { format: 'loadstone', network: unwrap(asNetwork(value)), omitted: [] };
  throw new LoadstoneError('LS-GRID-004', `${path}: unknown format.\n${formatsHelp}`);
}

export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new LoadstoneError('LS-CONFIG-003', `${path}: ${messageOf(error)}`);
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw new LoadstoneError('LS-CONFIG-003', `${path}: ${messageOf(error)}`);
  }
}

export const inWords = ({ element, field, detail, changesResult }: Omission): string =>
  `${element}, ${field}: ${detail}${changesResult ? ' (changes the power flow)' : ''}`;

/** One line for each kind of omission: elements that lack the same field for the same reason share it. */
export function omissionLines(omitted: readonly Omission[]): string[] {
  const groups = new Map<string, Omission[]>();
  for (const each of omitted) {
    const key = [each.element.split(/[\d"]/, 1)[0], each.field, each.detail, each.changesResult].join('|');
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()].map((group) =>
    inWords({ ...group[0]!, element: group.map(({ element }) => element).join(', ') }),
  );
}
