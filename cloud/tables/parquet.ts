import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer';
import type { Column, ColumnKind, Table } from './table.ts';

const TYPES: Readonly<Record<ColumnKind, NonNullable<ColumnSource['type']>>> = {
  text: 'STRING',
  number: 'DOUBLE',
  integer: 'INT32',
  time: 'TIMESTAMP',
  flag: 'BOOLEAN',
};

const ROWS_PER_GROUP = 100_000;

/** Columns of a table for the Parquet writer: times as UTC milliseconds, every column nullable. */
export const columnSources = (table: Table): ColumnSource[] =>
  table.columns.map((column) => ({
    name: column.name,
    type: TYPES[column.kind],
    nullable: true,
    data: data(column),
  }));

/** Writes Parquet with Snappy compression and the same columns as CSV. */
export function parquetOf(table: Table): Uint8Array {
  return new Uint8Array(
    parquetWriteBuffer({ columnData: columnSources(table), rowGroupSize: ROWS_PER_GROUP, createdBy: 'loadstone' }),
  );
}

const data = ({ kind, values }: Column): ColumnSource['data'] =>
  kind === 'time' ? values.map((value) => (value === null ? null : new Date(value as number))) : [...values];
