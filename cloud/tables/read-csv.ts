import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { MOST_ROWS, type ReadTable } from './read-table.ts';

/** RFC 4180 with a header, comma or semicolon; an empty cell is null, everything else text. LS-API-001 names the line. */
export function readCsv(text: string): ReadTable {
  const source = text.replace(/^\uFEFF/, '');
  const header = source.slice(0, Math.max(0, source.indexOf('\n')) || source.length);
  const separator = header.split(';').length > header.split(',').length ? ';' : ',';
  const records = recordsOf(source, separator);
  const names = (records.shift() ?? []).map((name) => name.trim());
  if (names.length === 0 || new Set(names).size < names.length)
    throw new LoadstoneError('LS-API-001', 'the first line of a CSV names each column once', '/body');
  for (const [index, cells] of records.entries()) {
    if (cells.length !== names.length)
      throw new LoadstoneError(
        'LS-API-001',
        `line ${index + 2}: ${cells.length} cells under ${names.length} columns`,
        `/body/${index}`,
      );
  }
  const columns = names.map((name, column) => [name, records.map((cells) => cells[column]!.trim() || null)] as const);
  return { count: records.length, columns: Object.fromEntries(columns), hasSemicolons: separator === ';' };
}

function recordsOf(source: string, separator: string): string[][] {
  const records: string[][] = [];
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  const end = (): void => {
    cells.push(cell);
    cell = '';
    if (cells.length > 1 || cells[0] !== '') records.push(cells);
    if (records.length > MOST_ROWS + 1)
      throw new LoadstoneError('LS-API-006', `more than ${MOST_ROWS} rows in one upload`);
    cells = [];
  };
  for (let at = 0; at < source.length; at++) {
    const char = source[at]!;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (source[at + 1] === '"') cell += source[++at]!;
      else quoted = false;
    } else if (char === '"' && cell === '') quoted = true;
    else if (char === separator) {
      cells.push(cell);
      cell = '';
    } else if (char === '\n') end();
    else if (char !== '\r') cell += char;
  }
  if (quoted) throw new LoadstoneError('LS-API-001', 'a quoted cell does not end', '/body');
  if (cell !== '' || cells.length > 0) end();
  return records;
}
