import { named, type Reading } from './pandapower-reading.ts';
import type { Row } from './pandapower-tables.ts';
import { rowAt } from './pandapower-tap-tables.ts';
import type { Generator, Load, Shunt, Source, Storage } from './network.ts';

export interface Injections {
  readonly loads: Load[];
  readonly generators: Generator[];
  readonly storages: Storage[];
  readonly sources: Source[];
  readonly shunts: Shunt[];
}

/** Reads the elements at a bus. pandapower counts the power of `sgen` and `gen` as generation, everything else as consumption. */
export function readInjections(reading: Reading): Injections {
  const rows = (table: string): { row: Row; bus: string }[] =>
    (reading.tables.get(table)?.rows ?? []).flatMap((row) => {
      const bus = row.ref('bus');
      if (!reading.inService(row)) return [];
      if (!reading.out.has(bus)) return [{ row, bus }];
      reading.omit(row, 'bus', `bus ${bus} is out of service`, false);
      row.isLeftOut = true;
      return [];
    });
  const wards = rows('ward');
  return {
    loads: [...rows('load').map(load), ...wards.map(wardLoad)],
    generators: [
      ...rows('sgen').map(staticGenerator),
      ...rows('gen').flatMap(({ row, bus }) => (row.flag('slack', false) ? [] : [generator(row, bus)])),
    ],
    storages: rows('storage').map(storage),
    sources: sources(reading, rows),
    shunts: [...rows('shunt').map((at) => shunt(at, reading)), ...wards.map(wardShunt)],
  };
}

interface At {
  readonly row: Row;
  readonly bus: string;
}

const kilo = (row: Row, field: string, factor = 1): number => row.number(field, 0) * factor * 1000;
/** Negates without producing -0. */
const turned = (value: number): number => (value === 0 ? 0 : -value);

function load({ row, bus }: At): Load {
  const scaling = row.number('scaling', 1);
  const both = { z: row.number('const_z_percent', 0), i: row.number('const_i_percent', 0) };
  const shares = {
    activeImpedancePct: row.number('const_z_p_percent', both.z),
    activeCurrentPct: row.number('const_i_p_percent', both.i),
    reactiveImpedancePct: row.number('const_z_q_percent', both.z),
    reactiveCurrentPct: row.number('const_i_q_percent', both.i),
  };
  row.raw('type');
  return {
    id: `load-${row.index}`,
    ...named(row),
    bus,
    activePowerKw: kilo(row, 'p_mw', scaling),
    reactivePowerKvar: kilo(row, 'q_mvar', scaling),
    ...Object.fromEntries(Object.entries(shares).filter(([, share]) => share !== 0)),
  };
}

const wardLoad = ({ row, bus }: At): Load => ({
  id: `ward-${row.index}`,
  ...named(row),
  bus,
  activePowerKw: kilo(row, 'ps_mw'),
  reactivePowerKvar: kilo(row, 'qs_mvar'),
});

const wardShunt = ({ row, bus }: At): Shunt => ({
  id: `ward-${row.index}`,
  ...named(row),
  bus,
  gKw: kilo(row, 'pz_mw'),
  bKvar: turned(kilo(row, 'qz_mvar')),
});

function staticGenerator({ row, bus }: At): Generator {
  const scaling = row.number('scaling', 1);
  return {
    id: `sgen-${row.index}`,
    ...named(row),
    bus,
    activePowerKw: turned(kilo(row, 'p_mw', scaling)),
    reactivePowerKvar: turned(kilo(row, 'q_mvar', scaling)),
    ...rating(row),
    ...reactiveLimits(row),
  };
}

function generator(row: Row, bus: string): Generator {
  return {
    id: `gen-${row.index}`,
    ...named(row),
    bus,
    activePowerKw: turned(kilo(row, 'p_mw', row.number('scaling', 1))),
    voltagePu: row.number('vm_pu'),
    ...rating(row),
    ...reactiveLimits(row),
  };
}

function rating(row: Row): { ratedKva?: number } {
  const rated = kilo(row, 'sn_mva');
  return rated > 0 ? { ratedKva: rated } : {};
}

function reactiveLimits(row: Row): { reactiveMinKvar?: number; reactiveMaxKvar?: number } {
  const least = row.maybe('min_q_mvar');
  const most = row.maybe('max_q_mvar');
  return {
    ...(most === undefined ? {} : { reactiveMinKvar: turned(most * 1000) }),
    ...(least === undefined ? {} : { reactiveMaxKvar: turned(least * 1000) }),
  };
}

function storage({ row, bus }: At): Storage {
  const scaling = row.number('scaling', 1);
  const energy = row.maybe('max_e_mwh');
  const charge = row.maybe('soc_percent');
  return {
    id: `storage-${row.index}`,
    ...named(row),
    bus,
    activePowerKw: kilo(row, 'p_mw', scaling),
    reactivePowerKvar: kilo(row, 'q_mvar', scaling),
    ...rating(row),
    ...(energy === undefined ? {} : { energyKwh: energy * 1000 }),
    ...(charge === undefined ? {} : { stateOfChargePct: charge }),
  };
}

function sources({ omit }: Reading, rows: (table: string) => At[]): Source[] {
  const found: Source[] = [];
  const slack = rows('gen').filter(({ row }) => row.flag('slack', false));
  for (const { row, bus } of [...rows('ext_grid'), ...slack]) {
    const voltagePu = row.number('vm_pu');
    const angleDeg = row.number('va_degree', 0);
    const other = found.find((each) => each.bus === bus);
    if (other === undefined) {
      const id = `${row.table === 'gen' ? 'gen' : 'ext_grid'}-${row.index}`;
      found.push({ id, ...named(row), bus, voltagePu, ...(angleDeg === 0 ? {} : { angleDeg }) });
      continue;
    }
    const same = other.voltagePu === voltagePu && (other.angleDeg ?? 0) === angleDeg;
    omit(row, 'bus', `${other.id} is the source of bus ${bus}`, !same);
  }
  return found;
}

/** Its power is stated for one step, or in a table for each number of steps as a whole. */
function shunt({ row, bus }: At, reading: Reading): Shunt {
  const nominal = reading.nominalKv.get(bus) ?? 1;
  const ratio = (nominal / row.number('vn_kv', nominal)) ** 2;
  const table = row.flag('step_dependency_table', false)
    ? rowAt(reading, row, { table: 'shunt_characteristic_table', field: 'step' })
    : undefined;
  const power = (field: string): number => {
    const stepwise = kilo(row, field, row.number('step', 1) * ratio);
    return table === undefined ? stepwise : kilo(table, field, ratio);
  };
  return {
    id: `shunt-${row.index}`,
    ...named(row),
    bus,
    gKw: power('p_mw'),
    bKvar: turned(power('q_mvar')),
  };
}
