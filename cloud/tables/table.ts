/** Type of a column. Times are ms UTC, flags are booleans; a missing value is null, never 0. */
export type ColumnKind = 'text' | 'number' | 'integer' | 'time' | 'flag';
export type Cell = string | number | boolean | null;

export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly values: readonly Cell[];
}

/** Named columns of equal length, from which CSV and Parquet are written. */
export interface Table {
  readonly columns: readonly Column[];
}

/** Builds columns from rows; a row that lacks a name has null there. */
export function tableOf(
  columns: readonly (readonly [name: string, kind: ColumnKind])[],
  rows: readonly Readonly<Record<string, Cell>>[],
): Table {
  return { columns: columns.map(([name, kind]) => ({ name, kind, values: rows.map((row) => row[name] ?? null) })) };
}
