import type { SchemaElement } from 'hyparquet';
import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer';
import type { Column, ColumnKind, Table } from './table.ts';

/** Readers such as pyarrow take a time for UTC only by its logical type; the converted type is for older ones. */
const TYPES: Readonly<Record<ColumnKind, Omit<SchemaElement, 'name'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  number: { type: 'DOUBLE' },
  integer: { type: 'INT32' },
  time: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
  flag: { type: 'BOOLEAN' },
};

const ROWS_PER_GROUP = 100_000;

/** Columns of a table for the Parquet writer, and their schema: times as UTC milliseconds, every column nullable. */
export const columnSources = (
  table: Table,
): { readonly columnData: ColumnSource[]; readonly schema: SchemaElement[] } => ({
  columnData: table.columns.map((column) => ({ name: column.name, data: data(column) })),
  schema: [
    { name: 'root', num_children: table.columns.length },
    ...table.columns.map(({ name, kind }): SchemaElement => ({ name, ...TYPES[kind], repetition_type: 'OPTIONAL' })),
  ],
});

/** Writes Parquet with Snappy compression and the same columns as CSV. */
export function parquetOf(table: Table): Uint8Array {
  return new Uint8Array(
    parquetWriteBuffer({ ...columnSources(table), rowGroupSize: ROWS_PER_GROUP, createdBy: 'loadstone' }),
  );
}

const data = ({ kind, values }: Column): ColumnSource['data'] =>
  kind === 'time' ? values.map((value) => (value === null ? null : new Date(value as number))) : [...values];
