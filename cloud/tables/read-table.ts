/** What was read from a file: columns of equal length; times of Parquet are ms UTC. */
export interface ReadTable {
  /** A CSV whose separator is a semicolon: it comes from where the decimal sign is a comma. */
  readonly hasSemicolons?: boolean;
  readonly count: number;
  readonly columns: Readonly<Record<string, readonly (string | number | boolean | null)[]>>;
}

export const MOST_ROWS = 200_000;
