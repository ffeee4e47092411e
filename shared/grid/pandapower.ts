import type { Imported, Omission } from './imported.ts';
import { readBranches, readSwitches } from './pandapower-branches.ts';
import { readExtendedWards, readImpedances } from './pandapower-equivalents.ts';
import { readInjections } from './pandapower-injections.ts';
import { named, type Reading } from './pandapower-reading.ts';
import { readPandapower, type Row } from './pandapower-tables.ts';
import { readThreeWinding, readTransformers } from './pandapower-transformers.ts';
import type { Bus } from './network.ts';

const readTables = [
  'bus',
  'load',
  'sgen',
  'storage',
  'gen',
  'ext_grid',
  'shunt',
  'ward',
  'xward',
  'line',
  'impedance',
  'trafo',
  'trafo3w',
  'switch',
];
/** Tables without elements of the power flow. */
const besideTheGrid = /cost$|^measurement$|^controller$|^group$|characteristic|^bus_geodata$|^line_geodata$|_table$/;

/**
 * Reads a network that pandapower wrote with `to_json`. Buses get their index as id; elements are named by theirs: `line-0`, `trafo-2` ...
 * Transformers follow the T model, or the pi model if the file's `user_pf_options` say so. Elements out of service are omitted and
 * reported. Throws LS-GRID-004 if the file is not from pandapower, LS-GRID-003 if a field is missing or wrong.
 */
export function importPandapower(text: string, id = 'network'): Imported {
  const { tables, values } = readPandapower(text);
  const omitted: Omission[] = [];
  const omit = (row: Row, field: string, detail: string, changesResult = true): void => {
    omitted.push({ element: row.element, field, detail, changesResult });
  };
  const out = new Set<string>();
  const buses = (tables.get('bus')?.rows ?? []).map((row): Bus => {
    if (!row.flag('in_service', true)) {
      out.add(row.index);
      omit(row, 'in_service', 'out of service: kept without its elements', false);
    }
    const least = row.maybe('min_vm_pu');
    const most = row.maybe('max_vm_pu');
    return {
      id: row.index,
      ...named(row),
      nominalKv: row.number('vn_kv'),
      ...(least === undefined ? {} : { vMinPu: least }),
      ...(most === undefined ? {} : { vMaxPu: most }),
      ...position(row.text('geo')),
    };
  });
  const options = values.get('user_pf_options') as { readonly trafo_model?: unknown } | null | undefined;
  const hz = values.get('f_hz');
  const reading: Reading = {
    tables,
    hz: typeof hz === 'number' ? hz : 50,
    model: options?.trafo_model === 'pi' ? 'both' : 'middle',
    nominalKv: new Map(buses.map((bus) => [bus.id, bus.nominalKv])),
    out,
    omit,
    inService: (row) => {
      if (row.flag('in_service', true)) return true;
      omit(row, 'in_service', 'out of service', false);
      row.isLeftOut = true;
      return false;
    },
  };
  const injections = readInjections(reading);
  const wards = readExtendedWards(reading);
  const impedances = readImpedances(reading);
  const { lines } = readBranches(reading);
  const transformers = readTransformers(reading);
  const threeWindingTransformers = readThreeWinding(reading);
  const ends = [
    ...[...lines, ...transformers].map((branch) => ({ id: branch.id, buses: [branch.from, branch.to] })),
    ...threeWindingTransformers.map((each) => ({ id: each.id, buses: [each.highBus, each.mediumBus, each.lowBus] })),
  ];
  const { switches, lines: throughSwitches } = readSwitches(reading, ends);
  for (const [name, table] of tables) {
    if (readTables.includes(name)) omitted.push(...table.unread());
    else
      for (const row of table.rows)
        omit(row, 'all', 'not part of the network model', !besideTheGrid.test(name) && row.flag('in_service', true));
  }
  const name = values.get('name');
  return {
    network: {
      format: 'loadstone-grid',
      version: 1,
      id,
      name: typeof name === 'string' && name !== '' ? name : id,
      baseMva: 1,
      topologyVersion: 0,
      buses: [...buses, ...wards.buses],
      lines: [...lines, ...throughSwitches, ...impedances.lines, ...wards.lines],
      transformers: [...transformers, ...impedances.transformers],
      sources: injections.sources,
      loads: [...injections.loads, ...wards.loads],
      shunts: [...injections.shunts, ...impedances.shunts, ...wards.shunts],
      generators: [...injections.generators, ...wards.generators],
      storages: injections.storages,
      feeders: [],
      threeWindingTransformers,
      switches,
    },
    omitted,
  };
}

/** Coordinates of a GeoJSON point. */
function position(geo: string | undefined): { x?: number; y?: number } {
  const found = /"coordinates"\s*:\s*\[\s*(-?[\d.eE+-]+)\s*,\s*(-?[\d.eE+-]+)/.exec(geo ?? '');
  return found === null ? {} : { x: Number(found[1]), y: Number(found[2]) };
}
