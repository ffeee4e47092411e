import type { Forecast, ForecastLoad } from '../../../shared/contracts/forecast.ts';
import { indexOfLevel, quantileOfSorted } from '../../../shared/forecast/quantiles.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { withRest } from '../../forecast/serve/components.ts';
import { roundedKw } from '../../forecast/serve/rounded-kw.ts';
import { valueAt } from '../../forecast/reconcile/quantile-function.ts';
import { partsWithDevices, pastPower, plannedPower, type CommandedSources } from './commanded.ts';
import { membersOf } from '../inputs/sum-target.ts';

/** Fewer past days than this say too little about the devices. */
const LEAST_DAYS = 7;
/** Levels at which a quantile function is sampled: the midpoints of 99 equal parts. */
const SAMPLED = Array.from({ length: 99 }, (_, i) => (i + 0.5) / 99);

/**
 * Turns a forecast of the uncontrolled load into one with devices, as known at `asOf`. `planned` adds the plan in force, step by step;
 * LS-FORECAST-010 beyond it. `net`, the future meter reading, adds the plan and, beyond it, what the devices did at that time of day in the
 * last two weeks. Those days are equally likely and independent of the forecast error; the quantiles are those of the mixture.
 */
export async function withDevices(
  forecast: Forecast,
  load: Exclude<ForecastLoad, 'uncontrolled'>,
  context: { readonly sources: CommandedSources; readonly asOf: number; readonly id: string },
): Promise<Forecast> {
  const { sources, asOf, id } = context;
  const targets = membersOf(forecast.target) ?? [forecast.target];
  const count = forecast.values[0]?.length ?? 0;
  const steps = { start: forecast.start, stepMs: forecast.resolutionS * 1000, count };
  const { kw, plans, without } = await plannedPower(sources, targets, { steps, asOf });
  const isPlain = partsWithDevices(sources.region, targets).length === 0;
  const days = load === 'net' && kw.some(Number.isNaN) ? await pastPower(sources, targets, { steps, asOf }) : [];
  const columns = Array.from({ length: count }, (_, step) => {
    const column = forecast.values.map((row) => row[step]!);
    if (!Number.isNaN(kw[step]!)) return column.map((value) => roundedKw(value + kw[step]!));
    const past = days[step] ?? [];
    return past.length < LEAST_DAYS ? undefined : mixed(forecast.quantiles, column, past);
  });
  const first = columns.findIndex((column) => column !== undefined);
  if (first < 0) throw notKnown(load, { without, asOf });
  const gap = columns.findIndex((column, step) => step > first && column === undefined);
  const shown = columns.slice(first, gap < 0 ? count : gap) as number[][];
  const values = forecast.quantiles.map((_, q) => shown.map((column) => column[q]!));
  const cut = (series: readonly number[]): number[] => series.slice(first, first + shown.length);
  const { components, mean, reconciled: _, ...plain } = forecast;
  const added = (step: number): number => {
    const past = days[step] ?? [];
    return Number.isNaN(kw[step]!) ? past.reduce((sum, each) => sum + each, 0) / past.length : kw[step]!;
  };
  const median = values[indexOfLevel(forecast.quantiles, 0.5)]!;
  const notes: string[] = [];
  if (plans.length > 0 && without.length === 0) notes.push(`with the plan in force: ${plans.join(', ')}`);
  const start = forecast.start + first * steps.stepMs;
  if (shown.length < count)
    notes.push(
      `the power of the devices is known up to ${new Date(start + shown.length * steps.stepMs).toISOString()}`,
    );
  if (days.length > 0) notes.push('beyond the plan, devices are assumed to repeat their power at that time of day');
  return {
    ...plain,
    id,
    load,
    issuedAt: asOf,
    start,
    values,
    ...(mean && { mean: shown.map((_, at) => roundedKw(mean[first + at]! + added(first + at))) }),
    ...(components && { components: withRest(median, cut(components.solar), cut(components.wind)) }),
    calibration: isPlain ? forecast.calibration : null,
    warnings: [...forecast.warnings, ...notes],
  };
}

/** Quantiles of a forecast plus an independent, uniform draw from `past`. */
function mixed(levels: readonly number[], column: readonly number[], past: readonly number[]): number[] {
  const own = SAMPLED.map((level) => valueAt(levels, column, level));
  const all = Float64Array.from(past.flatMap((kw) => own.map((value) => value + kw))).sort();
  return levels.map((level) => roundedKw(quantileOfSorted(all, level)));
}

function notKnown(
  load: ForecastLoad,
  { without, asOf }: { readonly without: readonly string[]; readonly asOf: number },
): LoadstoneError {
  const where = without.length === 0 ? 'the plan has ended' : `no plan of ${without.join(', ')} was in force`;
  const past = load === 'net' ? `, and the power of its devices is known for fewer than ${LEAST_DAYS} days` : '';
  return new LoadstoneError('LS-FORECAST-010', `${where} at ${new Date(asOf).toISOString()}${past}`, '/body/load');
}
