import { LoadstoneError } from '../outcome/outcome.ts';

/** One record of a file with a header; every value is text until it is asked for. */
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

  /** undefined where the column is absent, empty or NULL. */
  maybe(column: string): string | undefined {
    const value = this.#cells[this.#columns.get(column) ?? -1]?.trim();
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
      throw this.#refuse(column, value === undefined ? 'is missing' : `"${value}" is no number`);
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

/** Reads text with a header line; the separator is the one of `;` and `,` that the header has more of. Quotes are not read. */
export function readDelimited(text: string, file: string): Delimited {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const header = lines[0] ?? '';
  const separator = header.split(';').length >= header.split(',').length ? ';' : ',';
  const columns = header.split(separator).map((column) => column.trim());
  const index = new Map(columns.map((column, at) => [column, at]));
  const entries: Entry[] = [];
  for (const [at, line] of lines.entries()) {
    if (at === 0 || line.trim() === '') continue;
    const cells = line.split(separator);
    if (cells.length !== columns.length)
      throw new LoadstoneError(
        'LS-GRID-003',
        `${file} line ${at + 1}: ${cells.length} values under ${columns.length} columns`,
      );
    entries.push(new Entry({ file, line: at + 1 }, index, cells));
  }
  return { columns, entries };
}
