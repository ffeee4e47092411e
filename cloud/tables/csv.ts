import { foldOf, localPlain, localWithOffset } from './local-time.ts';
import type { LocalCalendar } from '../../shared/forecast/calendar.ts';
import type { Cell, Column, Table } from './table.ts';

export interface CsvOptions {
  /** Adds `startLocal` after `start`. */
  readonly zone?: LocalCalendar | undefined;
  /** Adds a byte order mark, and writes `startLocal` without an offset, next to `fold`: spreadsheets read a time with an offset as text. */
  readonly excel?: boolean | undefined;
}

/** Writes CSV after RFC 4180: UTF-8, decimal point, header. Text that a spreadsheet would read as a formula gets a leading apostrophe. */
export function csvOf(table: Table, options: CsvOptions = {}): string {
  const columns = table.columns.flatMap((column) =>
    column.name === 'start' && options.zone !== undefined
      ? [column, ...localColumns(column, options.zone, options.excel === true)]
      : [column],
  );
  const lines = [columns.map(({ name }) => name).join(',')];
  const count = columns[0]?.values.length ?? 0;
  for (let row = 0; row < count; row++)
    lines.push(columns.map(({ kind, values }) => cell(values[row]!, kind)).join(','));
  return `${options.excel === true ? '\uFEFF' : ''}${lines.join('\r\n')}\r\n`;
}

function localColumns(start: Column, zone: LocalCalendar, plain: boolean): Column[] {
  const times = start.values as readonly number[];
  const local: Column = {
    name: 'startLocal',
    kind: 'text',
    values: times.map((time) => (plain ? localPlain(zone, time) : localWithOffset(zone, time))),
  };
  if (!plain) return [local];
  return [local, { name: 'fold', kind: 'integer', values: times.map((time) => foldOf(zone, time)) }];
}

/** A spreadsheet with a decimal comma splits cells at semicolons, so a formula may also start after one. */
const FORMULA = /(?=^[=+@\t\r-])|(?=[=@]|[+-][^\d\s])(?<=[;\t] *)/g;

function cell(value: Cell, kind: Column['kind']): string {
  if (value === null) return '';
  if (kind === 'time') return new Date(value as number).toISOString().replace('.000Z', 'Z');
  if (typeof value !== 'string') return String(value);
  const safe = value.replaceAll(FORMULA, "'");
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
