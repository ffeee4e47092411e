import { existsSync, readFileSync } from 'node:fs';
import type { HourlyData } from '../../cloud/forecast/serve/protocol/hourly-data.ts';
import type { Channel } from '../../cloud/forecast/serve/protocol/long-horizon.ts';
import { LocalCalendar } from '../../shared/forecast/calendar.ts';
import type { RecordedPlace } from './forecast-live.ts';

/** An hourly series of the published baselines (../shared/data/load beside this clone). */
export interface ForecastSeries {
  readonly name: string;
  readonly zone: string;
  /** Solar series count coverage in daylight only. */
  readonly solar: boolean;
  readonly data: HourlyData;
}

const folder = new URL('../../../shared/data/load/', import.meta.url);
const HOUR_MS = 3_600_000;
const QUARTER_MS = 900_000;

export const seriesNames = [
  'etth1_hufl',
  'etth2_hufl',
  'stentaway_demand',
  'stentaway_pv',
  'mousehole',
  'openstef287',
] as const;
export type SeriesName = (typeof seriesNames)[number];

/** The folder of the series, if present. */
export const seriesFolder = (): URL | undefined => (existsSync(folder) ? folder : undefined);

export const readSeriesFile = (path: string): string => readFileSync(new URL(path, folder), 'utf8');

export function readForecastSeries(name: SeriesName): ForecastSeries {
  switch (name) {
    case 'etth1_hufl':
    case 'etth2_hufl': {
      const csv = table(readSeriesFile(`ett/ETT${name.slice(3, 5)}.csv`));
      const { start, values } = hourly(csv, csv.column('HUFL'));
      return { name, zone: 'UTC', solar: false, data: { start, load: values, weather: [], holiday: null } };
    }
    case 'stentaway_demand':
    case 'stentaway_pv':
      return stentaway(name);
    case 'mousehole':
      return mousehole();
    case 'openstef287':
      return openstef();
  }
}

/** All seven channels of one of the ETT stations. */
export function readEttChannels(station: 'h1' | 'h2'): Channel[] {
  const csv = table(readSeriesFile(`ett/ETT${station}.csv`));
  return csv.names.slice(1).map((name) => ({ name, values: csv.column(name) }));
}

function stentaway(name: 'stentaway_demand' | 'stentaway_pv'): ForecastSeries {
  const solar = name === 'stentaway_pv';
  const csv = table(readSeriesFile(`wpd-pod-stentaway/${solar ? 'pv' : 'demand'}_train_set4.csv`));
  const { start, values } = hourly(csv, csv.column(solar ? 'pv_power_mw' : 'demand_MW'));
  const weather = table(readSeriesFile('wpd-pod-stentaway/weather_train_set4.csv'));
  const meanOf = (prefix: string): Float64Array => {
    const columns = weather.names.filter((each) => each.startsWith(prefix)).map((each) => weather.column(each));
    return placed(weather, { start, count: values.length }, (row) => mean(columns.map((column) => column[row]!)));
  };
  return {
    name,
    zone: 'Europe/London',
    solar,
    data: {
      start,
      load: values,
      weather: [
        { name: 'temp', values: meanOf('temp_') },
        { name: 'ghi', values: meanOf('solar_') },
      ],
      holiday: englishHolidays(start, values.length),
    },
  };
}

function mousehole(): ForecastSeries {
  const csv = table(
    readSeriesFile('wpd-feeders/MW_Mousehole_CB51_MW_observation_variable_half_hourly_real_power_MW.csv'),
  );
  const all = hourly(csv, csv.column('value'));
  const start = all.start + HOUR_MS;
  const load = all.values.slice(1, -1);
  const weather = table(readSeriesFile('wpd-feeders/df_mousehole_1_hourly.csv'));
  const [north, east] = [weather.column('windspeed_north'), weather.column('windspeed_east')];
  const at = (pick: (row: number) => number): Float64Array => placed(weather, { start, count: load.length }, pick);
  const [temp, ghi] = [weather.column('temperature'), weather.column('solar_irradiance')];
  return {
    name: 'mousehole',
    zone: 'Europe/London',
    solar: false,
    data: {
      start,
      load,
      weather: [
        { name: 'temp', values: at((row) => temp[row]!) },
        { name: 'ghi', values: at((row) => ghi[row]!) },
        { name: 'wind', values: at((row) => Math.hypot(north[row]!, east[row]!)) },
      ],
      holiday: englishHolidays(start, load.length),
    },
  };
}

