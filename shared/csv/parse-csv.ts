import { CsvError, parse } from 'csv-parse/sync';

export interface CsvRow {
  /** The row's last line in the file, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** A file whose first line names the columns. Every row has one cell per column, trimmed. */
export interface Csv {
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
  /** The file comes from a locale with a decimal comma. */
  readonly hasSemicolons: boolean;
}

/** Where a fault is: its line in the file, from 1, and its row, from 0. The header is row -1. */
export interface CsvPlace {
  readonly line: number;
  readonly row: number;
}

/** Throws the caller's own error. */
export type RefuseCsv = (what: string, place: CsvPlace) => never;

/**
 * Parses RFC 4180 with a header. The separator is whichever of comma and semicolon is more frequent in the first line. Empty lines are
 * skipped.
 */
export function parseCsv(text: string, refuse: RefuseCsv, mostRows = Infinity): Csv {
  const firstLine = /^[^\r\n]*/.exec(text.trimStart())![0];
  const hasSemicolons = firstLine.split(';').length > firstLine.split(',').length;
  const records: CsvRow[] = [];
  const take = (record: readonly string[], line: number): null => {
    const row = records.length - 1;
    const width = records[0]?.cells.length ?? record.length;
    if (row >= mostRows) refuse(`more than ${mostRows} rows`, { line, row });
    if (record.length !== width) refuse(`${record.length} cells for ${width} columns`, { line, row });
    records.push({ line, cells: record.map((cell) => cell.trim()) });
    return null;
  };
  try {
    // The library counts a CRLF inside a quoted cell as two lines.
    parse(text.replaceAll('\r\n', '\n'), {
      bom: true,
      delimiter: hasSemicolons ? ';' : ',',
      record_delimiter: ['\n', '\r'],
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      on_record: (record, { lines }) => take(record, lines),
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const row = records.length - 1;
    if (error.code === 'CSV_QUOTE_NOT_CLOSED')
      refuse('a quoted cell that starts here or below does not end', { line: (records.at(-1)?.line ?? 0) + 1, row });
    const what = `column ${Number(error['column']) + 1}: a cell with a quote must be quoted as a whole, and the quote in it written twice`;
    refuse(what, { line: Number(error['lines']), row });
  }
  const columns = records.shift()?.cells ?? [];
  const named = columns.filter((name) => name !== '').toSorted();
  const twice = named.find((name, at) => name === named[at - 1]);
  if (twice !== undefined) refuse(`the column "${twice}" appears twice`, { line: 1, row: -1 });
  return { columns, rows: records, hasSemicolons };
}
