import type { NoLoadAt } from './network.ts';
import type { Row, Tables } from './pandapower-tables.ts';

/** Context that all table readers share. */
export interface Reading {
  readonly tables: Tables;
  readonly hz: number;
  /** Position of the no-load branch: T or pi model. */
  readonly model: Exclude<NoLoadAt, 'from'>;
  readonly nominalKv: ReadonlyMap<string, number>;
  /** Buses out of service. */
  readonly out: ReadonlySet<string>;
  readonly omit: (row: Row, field: string, detail: string, changesResult?: boolean) => void;
  /** False, with an omission recorded, if the row is out of service. */
  readonly inService: (row: Row) => boolean;
}

export function named(row: Row): { name?: string } {
  const name = row.text('name');
  return name === undefined ? {} : { name };
}
