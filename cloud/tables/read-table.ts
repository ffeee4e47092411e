/** Columns read from a file, all of the same length. Times from Parquet are ms UTC. */
export interface ReadTable {
  /** True for a CSV separated by semicolons, which suggests decimal commas. */
  readonly hasSemicolons?: boolean;
  readonly count: number;
  readonly columns: Readonly<Record<string, readonly (string | number | boolean | null)[]>>;
}

export const MOST_ROWS = 200_000;
