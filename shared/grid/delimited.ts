import { parseCsv } from '../csv/parse-csv.ts';
import { LoadstoneError } from '../outcome/outcome.ts';

/** One record of a file with a header. Values are text until read. */
export class Entry {
  readonly #file: string;
  readonly #line: number;
  readonly #columns: ReadonlyMap<string, number>;
  readonly #cells: readonly string[];

  constructor(at: { file: string; line: number }, columns: ReadonlyMap<string, number>, cells: readonly string[]) {
    this.#file = at.file;
    this.#line = at.line;
    this.#columns = columns;
    this.#cells = cells;
  }

  /** undefined if the column is absent, empty or NULL. */
  maybe(column: string): string | undefined {
    const value = this.#cells[this.#columns.get(column) ?? -1];
    return value === undefined || value === '' || value === 'NULL' ? undefined : value;
  }

  text(column: string): string {
    const value = this.maybe(column);
    if (value === undefined) throw this.#refuse(column, 'is missing');
    return value;
  }

  number(column: string, absent?: number): number {
    const value = this.maybe(column);
    if (value === undefined && absent !== undefined) return absent;
    const number = Number(value ?? NaN);
    if (!Number.isFinite(number))
      throw this.#refuse(column, value === undefined ? 'is missing' : `"${value}" is not a number`);
    return number;
  }

  #refuse(column: string, what: string): LoadstoneError {
    return new LoadstoneError('LS-GRID-003', `${this.#file} line ${this.#line}: ${column} ${what}`);
  }
}

export interface Delimited {
  readonly columns: readonly string[];
  readonly entries: readonly Entry[];
}

/** Reads a CSV with a header line. Throws LS-GRID-003 with file and line. */
export function readDelimited(text: string, file: string): Delimited {
  const { columns, rows } = parseCsv(text, (what, { line }) => {
    throw new LoadstoneError('LS-GRID-003', `${file} line ${line}: ${what}`);
  });
  const index = new Map(columns.map((column, at) => [column, at]));
  return { columns, entries: rows.map(({ line, cells }) => new Entry({ file, line }, index, cells)) };
}
