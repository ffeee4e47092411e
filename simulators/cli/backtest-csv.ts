import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { HourlyData, WeatherName } from '../../cloud/forecast/protocol/hourly.ts';

const HOUR_MS = 3_600_000;
const weatherNames: readonly WeatherName[] = ['temp', 'ghi', 'wind'];
const LEAST_HOURS = 28 * 24;

/**
 * Reads `time,load[,temp,ghi,wind,holiday]`, hourly UTC, in time order. A missing hour and an empty load are gaps. Throws
 * LS-CONFIG-002 with the line and column of what does not fit.
 */
export function parseHourlyCsv(text: string, file: string): HourlyData {
  const [header = '', ...lines] = text
    .replace(/^\uFEFF/, '')
    .trimEnd()
    .split(/\r?\n/);
  const names = header.split(',').map((name) => name.trim().toLowerCase());
  const known = ['time', 'load', ...weatherNames, 'holiday'];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) refuse(file, 1, `column "${unknown}" is not known; known are ${known.join(', ')}`);
  for (const name of ['time', 'load']) if (!names.includes(name)) refuse(file, 1, `column "${name}" is missing`);
  const cell = (line: string[], name: string): string => line[names.indexOf(name)]?.trim() ?? '';
  const times: number[] = [];
  const rows = lines.map((line) => line.split(','));
  for (const [index, row] of rows.entries()) {
    const time = parseTime(cell(row, 'time'));
    if (!(time % HOUR_MS === 0)) refuse(file, index + 2, `time "${cell(row, 'time')}" is no full hour in UTC`);
    if (index > 0 && time <= times[index - 1]!) refuse(file, index + 2, 'times must ascend');
    times.push(time);
  }
  const start = times[0] ?? 0;
  const count = times.length === 0 ? 0 : (times.at(-1)! - start) / HOUR_MS + 1;
  if (count < LEAST_HOURS)
    refuse(file, lines.length + 1, `it holds ${count} hours, at least ${LEAST_HOURS} are needed`);
  const column = (name: string): Float64Array => {
    const values = new Float64Array(count).fill(Number.NaN);
    for (const [index, row] of rows.entries()) {
      const text = cell(row, name);
      if (text === '' || text.toLowerCase() === 'nan') continue;
      const value = Number(text);
      if (!Number.isFinite(value)) refuse(file, index + 2, `${name} "${text}" is no number`);
      values[(times[index]! - start) / HOUR_MS] = value;
    }
    return values;
  };
  return {
    start,
    load: column('load'),
    weather: weatherNames.filter((name) => names.includes(name)).map((name) => ({ name, values: column(name) })),
    holiday: names.includes('holiday') ? Uint8Array.from(column('holiday'), (value) => (value > 0 ? 1 : 0)) : null,
  };
}

/** ISO 8601; without an offset it is UTC. */
function parseTime(text: string): number {
  const iso = text.replace(' ', 'T');
  return Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`);
}

function refuse(file: string, line: number, what: string): never {
  throw new LoadstoneError('LS-CONFIG-002', `${file}, line ${line}: ${what}`);
}
