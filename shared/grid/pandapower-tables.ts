import { messageOf } from '../outcome/message-of.ts';
import { LoadstoneError } from '../outcome/outcome.ts';
import type { Omission } from './imported.ts';

export type Tables = ReadonlyMap<string, Table>;

export interface PandapowerFile {
  readonly tables: Tables;
  /** Values beside the tables: `f_hz`, `sn_mva`, `name`, `user_pf_options` ... */
  readonly values: ReadonlyMap<string, unknown>;
}

/** One row of a table. Reading a field marks its column as understood. */
export class Row {
  readonly table: string;
  readonly index: string;
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #read: Set<string>;
  /** The whole row was already reported as omitted. */
  isLeftOut = false;

  constructor(table: string, index: string, parts: { values: ReadonlyMap<string, unknown>; read: Set<string> }) {
    this.table = table;
    this.index = index;
    this.#values = parts.values;
    this.#read = parts.read;
  }

  get element(): string {
    return `${this.table} ${this.index}`;
  }

  /** The value, or undefined if it is absent, null or NaN. */
  raw(field: string): unknown {
    this.#read.add(field);
    const value = this.#values.get(field);
    return value === null || (typeof value === 'number' && Number.isNaN(value)) ? undefined : value;
  }

  has(field: string): boolean {
    return this.#values.has(field);
  }

  maybe(field: string): number | undefined {
    const value = this.raw(field);
    if (value === undefined) return undefined;
    if (typeof value !== 'number')
      throw new LoadstoneError('LS-GRID-003', `${this.element}: ${field} must be a number`);
    return value;
  }

  number(field: string, absent?: number): number {
    const value = this.maybe(field) ?? absent;
    if (value === undefined) throw new LoadstoneError('LS-GRID-003', `${this.element}: ${field} is missing`);
    return value;
  }

  flag(field: string, absent: boolean): boolean {
    const value = this.raw(field);
    return value === undefined ? absent : value === true || value === 1;
  }

  text(field: string): string | undefined {
    const value = this.raw(field);
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  /** Index of a row of another table. */
  ref(field: string): string {
    const value = this.raw(field);
    if (typeof value !== 'number' && typeof value !== 'string')
      throw new LoadstoneError('LS-GRID-003', `${this.element}: ${field} is missing`);
    return String(value);
  }
}

export class Table {
  readonly rows: readonly Row[];
  readonly #name: string;
  readonly #columns: readonly string[];
  readonly #data: readonly (readonly unknown[])[];
  readonly #read = new Set<string>();

  constructor(
    name: string,
    split: { columns: readonly string[]; index: readonly unknown[]; data: readonly unknown[][] },
  ) {
    this.#name = name;
    this.#columns = split.columns;
    this.#data = split.data;
    this.rows = split.data.map(
      (cells, at) =>
        new Row(name, String(split.index[at]), {
          values: new Map(split.columns.map((column, position) => [column, cells[position]])),
          read: this.#read,
        }),
    );
  }

  /** Omissions for columns that nobody read, unless they are empty. */
  unread(): Omission[] {
    return this.#columns.flatMap((column, position): Omission[] => {
      if (this.#read.has(column)) return [];
      const at = this.#data.flatMap((cells, row) =>
        holdsNothing(cells[position]) || this.rows[row]!.isLeftOut ? [] : [this.rows[row]!.index],
      );
      if (at.length === 0) return [];
      const shown = at.length > 6 ? `${at.slice(0, 6).join(', ')} and ${at.length - 6} more` : at.join(', ');
      return [
        {
          element: `${this.#name} ${shown}`,
          field: column,
          detail: 'not part of the network model',
          changesResult: false,
        },
      ];
    });
  }
}

const holdsNothing = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || value === false || Number.isNaN(value);

/** Reads the output of pandapower's `to_json`: a net whose tables are data frames with orient "split". */
export function readPandapower(text: string): PandapowerFile {
  const file = asObject(parse(text, 'the file'), 'the file');
  if (file['_class'] !== 'pandapowerNet')
    throw new LoadstoneError('LS-GRID-004', 'not a pandapower file: _class is not "pandapowerNet"');
  const inner = file['_object'];
  const net = asObject(typeof inner === 'string' ? parse(inner, '_object') : inner, '_object');
  if ('sn_kva' in net)
    throw new LoadstoneError(
      'LS-GRID-004',
      'a file of pandapower 1, in kW: load and save it with pandapower 2 or later',
    );
  const tables = new Map<string, Table>();
  const values = new Map<string, unknown>();
  for (const [name, value] of Object.entries(net)) {
    if (typeof value !== 'object' || value === null || (value as Record<string, unknown>)['_class'] !== 'DataFrame') {
      values.set(name, value);
      continue;
    }
    const frame = value as Record<string, unknown>;
    if (name.startsWith('_') || name.startsWith('res_')) continue;
    const content = frame['_object'];
    const split = asObject(typeof content === 'string' ? parse(content, name) : content, name);
    const { columns, index, data } = split;
    if (!Array.isArray(columns) || !Array.isArray(index) || !Array.isArray(data))
      throw new LoadstoneError('LS-GRID-004', `table ${name}: only data frames with orient "split" are supported`);
    if (data.length > 0) tables.set(name, new Table(name, { columns: columns.map(String), index, data }));
  }
  return { tables, values };
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new LoadstoneError('LS-GRID-003', `${what} is not JSON: ${messageOf(error)}`);
  }
}

function asObject(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new LoadstoneError('LS-GRID-003', `${what} must be an object`);
  return value as Record<string, unknown>;
}
