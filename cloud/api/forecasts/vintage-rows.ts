import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import type { Forecast, ForecastKind } from '../../../shared/contracts/forecast.ts';
import { chooseVintages, isFallbackAt, meanAt, valuesAt, type VintageStep } from '../../forecast/serve/vintages.ts';
import { weatherKindAt } from '../../forecast/serve/weather-kind.ts';
import { tableOf, type Cell } from '../../tables/table.ts';
import { inUnit, parseDuration, parseTime, quantileColumn, resolutionSeconds } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { availableAt } from './available-at.ts';
import { chosenQuantiles } from './shown-steps.ts';

/** Which vintages to return, as in the query of GET /v1/forecasts. */
export interface VintageAsk {
  readonly start: string;
  readonly end: string;
  readonly resolution?: 'PT15M' | 'PT30M' | 'PT1H';
  readonly leadTime?: string;
  readonly availableAt?: string;
  readonly vintages?: 'newest' | 'all';
  readonly kind?: ForecastKind;
  readonly load?: Forecast['load'];
  readonly quantiles?: string;
  readonly unit?: 'kW' | 'MW';
  readonly limit?: number;
}

export interface ChosenVintage extends VintageStep {
  readonly target: string;
}

/** How far before a step its forecasts are looked up: our own reach at most this far, external ones further. */
const REACH_MS = 8 * 86_400_000;
const OTHERS_REACH_MS = 90 * 86_400_000;
export const MAX_ROWS = 200_000;
const MAX_STEPS = 400_000;
/** Loads that other systems forecast. */
const LOADS = ['uncontrolled', 'net'] as const;
/** Vintages read before other work gets a turn. */
const READ_AT_ONCE = 8;

/** Returns the first `most` of the vintages that answer for each step of each target, issued by `issuedBefore`. */
export async function chosenOf(
  query: VintageAsk,
  targets: readonly string[],
  {
    deps,
    issuedBefore,
    most = Number.POSITIVE_INFINITY,
  }: { readonly deps: Pick<ApiDeps, 'vintages'>; readonly issuedBefore: number; readonly most?: number },
): Promise<ChosenVintage[]> {
  const resolutionS = query.resolution === undefined ? 900 : resolutionSeconds(query.resolution);
  const stepMs = resolutionS * 1000;
  const start = Math.ceil(parseTime(query.start, '/querystring/start') / stepMs) * stepMs;
  const end = parseTime(query.end, '/querystring/end');
  if (end <= start) throw new LoadstoneError('LS-API-007', 'end must be after start', '/querystring/end');
  if (((end - start) / stepMs) * targets.length > MAX_STEPS) assertFits(Number.POSITIVE_INFINITY);
  const inTime = leadRule(query);
  const lastIssue = (step: number): number => Math.min(issuedBefore, inTime(step));
  const reachMs = query.kind === 'external' ? OTHERS_REACH_MS : REACH_MS;
  const firstIssue = (step: number): number => step - reachMs;
  const all = query.vintages === 'all';
  // Other systems also forecast in hours, which count as constant.
  const spreads = query.kind === 'external' && ({ spreads: true } as const);
  const rule = { start, end, resolutionS, lastIssue, firstIssue, all, ...spreads };
  // Nor does the net load stand in for the uncontrolled load.
  const loads = query.kind === 'external' && query.load === undefined ? LOADS : [query.load];
  const chosen: ChosenVintage[] = [];
  for (const target of targets) {
    for (const load of loads) {
      if (chosen.length >= most) break;
      const heads = await deps.vintages.heads({
        target,
        kind: query.kind ?? 'issued',
        load,
        from: Math.max(0, start - reachMs),
        to: issuedBefore,
      });
      // The newest of each external system: one does not stand in for another.
      for (const own of query.kind === 'external' ? Map.groupBy(heads, ({ model }) => model).values() : [heads])
        for (const step of chooseVintages(own, { ...rule, most: most - chosen.length }))
          chosen.push({ ...step, target });
    }
    assertFits(query.vintages === 'all' && query.limit === undefined ? chosen.length : 0);
  }
  return chosen;
}

