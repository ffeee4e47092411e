/** What a cell holds: times are ms UTC, flags are booleans; null where there is nothing, never 0. */
export type ColumnKind = 'text' | 'number' | 'integer' | 'time' | 'flag';
export type Cell = string | number | boolean | null;

export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly values: readonly Cell[];
}

/** A rectangle of named columns: what CSV and Parquet are written from. */
export interface Table {
  readonly columns: readonly Column[];
}

/** Columns of rows; a row that lacks a name has null there. */
export function tableOf(
  columns: readonly (readonly [name: string, kind: ColumnKind])[],
  rows: readonly Readonly<Record<string, Cell>>[],
): Table {
  return { columns: columns.map(([name, kind]) => ({ name, kind, values: rows.map((row) => row[name] ?? null) })) };
}
