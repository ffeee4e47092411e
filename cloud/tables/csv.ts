import { foldOf, localPlain, localWithOffset } from './local-time.ts';
import type { LocalCalendar } from '../../shared/forecast/calendar.ts';
import type { Cell, Column, Table } from './table.ts';

export interface CsvOptions {
  /** Adds `startLocal` behind `start`. */
  readonly zone?: LocalCalendar | undefined;
  /** A byte order mark, and `startLocal` without offset beside `fold`: spreadsheets take a text with an offset for text. */
  readonly excel?: boolean | undefined;
}

/** RFC 4180, UTF-8, dot, header. A text that a spreadsheet would take for a formula gets an apostrophe before it. */
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

/** A spreadsheet whose decimal sign is a comma parts cells at semicolons, so a formula may stand there too. */
const FORMULA = /(?=^[=+@\t\r-])|(?=[=@]|[+-][^\d\s])(?<=[;\t] *)/g;

function cell(value: Cell, kind: Column['kind']): string {
  if (value === null) return '';
  if (kind === 'time') return new Date(value as number).toISOString().replace('.000Z', 'Z');
  if (typeof value !== 'string') return String(value);
  const safe = value.replaceAll(FORMULA, "'");
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