function leadRule(query: VintageAsk): (step: number) => number {
  if (query.availableAt !== undefined && query.leadTime !== undefined)
    throw new LoadstoneError('LS-API-007', 'use leadTime or availableAt, not both', '/querystring/availableAt');
  if (query.availableAt !== undefined) return availableAt(query.availableAt, '/querystring/availableAt');
  const leadMs =
    query.leadTime === undefined || /^PT?0[HMS]$/.test(query.leadTime)
      ? 0
      : parseDuration(query.leadTime, '/querystring/leadTime');
  return (step) => step - leadMs;
}

export function assertFits(rows: number): void {
  if (rows > MAX_ROWS)
    throw new LoadstoneError(
      'LS-API-006',
      `more than ${MAX_ROWS} rows in one answer: request a shorter span or fewer targets, or use POST /v1/exports`,
    );
}

/** Returns one row per step and vintage. */
export async function vintageRows(
  chosen: readonly ChosenVintage[],
  query: VintageAsk,
  deps: Pick<ApiDeps, 'vintages'>,
): Promise<Record<string, Cell>[]> {
  const resolutionS = query.resolution === undefined ? 900 : resolutionSeconds(query.resolution);
  const forecasts = new Map<string, Forecast>();
  const rows: Record<string, Cell>[] = [];
  for (const { target, start, head } of chosen) {
    let forecast = forecasts.get(head.id);
    if (forecast === undefined) {
      if (forecasts.size % READ_AT_ONCE === READ_AT_ONCE - 1) await new Promise(setImmediate);
      forecast = (await deps.vintages.get(head.id))!;
      forecasts.set(head.id, forecast);
    }
    const values = valuesAt(forecast, start, resolutionS);
    // Other systems have quantiles of their own; each row has all that were asked for.
    const quantiles =
      query.kind === 'external' && query.quantiles !== undefined
        ? query.quantiles.split(',').map(Number)
        : chosenQuantiles(forecast.quantiles, query.quantiles);
    rows.push({
      target,
      start,
      issuedAt: head.issuedAt,
      forecastId: head.id,
      leadTimeS: Math.round((start - head.issuedAt) / 1000),
      ...Object.fromEntries(
        quantiles.map((quantile) => [
          quantileColumn(quantile),
          inUnit(
            values[forecast.quantiles.findIndex((each) => Math.abs(each - quantile) < 1e-9)] ?? null,
            query.unit ?? 'kW',
          ),
        ]),
      ),
      mean: inUnit(meanAt(forecast, start, resolutionS), query.unit ?? 'kW'),
      isFallback: isFallbackAt(forecast, start),
      weather: weatherKindAt(forecast, start),
      // Tells the rows of several systems apart.
      ...(query.kind === 'external' && { model: head.model, load: forecast.load }),
    });
  }
  return rows;
}

export function vintageTable(rows: readonly Record<string, Cell>[], query: VintageAsk) {
  const quantiles = [
    ...new Set(rows.flatMap((row) => Object.keys(row).filter((name) => name.startsWith('quantile_')))),
  ];
  const asked = new Set((query.quantiles?.split(',').map(Number) ?? QUANTILES).map(quantileColumn));
  return tableOf(
    [
      ['target', 'text'],
      ['start', 'time'],
      ['issuedAt', 'time'],
      ['forecastId', 'text'],
      ['leadTimeS', 'integer'],
      ...(quantiles.length > 0 ? quantiles : [...asked]).map((name) => [name, 'number'] as const),
      ['isFallback', 'flag'],
      ['mean', 'number'],
      ['weather', 'text'],
      ...(query.kind === 'external' ? [['model', 'text'] as const, ['load', 'text'] as const] : []),
    ],
    rows,
  );
}
