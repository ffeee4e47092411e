import type { Quality } from '../../../shared/contracts/ids.ts';
import { qualities } from '../../../shared/contracts/value-codes.ts';
import type { Region, RegionSubstation } from '../../../shared/contracts/region.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { isUnmetered, type LoadQuery } from '../../estimate/net-load.ts';
import type { Upload, UploadedValue } from '../../planner/inputs/upload-store.ts';
import type { ReadTable } from '../../tables/read-table.ts';
import { formatTime, parseTime } from '../conventions.ts';

/** An uploaded value; `pointer` is its place in the upload. */
export interface RawValue {
  readonly target: string;
  readonly start: number;
  readonly value: number | null;
  readonly quality: Quality;
  readonly pointer: string;
}

export interface UploadRules {
  readonly region: Region;
  /** Plant time. */
  readonly now: number;
  readonly resolutionS: number;
  readonly unit: 'kW' | 'MW';
}

/** A larger value means that the unit was mistaken. */
const MOST_KW = 10_000_000;
/** Rows read in one turn of the event loop. */
const READ_AT_ONCE = 5000;

/** Reads a table with the columns target, start, value and optionally quality: the answer of GET can be uploaded as it is. */
export async function valuesOfTable({ count, columns, hasSemicolons = false }: ReadTable): Promise<RawValue[]> {
  for (const name of ['target', 'start', 'value'])
    if (columns[name] === undefined)
      throw new LoadstoneError(
        'LS-API-001',
        `the column ${name} is missing: expected target, start, value and optionally quality`,
        '/body',
      );
  const decimal = hasSemicolons && columns['value']!.some((each) => String(each).includes(',')) ? ',' : '.';
  if (count === 0) throw new LoadstoneError('LS-API-001', 'there are no rows below the header', '/body');
  const values: RawValue[] = [];
  for (let row = 0; row < count; row++) {
    if (row % READ_AT_ONCE === READ_AT_ONCE - 1) await new Promise(setImmediate);
    const pointer = `/body/${row}`;
    const cell = (name: string) => columns[name]?.[row] ?? null;
    const start = cell('start');
    const value = cell('value');
    values.push({
      target: String(cell('target') ?? ''),
      start: typeof start === 'number' ? start : parseTime(String(start ?? ''), `${pointer}/start`),
      value: value === null ? null : numberOf(value, decimal, `${pointer}/value`),
      quality: qualityOf(cell('quality'), value === null, pointer),
      pointer,
    });
  }
  return values;
}

const NUMBERS = { '.': /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i, ',': /^[+-]?\d+(,\d+)?$/ } as const;

/** Parses a number of a file, which has one decimal sign: if any value has a comma, none may have a dot. */
function numberOf(value: string | number | boolean, decimal: '.' | ',', pointer: string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && NUMBERS[decimal].test(value)) return Number(value.replace(',', '.'));
  const example = decimal === ',' ? '3050,1' : '3050.1';
  throw new LoadstoneError(
    'LS-API-001',
    `${pointer}: "${String(value).slice(0, 40)}" is not a number such as ${example}; leave unknown values empty`,
    pointer,
  );
}

export function qualityOf(quality: unknown, isMissing: boolean, pointer: string): Quality {
  if (quality === null || quality === undefined) return isMissing ? 'bad' : 'good';
  const known = qualities.find((each) => each === quality);
  if (known !== undefined) return known;
  throw new LoadstoneError('LS-API-001', `quality must be one of ${qualities.join(', ')}`, `${pointer}/quality`);
}

/** Checks every value and groups them by target. The first bad value throws with its place, and nothing is stored. */
export async function uploadsOf(
  raw: readonly RawValue[],
  { region, now, resolutionS, unit }: UploadRules,
): Promise<Upload[]> {
  const stepMs = resolutionS * 1000;
  const byTarget = new Map<string, Map<number, UploadedValue>>();
  for (const [index, { target, start, value, quality, pointer }] of raw.entries()) {
    if (index % READ_AT_ONCE === READ_AT_ONCE - 1) await new Promise(setImmediate);
    const refuse = (detail: string, name: string): LoadstoneError =>
      new LoadstoneError('LS-API-007', `${pointer}: ${detail}`, `${pointer}/${name}`);
    const kw = value === null ? null : unit === 'MW' ? value * 1000 : value;
    if (kw !== null && !(Math.abs(kw) <= MOST_KW))
      throw refuse('the value must be a power of at most 10 GW, or null if unknown', 'value');
    if (!Number.isInteger(start) || start < 0 || start % stepMs !== 0)
      throw refuse(`start is not on the grid of ${resolutionS / 60} min`, 'start');
    if (start + stepMs > now) throw refuse('its interval has not ended yet', 'start');
    const values = byTarget.get(target) ?? new Map<number, UploadedValue>();
    byTarget.set(target, values);
    const before = values.get(start);
    if (before !== undefined && before.kw !== kw)
      throw refuse('this interval appears twice with different values', 'start');
    values.set(start, { start, kw, quality });
  }
  for (const target of byTarget.keys()) substationOf(region, target);
  return [...byTarget].map(([target, values]) => ({
    target,
    resolutionS,
    values: [...values.values()],
  }));
}

/** Returns the substation that a target is or belongs to as a feeder; throws LS-API-007 for anything else. */
function substationOf(region: Region, target: string): RegionSubstation {
  const [kind, id = ''] = target.split(':');
  const substation = region.substations.find(
    (each) => each.id === id || each.network.feeders.some((feeder) => feeder.id === id),
  );
  if (substation === undefined || (kind !== 'substation' && kind !== 'feeder'))
    throw new LoadstoneError(
      'LS-API-007',
      `${target}: measurements must be of a substation or a feeder of this region`,
      '/body',
    );
  return substation;
}

/** Returns what gateways measured in the range of an upload. */
export type Metered = (
  query: LoadQuery,
) => Promise<readonly { readonly start: number; readonly mean: number | null }[]>;

/**
 * A gateway's measurements are never overwritten: LS-API-005 names the first interval. A file may fill the time before the gateway, and its
 * gaps.
 */
export async function assertNotMeasured(uploads: readonly Upload[], region: Region, metered: Metered): Promise<void> {
  for (const { target, resolutionS, values } of uploads) {
    const substation = substationOf(region, target);
    const [kind, id = ''] = target.split(':');
    if (isUnmetered(substation, kind === 'feeder' ? id : undefined)) continue;
    for (const starts of runsOf(values.map(({ start }) => start))) {
      const end = starts.at(-1)! + resolutionS * 1000;
      const measured = await metered({ target, start: starts[0]!, end, resolutionS });
      const known = new Set(measured.flatMap((each) => (each.mean === null ? [] : [each.start])));
      const first = starts.find((each) => known.has(each));
      if (first !== undefined)
        throw new LoadstoneError(
          'LS-API-005',
          `${target} was already measured by the gateway ${substation.gateway} at ${formatTime(first)}: its measurements are never overwritten`,
          '/body',
        );
    }
  }
}

/** Longest run, and longest gap within one. */
const RUN_MS = 31 * 86_400_000;
const GAP_MS = 86_400_000;

/** Splits times into ascending runs, so that two times decades apart do not make the store read everything between. */
function runsOf(times: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const time of times.toSorted((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run === undefined || time - run.at(-1)! > GAP_MS || time - run[0]! > RUN_MS) runs.push([time]);
    else run.push(time);
  }
  return runs;
}
