import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { Cell } from '../../tables/table.ts';
import { formatTime, inUnit, SIGN_CONVENTION } from '../conventions.ts';
import type { ApiDeps, MeasuredInterval, MeasurementQuery } from '../deps.ts';

/** As metered; or less what we command, which is an estimate: bad where a part of it is not known. */
export async function measuredSeries(
  deps: Pick<ApiDeps, 'measurements' | 'uncontrolled'>,
  { asOf, ...range }: MeasurementQuery,
  load: 'net' | 'uncontrolled',
): Promise<readonly MeasuredInterval[]> {
  if (load === 'net') return deps.measurements({ ...range, asOf });
  if (range.target.startsWith('device:'))
    throw new LoadstoneError('LS-API-007', `${range.target} has no uncontrolled load`, '/querystring/load');
  const { values, substitution } = await deps.uncontrolled.intervals({
    ...range,
    ...(asOf === undefined ? {} : { asOf }),
  });
  return values.map((mean, step) => ({
    start: range.start + step * range.resolutionS * 1000,
    mean,
    min: null,
    max: null,
    coverage: mean === null ? 0 : 1,
    quality: mean === null ? 'bad' : substitution === null ? 'good' : 'uncertain',
    origin: substitution === null ? 'estimated' : 'substituted',
  }));
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
