import { globSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { expandNetwork } from '../../../shared/grid/expand.ts';
import { importMatpower } from '../../../shared/grid/matpower.ts';
import type { Network } from '../../../shared/grid/network.ts';
import { importPandapower } from '../../../shared/grid/pandapower.ts';
import { importSimbench } from '../../../shared/grid/simbench.ts';

const grids = resolve(import.meta.dirname, '../../../simulators/data/grids');
const text = (...path: string[]): string => readFileSync(join(grids, ...path), 'utf8');

/** Every golden network that covers a whole distribution grid, with switches and open ties resolved. */
export function goldenNetworks(): { readonly name: string; readonly network: Network }[] {
  const matpower = globSync('case*', { cwd: grids }).map((name) => ({
    name,
    network: importMatpower(text(name, `${name}.m`)).network,
  }));
  const pandapower = globSync('pandapower/*/net.json', { cwd: grids }).map((path) => {
    const name = path.split('/')[1]!;
    return { name, network: importPandapower(text(path), name).network };
  });
  const simbench = globSync('simbench*', { cwd: grids }).map((name) => {
    const files = globSync(`${name}/*.csv`, { cwd: grids }).map((path) => [basename(path), text(path)] as const);
    return { name, network: importSimbench(new Map(files), name).network };
  });
  return [...matpower, ...pandapower, ...simbench]
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map(({ name, network }) => ({ name, network: expandNetwork(network).network }));
}
