import { orNull } from '../../../shared/forecast/series.ts';
import { origins, qualities } from '../../../shared/contracts/value-codes.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { membersOf } from '../../planner/inputs/sum-target.ts';
import type { Cell } from '../../tables/table.ts';
import { formatTime, inUnit, SIGN_CONVENTION } from '../conventions.ts';
import type { Measured, MeasuredInterval, MeasurementQuery } from '../../planner/inputs/measured.ts';

/**
 * Returns the load as metered, or without the commanded devices, which is an estimate and bad where a part is unknown. A sum adds its
 * members.
 */
export async function measuredSeries(
  measured: Pick<Measured, 'intervals' | 'uncontrolled'>,
  { asOf, ...range }: MeasurementQuery,
  load: 'net' | 'uncontrolled',
): Promise<readonly MeasuredInterval[]> {
  const members = membersOf(range.target);
  if (load === 'net') {
    if (members === undefined) return measured.intervals({ ...range, asOf });
    return summed(await Promise.all(members.map((target) => measured.intervals({ ...range, target, asOf }))));
  }
  const device = (members ?? [range.target]).find((target) => target.startsWith('device:'));
  if (device !== undefined)
    throw new LoadstoneError('LS-API-007', `${device} has no uncontrolled load`, '/querystring/load');
  const { values, substitution } = await measured.uncontrolled.intervals({
    ...range,
    ...(asOf === undefined ? {} : { asOf }),
  });
  return Array.from(values, orNull).map((mean, step) => ({
    start: range.start + step * range.resolutionS * 1000,
    mean,
    min: null,
    max: null,
    coverage: mean === null ? 0 : 1,
    quality: mean === null ? 'bad' : substitution === null ? 'good' : 'uncertain',
    origin: substitution === null ? 'estimated' : 'substituted',
  }));
}

const worstOf = <T>(order: readonly T[], found: readonly T[]): T =>
  order[Math.max(...found.map((each) => order.indexOf(each)))]!;

/** Adds the members step by step: unknown if one is, and with the worst of their qualities. */
function summed(members: readonly (readonly MeasuredInterval[])[]): MeasuredInterval[] {
  return members[0]!.map(({ start }, step) => {
    const parts = members.map((series) => series[step]!);
    const isKnown = parts.every(({ mean }) => mean !== null);
    return {
      start,
      mean: isKnown ? parts.reduce((sum, { mean }) => sum + mean!, 0) : null,
      min: null,
      max: null,
      coverage: Math.min(...parts.map(({ coverage }) => coverage)),
      quality: isKnown
        ? worstOf(
            qualities,
            parts.map(({ quality }) => quality),
          )
        : 'bad',
      origin: worstOf(
        origins,
        parts.map(({ origin }) => origin),
      ),
    };
  });
}

/** Returns when the cloud stored the last value of each interval that it knew at `asOf`; for a sum, of its last member. */
export async function receiptsOf(
  measured: Pick<Measured, 'receipts'>,
  range: MeasurementQuery,
): Promise<readonly (number | null)[]> {
  const members = membersOf(range.target) ?? [range.target];
  const [first = [], ...others] = await Promise.all(members.map((target) => measured.receipts({ ...range, target })));
  return first.map((at, step) =>
    others.reduce((last: number | null, each) => {
      const other = each[step] ?? null;
      return last === null || other === null ? null : Math.max(last, other);
    }, at),
  );
}

export interface MeasuredItem {
  readonly target: string;
  readonly start: string;
  readonly values: readonly (number | null)[];
  readonly quality: readonly string[];
  readonly origin: readonly string[];
  readonly receivedAt: readonly (string | null)[];
  readonly [more: string]: unknown;
}

export function presentMeasured(
  target: string,
  series: readonly MeasuredInterval[],
  options: {
    readonly start: number;
    readonly receipts: readonly (number | null)[];
    readonly load: 'net' | 'uncontrolled';
    readonly resolution: string;
    readonly unit: 'kW' | 'MW';
  },
): MeasuredItem {
  return {
    target,
    load: options.load,
    start: formatTime(series[0]?.start ?? options.start),
    resolution: options.resolution,
    unit: options.unit,
    signConvention: SIGN_CONVENTION,
    values: series.map(({ mean }) => inUnit(mean, options.unit)),
    quality: series.map(({ quality }) => quality),
    origin: series.map(({ origin }) => origin),
    receivedAt: series.map(({ mean }, step) => {
      const received = mean === null ? null : (options.receipts[step] ?? null);
      return received === null ? null : formatTime(received);
    }),
  };
}

export const MEASURED_COLUMNS = [
  ['target', 'text'],
  ['start', 'time'],
  ['value', 'number'],
  ['quality', 'text'],
  ['origin', 'text'],
  ['receivedAt', 'time'],
] as const;

export const measuredRows = (item: MeasuredItem, resolutionS: number): Record<string, Cell>[] =>
  item.values.map((value, step) => ({
    target: item.target,
    start: Date.parse(item.start) + step * resolutionS * 1000,
    value,
    quality: item.quality[step]!,
    origin: item.origin[step]!,
    receivedAt: item.receivedAt[step] === null ? null : Date.parse(item.receivedAt[step]!),
  }));
