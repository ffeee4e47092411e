import { named, type Reading } from './pandapower-reading.ts';
import type { Bus, Generator, Line, Load, Shunt, Transformer } from './network.ts';
import type { Row } from './pandapower-tables.ts';

export interface ExtendedWards {
  readonly buses: Bus[];
  readonly lines: Line[];
  readonly loads: Load[];
  readonly shunts: Shunt[];
  readonly generators: Generator[];
}

/**
 * Reads extended ward equivalents: a load, a shunt, and a bus `xward-0` behind an impedance, whose voltage a generator without active power
 * holds.
 */
export function readExtendedWards(reading: Reading): ExtendedWards {
  const found: ExtendedWards = { buses: [], lines: [], loads: [], shunts: [], generators: [] };
  for (const row of reading.tables.get('xward')?.rows ?? []) {
    const bus = row.ref('bus');
    if (!isLive(reading, row, [bus])) continue;
    const own = { id: `xward-${row.index}`, ...named(row) };
    found.loads.push({ ...own, bus, activePowerKw: kilo(row, 'ps_mw'), reactivePowerKvar: kilo(row, 'qs_mvar') });
    found.shunts.push({ ...own, bus, gKw: kilo(row, 'pz_mw'), bKvar: 0 - kilo(row, 'qz_mvar') });
    found.buses.push({ ...own, nominalKv: reading.nominalKv.get(bus) ?? 1 });
    found.lines.push({ ...own, from: bus, to: own.id, rOhm: row.number('r_ohm'), xOhm: row.number('x_ohm') });
    found.generators.push({ ...own, bus: own.id, activePowerKw: 0, voltagePu: row.number('vm_pu') });
  }
  return found;
}

export interface Impedances {
  readonly lines: Line[];
  readonly transformers: Transformer[];
  readonly shunts: Shunt[];
}

/**
 * Reads impedances between two buses, per unit of `sn_mva` and the buses' nominal voltages. Between different nominal voltages they become
 * transformers of nominal ratio. An impedance that depends on the direction of the current is left out: no branch of the model has one.
 */
export function readImpedances(reading: Reading): Impedances {
  const found: Impedances = { lines: [], transformers: [], shunts: [] };
  for (const row of reading.tables.get('impedance')?.rows ?? []) {
    const [from, to] = [row.ref('from_bus'), row.ref('to_bus')];
    if (!isLive(reading, row, [from, to])) continue;
    const mva = row.number('sn_mva');
    const [r, x] = [row.number('rft_pu'), row.number('xft_pu')];
    const [back, backX] = [row.number('rtf_pu', r), row.number('xtf_pu', x)];
    if (back !== r || backX !== x) {
      const field = back === r ? 'xtf_pu' : 'rtf_pu';
      const [there, here] = back === r ? [backX, x] : [back, r];
      const other = field === 'xtf_pu' ? 'xft_pu' : 'rft_pu';
      reading.omit(
        row,
        field,
        `${there}, where ${other} is ${here}: only an equal impedance in both directions is supported`,
      );
      row.isLeftOut = true;
      continue;
    }
    const id = `impedance-${row.index}`;
    const [fromKv, toKv] = [from, to].map((bus) => reading.nominalKv.get(bus) ?? 1) as [number, number];
    const ohm = toKv ** 2 / mva;
    const ends = { id, ...named(row), from, to, rOhm: r * ohm, xOhm: x * ohm };
    if (fromKv === toKv) found.lines.push(ends);
    else {
      found.transformers.push({ ...ends, ratedKva: mva * 1000, ratedFromKv: fromKv, ratedToKv: toKv });
      reading.omit(row, 'sn_mva', 'no rating; assumed sn_mva', false);
    }
    for (const [end, bus] of [
      ['f', from],
      ['t', to],
    ] as const) {
      const [g, b] = [row.number(`g${end}_pu`, 0), row.number(`b${end}_pu`, 0)];
      if (g !== 0 || b !== 0)
        found.shunts.push({ id: `${id}-${end}`, bus, gKw: g * mva * 1000, bKvar: b * mva * 1000 });
    }
  }
  return found;
}

function isLive({ inService, out, omit }: Reading, row: Row, buses: readonly string[]): boolean {
  if (!inService(row)) return false;
  const dead = buses.find((bus) => out.has(bus));
  if (dead === undefined) return true;
  omit(row, 'bus', `bus ${dead} is out of service`, false);
  row.isLeftOut = true;
  return false;
}

const kilo = (row: Row, field: string): number => row.number(field, 0) * 1000;
