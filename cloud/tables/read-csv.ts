import { parseCsv, type CsvPlace } from '../../shared/csv/parse-csv.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { MOST_ROWS, type ReadTable } from './read-table.ts';

/** Reads the columns of a CSV; an empty cell is null, everything else text. LS-API-001 names the line. */
export function readCsv(text: string): ReadTable {
  const { columns, rows, hasSemicolons } = parseCsv(text, refuse, MOST_ROWS);
  if (columns.length === 0) refuse('the header names no column', { line: 1, row: -1 });
  const valuesOf = (column: number) => rows.map(({ cells }) => cells[column]! || null);
  return {
    count: rows.length,
    columns: Object.fromEntries(columns.map((name, column) => [name, valuesOf(column)])),
    hasSemicolons,
  };
}

function refuse(what: string, { line, row }: CsvPlace): never {
  const code = row < MOST_ROWS ? 'LS-API-001' : 'LS-API-006';
  throw new LoadstoneError(code, `line ${line}: ${what}`, row < 0 ? '/body' : `/body/${row}`);
}
