/** What was read from a file: columns of equal length; times of Parquet are ms UTC. */
export interface ReadTable {
  readonly count: number;
  readonly columns: Readonly<Record<string, readonly (string | number | boolean | null)[]>>;
}

export const MOST_ROWS = 200_000;
