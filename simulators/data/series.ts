import { readFileSync } from 'node:fs';
import { substationIds, type SubstationId } from './names.ts';

/** The grid of all series: 15-min intervals, labelled by their start. */
export const seriesStartMs = Date.UTC(2021, 6, 31);
export const seriesEndMs = Date.UTC(2021, 9, 31);
export const seriesStepMs = 900_000;
export const seriesCount = (seriesEndMs - seriesStartMs) / seriesStepMs;

/** Clock corrections of the files (openstef/SOURCE.md): power is in Dutch summer time, weather is one hour early. */
const POWER_SHIFT_MS = -2 * 3_600_000;
const WEATHER_SHIFT_MS = 3_600_000;
const SECONDS_PER_HOUR = 3600;

/** One recorded substation, in UTC; NaN marks a gap. Power in kW; positive is consumption, as in the file. */
export interface SubstationSeries {
  readonly id: SubstationId;
  readonly latitude: number;
  readonly longitude: number;
  readonly netKw: Float64Array;
  /** Null if the file's column is empty throughout. */
  readonly solarKw: Float64Array | null;
  readonly windKw: Float64Array | null;
  readonly radiationWm2: Float64Array;
  readonly windSpeedMs: Float64Array;
}

/** Reads and corrects the ten shipped files. */
export function loadSeries(): SubstationSeries[] {
  return substationIds.map((id) =>
    parseSeries(id, readFileSync(new URL(`openstef/substation_${id.toUpperCase()}.csv`, import.meta.url), 'utf8')),
  );
}

/** Throws if the header lacks a required column; a value that is not a number is a gap. */
export function parseSeries(id: SubstationId, csv: string): SubstationSeries {
  const [header = '', ...rows] = csv.trimEnd().split(/\r?\n/);
  const names = header.split(',').map((name) => name.trim().toLowerCase());
  const at = (name: string): number => {
    const index = names.indexOf(name);
    if (index < 0) throw new Error(`series ${id}: column ${name} is missing; the header is "${header}"`);
    return index;
  };
  const fields = rows.map((row) => row.split(','));
  const times = fields.map((row) => Date.parse(row[at('datetime')]!.replace(' ', 'T')));
  const column = (name: string, shiftMs: number, scale: number): Float64Array => {
    const index = at(name);
    const values = new Float64Array(seriesCount).fill(NaN);
    for (const [row, time] of times.entries()) {
      const step = (time + shiftMs - seriesStartMs) / seriesStepMs;
      const text = fields[row]![index] ?? '';
      if (Number.isInteger(step) && step >= 0 && step < seriesCount && text !== '') values[step] = Number(text) * scale;
    }
    return values;
  };
  const part = (name: string): Float64Array | null => {
    if (!names.includes(name)) return null;
    const values = column(name, POWER_SHIFT_MS, 1000);
    return values.some((value) => value < 0 || value > 0) ? values : null;
  };
  const weather = (name: string, scale: number): Float64Array =>
    column(name, WEATHER_SHIFT_MS, scale).map((value) => Math.max(0, value));
  return {
    id,
    latitude: Number(fields[0]![at('lat')]),
    longitude: Number(fields[0]![at('lon')]),
    netKw: column('total_substation', POWER_SHIFT_MS, 1000),
    solarKw: part('total_solar_part'),
    windKw: part('total_wind_part'),
    radiationWm2: weather('radiation', 1 / SECONDS_PER_HOUR),
    windSpeedMs: weather('windspeed_100m', 1),
  };
}
