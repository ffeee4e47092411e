import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** SimBench's load profiles in wall time, 15 min. */
export interface LoadProfiles {
  /** Wall time of the first row, taken as UTC. */
  readonly startMs: number;
  readonly stepMs: number;
  /** Active power of each profile over its own mean. */
  readonly shapes: Readonly<Record<string, Float64Array>>;
}

const STEP_MS = 900_000;

export function loadProfiles(): LoadProfiles {
  const file = new URL('simbench/LoadProfile.2016-07-01.2016-11-30.csv.gz', import.meta.url);
  return parseProfiles(gunzipSync(readFileSync(file)).toString('utf8'));
}

/** The hour repeated at the change to winter time appears once; every step must be present. */
export function parseProfiles(csv: string): LoadProfiles {
  const [header = '', ...rows] = csv.trimEnd().split(/\r?\n/);
  const names = header.split(';');
  const startMs = wallTime(rows[0]!);
  const count = (wallTime(rows.at(-1)!) - startMs) / STEP_MS + 1;
  const shapes: Record<string, Float64Array> = {};
  for (const [index, name] of names.entries()) {
    if (!name.endsWith('_pload')) continue;
    const values = new Float64Array(count).fill(NaN);
    for (const row of rows) values[(wallTime(row) - startMs) / STEP_MS] = Number(row.split(';')[index]);
    const gap = values.findIndex((value) => Number.isNaN(value));
    if (gap >= 0) throw new Error(`profile ${name} has no value at step ${gap}`);
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    shapes[name.replace('_pload', '')] = values.map((value) => value / mean);
  }
  return { startMs, stepMs: STEP_MS, shapes };
}

/** Parses "31.07.2016 00:15;..." as if it were UTC. */
function wallTime(row: string): number {
  const part = (from: number, to: number): number => Number(row.slice(from, to));
  return Date.UTC(part(6, 10), part(3, 5) - 1, part(0, 2), part(11, 13), part(14, 16));
}
