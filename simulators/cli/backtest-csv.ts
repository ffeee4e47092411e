import { parseCsv, type CsvRow } from '../../shared/csv/parse-csv.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { HourlyData } from '../../cloud/forecast/serve/protocol/hourly-data.ts';
import type { WeatherName } from '../../cloud/forecast/serve/protocol/weather-error.ts';
import type { DatedChannel } from '../../cloud/forecast/serve/protocol/last-day.ts';

const HOUR_MS = 3_600_000;
const weatherNames: readonly WeatherName[] = ['temp', 'ghi', 'wind'];
const LEAST_HOURS = 28 * 24;

/**
 * Reads `time,load[,temp,ghi,wind,holiday]`, hourly UTC, in time order. A missing hour and an empty load are gaps. Throws LS-CONFIG-002
 * with the line and column of the error, LS-FORECAST-007 if the series is too short or not hourly.
 */
export function parseHourlyCsv(text: string, file: string): HourlyData {
  const csv = new HourlyCsv(text, file);
  const known = ['time', 'load', ...weatherNames, 'holiday'];
  const unknown = csv.names.find((name) => !known.includes(name));
  if (unknown !== undefined) refuse(file, 1, `unknown column "${unknown}"; known columns: ${known.join(', ')}`);
  for (const name of ['time', 'load']) if (!csv.names.includes(name)) refuse(file, 1, `column "${name}" is missing`);
  csv.placeBy('time');
  if (csv.count < LEAST_HOURS) unfit(file, `it holds ${csv.count} hours; at least ${LEAST_HOURS} are needed`);
  return {
    start: csv.start,
    load: csv.column('load'),
    weather: weatherNames
      .filter((name) => csv.names.includes(name))
      .map((name) => ({ name, values: csv.column(name) })),
    holiday: csv.names.includes('holiday')
      ? Uint8Array.from(csv.column('holiday'), (value) => (value > 0 ? 1 : 0))
      : null,
  };
}

/**
 * Reads the series of a file whose first column is the time: only `load` if that column exists (the others are its weather), otherwise
 * every column, as in the ETT files. Hourly UTC, in time order. Throws like `parseHourlyCsv`.
 */
export function parseHourlyChannels(text: string, file: string): DatedChannel[] {
  const csv = new HourlyCsv(text, file);
  const [time = '', ...rest] = csv.names;
  const names = rest.includes('load') ? ['load'] : rest;
  if (names.length === 0) refuse(file, 1, 'there is no column of values beside the time');
  csv.placeBy(time);
  return names.map((name) => ({ name: `${file} ${name}`, start: csv.start, values: csv.column(name) }));
}

/** A table of hours; hours without a row are NaN. */
class HourlyCsv {
  readonly names: readonly string[];
  /** First hour, ms UTC. */
  start = 0;
  /** Hours from the first to the last. */
  count = 0;
  readonly #file: string;
  readonly #rows: readonly CsvRow[];
  #times: readonly number[] = [];

  constructor(text: string, file: string) {
    const { columns, rows } = parseCsv(text, (what, { line }) => refuse(file, line, what));
    this.names = columns.map((name) => name.toLowerCase());
    this.#file = file;
    this.#rows = rows;
  }

  placeBy(timeColumn: string): void {
    const times = this.#rows.map((row) => parseTime(this.#cell(row, timeColumn)));
    const minutes = usualStep(times) / 60_000;
    if (minutes < 60) unfit(this.#file, `its values are ${minutes} min apart; give hourly means`);
    for (const [index, time] of times.entries()) {
      const row = this.#rows[index]!;
      if (!(time % HOUR_MS === 0))
        refuse(this.#file, row.line, `time "${this.#cell(row, timeColumn)}" is not a full hour in UTC`);
      if (index > 0 && time <= times[index - 1]!) refuse(this.#file, row.line, 'times must ascend');
    }
    this.#times = times;
    this.start = times[0] ?? 0;
    this.count = times.length === 0 ? 0 : (times.at(-1)! - this.start) / HOUR_MS + 1;
  }

  column(name: string): Float64Array {
    const values = new Float64Array(this.count).fill(Number.NaN);
    for (const [index, row] of this.#rows.entries()) {
      const text = this.#cell(row, name);
      if (text === '' || text.toLowerCase() === 'nan') continue;
      const value = Number(text);
      if (!Number.isFinite(value)) refuse(this.#file, row.line, `${name} "${text}" is not a number`);
      values[(this.#times[index]! - this.start) / HOUR_MS] = value;
    }
    return values;
  }

  #cell({ cells }: CsvRow, name: string): string {
    return cells[this.names.indexOf(name)] ?? '';
  }
}

/** Median step between rows, ms; an hour if there are too few rows. */
function usualStep(times: readonly number[]): number {
  const steps = times.slice(1).map((time, i) => time - times[i]!);
  const ascending = steps.filter((step) => step > 0).sort((a, b) => a - b);
  return ascending[Math.floor(ascending.length / 2)] ?? HOUR_MS;
}

/** ISO 8601; UTC without an offset. */
function parseTime(text: string): number {
  const iso = text.replace(' ', 'T');
  return Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`);
}

function refuse(file: string, line: number, what: string): never {
  throw new LoadstoneError('LS-CONFIG-002', `${file}, line ${line}: ${what}`);
}

function unfit(file: string, what: string): never {
  throw new LoadstoneError('LS-FORECAST-007', `${file}: ${what}`);
}