function openstef(): ForecastSeries {
  const csv = table(readSeriesFile('openstef-offline/get_model_input_pid_287.csv'));
  const load = csv.column('load');
  const known = csv.times.filter((_, row) => !Number.isNaN(load[row]!));
  const from = Math.ceil(known[0]! / HOUR_MS) * HOUR_MS;
  const selected = csv.times.map((time) => time >= from && time <= known.at(-1)!);
  const whole = hourly(csv, load, selected);
  const last = whole.values.findLastIndex((value) => !Number.isNaN(value));
  const values = whole.values.slice(0, last + 1);
  const meanOf = (name: string): Float64Array => {
    const means = hourly(csv, csv.column(name), selected, 1).values.slice(0, values.length);
    return means;
  };
  return {
    name: 'openstef287',
    zone: 'Europe/Amsterdam',
    solar: false,
    data: {
      start: whole.start,
      load: values,
      weather: [
        { name: 'temp', values: meanOf('temp') },
        { name: 'ghi', values: meanOf('radiation') },
        { name: 'wind', values: meanOf('windspeed_100m') },
      ],
      holiday: null,
    },
  };
}

/** The same prediction job in its native 15-min steps, kW; each hourly weather value holds for its hour. */
export function readOpenstef15Min(): { place: RecordedPlace; startMs: number } {
  const csv = table(readSeriesFile('openstef-offline/get_model_input_pid_287.csv'));
  const load = csv.column('load');
  const known = csv.times.filter((_, row) => !Number.isNaN(load[row]!));
  const startMs = Math.ceil(known[0]! / HOUR_MS) * HOUR_MS;
  const count = Math.floor((known.at(-1)! - startMs) / QUARTER_MS) + 1;
  const loadKw = new Float64Array(count).fill(Number.NaN);
  for (const [row, time] of csv.times.entries()) {
    const at = (time - startMs) / QUARTER_MS;
    if (at >= 0 && at < count) loadKw[at] = load[row]! * 1000;
  }
  const held = (name: string, scale: number): Float64Array => {
    const { start, values } = hourly(csv, csv.column(name), undefined, 1);
    return Float64Array.from({ length: count }, (_, i) => {
      const hour = Math.floor((startMs + i * QUARTER_MS - start) / HOUR_MS);
      return (values[hour] ?? Number.NaN) * scale;
    });
  };
  const place = {
    id: 'openstef287',
    loadKw,
    ghi: held('radiation', 1 / 3600),
    wind: held('windspeed_100m', 1),
    temperature: held('temp', 1),
  };
  return { place, startMs };
}

interface CsvTable {
  readonly names: readonly string[];
  readonly times: readonly number[];
  column(name: string): Float64Array;
}

function table(text: string): CsvTable {
  const [header = '', ...lines] = text.trimEnd().split(/\r?\n/);
  const names = header.split(',');
  const rows = lines.map((line) => line.split(','));
  const times = rows.map(([time = '']) => {
    const iso = time.replace(' ', 'T');
    return Date.parse(iso.includes('+') ? iso : `${iso}Z`);
  });
  const column = (name: string): Float64Array => {
    const at = names.indexOf(name);
    if (at < 0) throw new Error(`the reference series lack the column ${name}`);
    return Float64Array.from(rows, (row) => (row[at] === undefined || row[at] === '' ? Number.NaN : Number(row[at])));
  };
  return { names, times, column };
}

/** Means of clock hours; an hour with fewer than `least` samples (default: the count of the fullest hour) is unknown. */
function hourly(
  { times }: CsvTable,
  column: Float64Array,
  selected?: readonly boolean[],
  least?: number,
): { start: number; values: Float64Array } {
  const hours = times.map((time) => Math.floor(time / HOUR_MS));
  const used = hours.filter((_, row) => selected?.[row] ?? true);
  const first = used[0]!;
  const count = used.at(-1)! - first + 1;
  const sums = new Float64Array(count);
  const samples = new Uint16Array(count);
  for (const [row, hour] of hours.entries()) {
    if (!(selected?.[row] ?? true) || Number.isNaN(column[row]!)) continue;
    sums[hour - first]! += column[row]!;
    samples[hour - first]!++;
  }
  const full = least ?? samples.reduce((most, each) => Math.max(most, each), 1);
  return {
    start: first * HOUR_MS,
    values: sums.map((sum, i) => (samples[i]! >= full ? sum / samples[i]! : Number.NaN)),
  };
}

/** Hourly values by time on the grid of a load; NaN where missing. */
function placed(
  { times }: CsvTable,
  { start, count }: { start: number; count: number },
  pick: (row: number) => number,
): Float64Array {
  const out = new Float64Array(count).fill(Number.NaN);
  for (const [row, time] of times.entries()) {
    const at = (time - start) / HOUR_MS;
    if (at >= 0 && at < count) out[at] = pick(row);
  }
  return out;
}

function englishHolidays(start: number, count: number): Uint8Array {
  const file = JSON.parse(readSeriesFile('wpd-pod-stentaway/holidays.json')) as {
    'england-and-wales': { events: { date: string }[] };
  };
  const days = new Set(file['england-and-wales'].events.map(({ date }) => date));
  const zone = new LocalCalendar('Europe/London');
  return Uint8Array.from({ length: count }, (_, i) => {
    const time = start + i * HOUR_MS;
    return days.has(new Date(time + zone.offsetMs(time)).toISOString().slice(0, 10)) ? 1 : 0;
  });
}

const mean = (values: readonly number[]): number => {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
};
