import type { ForecastTarget } from '../../forecast/registry/forecast-target.ts';
import type { Forecast, ForecastExtension } from '../../../shared/contracts/forecast.ts';
import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { indexOfLevel } from '../../../shared/forecast/quantiles.ts';
import type { Compute } from '../../../shared/ports/compute.ts';
import { componentsOf, fitComponents, withRest } from '../../forecast/serve/components.ts';
import type { LoadSource, WeatherSource } from '../../forecast/serve/inputs.ts';
import { meansOf } from '../../forecast/serve/means.ts';
import { roundedKw } from '../../forecast/serve/rounded-kw.ts';
import { InputReader, type TargetInputs } from '../../forecast/serve/target-inputs.ts';
import { WEEK_DAYS, type weekAhead, type WeekAhead } from '../../forecast/serve/week-ahead.ts';
import { weatherFor, type WeatherMode } from '../inputs/weather-mode.ts';

export interface WeekAheadParts {
  readonly load: LoadSource;
  readonly weather: WeatherSource | undefined;
  readonly compute: Pick<Compute<{ weekAhead: typeof weekAhead }>, 'run'>;
}

/** Twelve weeks: with fewer the bands are less certain; more do not reduce the errors. */
const HISTORY_DAYS = 84;
/** Same span as for the split of issued forecasts. */
const SPLIT_DAYS = 28;
const DAY_MS = 86_400_000;

/**
 * Extends a forecast to the end of the seventh day from its start: its own steps unchanged, then those of `weekAhead` from the load known
 * at `asOf`. The median is split as far as the weather is known.
 */
export async function toWeekAhead(
  parts: WeekAheadParts,
  near: Forecast,
  { target, asOf, weather }: { readonly target: ForecastTarget; readonly asOf: number; readonly weather: WeatherMode },
): Promise<Forecast> {
  const { id, zone, holidays } = target;
  const stepMs = near.resolutionS * 1000;
  const steps = near.values[0]!.length;
  const reader = new InputReader(parts.load, weatherFor(weather, parts.weather), [target]);
  const ahead = (WEEK_DAYS * DAY_MS) / stepMs;
  const inputs = await reader.read(id, { end: near.start, days: HISTORY_DAYS, ahead, asOf });
  const far = await parts.compute.run('weekAhead', {
    load: trimmed(inputs.load),
    zone,
    ...(holidays && { holidays }),
    levels: near.quantiles,
    lastStep: steps - 1,
    last: near.values.map((row) => row[steps - 1]!),
  });
  const values = near.values.map((row, q) => [...row, ...far.values[q]!.map(roundedKw)]);
  const split = near.components && splitBehind(near, { target, inputs, median: medianOf(near.quantiles, values) });
  return {
    ...near,
    values,
    ...(near.mean && { mean: [...near.mean, ...meansOf(near.quantiles, far.values)] }),
    ...(split && { components: split }),
    extension: extensionOf(far, { near, from: near.start + steps * stepMs, asOf }),
  };
}

function extensionOf(
  { members, failed }: WeekAhead,
  { near, from, asOf }: { readonly near: Forecast; readonly from: number; readonly asOf: number },
): ForecastExtension {
  if (failed !== null) {
    const model = { id: 'same-hour-mean', sha256: null, members };
    return { from, model, fallback: { level: 'sameHourMean', reason: failed, since: asOf } };
  }
  const isMeterBad = near.fallback?.reason.startsWith('LS-FORECAST-004') === true;
  return { from, model: { id: 'week-ahead', sha256: null, members }, fallback: isMeterBad ? near.fallback : null };
}

const medianOf = (levels: readonly number[], values: readonly number[][]): number[] =>
  values[indexOfLevel(levels, 0.5)]!;

/** The components of the forecast, extended over the steps with known weather. */
function splitBehind(
  { components, start, resolutionS }: Forecast,
  {
    target,
    inputs,
    median,
  }: { readonly target: ForecastTarget; readonly inputs: TargetInputs; readonly median: number[] },
): Forecast['components'] {
  const { context, contextWeather } = inputs;
  if (components === undefined || contextWeather === null) return components;
  const { solar, wind } = components;
  const next = context.values.length;
  const first = Math.max(0, next - (SPLIT_DAYS * DAY_MS) / (resolutionS * 1000));
  const cut = (from: number, to?: number) => ({
    ghi: contextWeather.ghi.slice(from, to),
    wind: contextWeather.wind.slice(from, to),
  });
  const recent = {
    ...context,
    start: start - (next - first) * resolutionS * 1000,
    values: context.values.slice(first),
  };
  const fit = fitComponents(recent, cut(first, next), new LocalCalendar(target.zone, target.holidays));
  const ahead = cut(next + solar.length);
  const known = ahead.ghi.findIndex((ghi, step) => Number.isNaN(ghi) || Number.isNaN(ahead.wind[step]!));
  const steps = known < 0 ? ahead.ghi.length : known;
  if (fit === undefined || steps === 0) return components;
  const behind = componentsOf(median.slice(solar.length, solar.length + steps), fit, ahead);
  return withRest(median, [...solar, ...behind.solar], [...wind, ...behind.wind]);
}

/** Drops everything before the first measurement. */
function trimmed(load: TargetInputs['load']): TargetInputs['load'] {
  const from = Math.max(
    0,
    load.values.findIndex((value) => !Number.isNaN(value)),
  );
  return { ...load, start: load.start + from * load.stepS * 1000, values: load.values.slice(from) };
}
