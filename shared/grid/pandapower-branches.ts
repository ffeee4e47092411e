import { named, type Reading } from './pandapower-reading.ts';
import type { Row } from './pandapower-tables.ts';
import type { Line, Switch } from './network.ts';
import { LoadstoneError } from '../outcome/outcome.ts';

export function readBranches({ tables, hz, nominalKv, inService }: Reading): { lines: Line[] } {
  const lines: Line[] = [];
  for (const row of tables.get('line')?.rows ?? []) {
    if (!inService(row)) continue;
    const from = row.ref('from_bus');
    const km = row.number('length_km');
    const parallel = row.number('parallel', 1);
    const susceptance = 2 * Math.PI * hz * row.number('c_nf_per_km', 0) * 1e-3 * km * parallel;
    const conductance = row.number('g_us_per_km', 0) * km * parallel;
    const limitKa = row.maybe('max_i_ka');
    const rated = Math.sqrt(3) * (nominalKv.get(from) ?? 0) * (limitKa ?? 0) * row.number('df', 1) * parallel * 1000;
    lines.push({
      id: `line-${row.index}`,
      ...named(row),
      from,
      to: row.ref('to_bus'),
      rOhm: (row.number('r_ohm_per_km') * km) / parallel,
      xOhm: (row.number('x_ohm_per_km') * km) / parallel,
      ...(susceptance === 0 ? {} : { bUs: susceptance }),
      ...(conductance === 0 ? {} : { gUs: conductance }),
      ...(rated > 0 ? { ratedKva: rated } : {}),
    });
  }
  return { lines };
}

interface Ends {
  readonly id: string;
  readonly buses: readonly string[];
}

const tableOf: Readonly<Record<string, string>> = { l: 'line', t: 'trafo', t3: 'trafo3w' };
/** pandapower's ratio of resistance to reactance for a switch with an impedance. */
const SWITCH_RX = 2;

/** Reads switches. A switch with an impedance becomes a line, and each branch end at an out-of-service bus becomes an open switch. */
export function readSwitches(reading: Reading, branches: readonly Ends[]): { switches: Switch[]; lines: Line[] } {
  const { tables, out, omit } = reading;
  const switches: Switch[] = [];
  const lines: Line[] = [];
  const known = new Set(branches.map((branch) => branch.id));
  for (const row of tables.get('switch')?.rows ?? []) {
    const bus = row.ref('bus');
    const element = row.ref('element');
    const kind = row.text('et');
    const closed = row.flag('closed', true);
    const id = `switch-${row.index}`;
    const ohm = row.number('z_ohm', 0);
    row.raw('type');
    if (kind === 'b') {
      const on = closed && !out.has(bus) && !out.has(element);
      if (on && ohm > 0) lines.push({ id, ...named(row), from: bus, to: element, ...impedance(ohm) });
      else switches.push({ id, ...named(row), bus, toBus: element, closed: on });
      continue;
    }
    const table = tableOf[kind ?? ''];
    if (table === undefined) throw new LoadstoneError('LS-GRID-003', `${row.element}: et must be b, l, t or t3`);
    const branch = `${table}-${element}`;
    if (known.has(branch)) switches.push({ id, ...named(row), bus, branch, closed });
    else if (tables.get(table)?.rows.some((each) => each.index === element) === true)
      omit(row, 'element', `${table} ${element} is out of service`, false);
    else missing(row, table, element);
  }
  for (const { id, buses } of branches)
    for (const bus of buses) if (out.has(bus)) switches.push({ id: `${id}-at-${bus}`, bus, branch: id, closed: false });
  return { switches, lines };
}

const impedance = (ohm: number): { rOhm: number; xOhm: number } => ({
  rOhm: (ohm * SWITCH_RX) / Math.sqrt(1 + SWITCH_RX ** 2),
  xOhm: ohm / Math.sqrt(1 + SWITCH_RX ** 2),
});

function missing(row: Row, table: string, element: string): never {
  throw new LoadstoneError('LS-GRID-003', `${row.element}: element ${element} does not exist in table ${table}`);
}
