import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import type { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import type { Forecast, ForecastKind } from '../../../shared/contracts/forecast.ts';
import { weatherKindAt, type WeatherKind } from '../../forecast/serve/weather-kind.ts';
import { BASELINES, LEAD_HOURS, naiveAt, type BaselineName, type Pair } from '../../forecast/serve/scorecard.ts';
import { chooseVintages, isFallbackAt, valuesAt } from '../../forecast/serve/vintages.ts';
import { localDay } from '../../tables/local-time.ts';
import type { ApiDeps } from '../deps.ts';

export const STEP_MS = 900_000;
/** History that a naive forecaster needs. */
export const LOOK_BACK_MS = 16 * 86_400_000;
const REACH_MS = 8 * 86_400_000;
const READ_AT_ONCE = 8;

/** Selects the forecast to score at a step: the newest one issued within [firstIssue, lastIssue]. Times in ms UTC. */
export interface LeadRule {
  readonly name: string;
  lastIssue(step: number): number;
  firstIssue(step: number): number;
  /** Age of the last measurement that a naive forecaster of this rule knows at the step, ms. */
  knownMs(step: number): number;
}

const HOUR_MS = 3_600_000;
/** Classes of lead times; each starts above the previous one. */
export const LEAD_CLASSES: readonly LeadRule[] = LEAD_HOURS.map((hours, index, all) => ({
  name: `PT${hours}H`,
  lastIssue: (step) => (index === 0 ? step : step - all[index - 1]! * HOUR_MS - 1),
  firstIssue: (step) => step - hours * HOUR_MS,
  knownMs: () => hours * HOUR_MS,
}));

export interface ScoreSpan {
  readonly target: string;
  readonly start: number;
  readonly end: number;
  /** Load from `start` minus the look-back, kW on the 15-min grid; NaN where unknown. */
  readonly load: Float64Array;
  readonly zone: LocalCalendar;
}

/** Pairs of one model and lead class, by start. */
export interface ScoredGroup {
  /** Null: all models pooled, or all lead times. */
  readonly model: string | null;
  readonly lead: string | null;
  readonly pairs: Map<number, Pair>;
  /** Kinds of weather that its forecasts used. */
  readonly weather: Set<WeatherKind>;
}

/** Returns forecasts and actual load, by model and lead class. */
export async function forecastPairs(
  deps: Pick<ApiDeps, 'vintages'>,
  span: ScoreSpan,
  lead: LeadRule,
): Promise<ScoredGroup[]> {
  const groups = new Map<string, ScoredGroup>();
  const kinds: readonly ForecastKind[] = ['issued', 'external'];
  for (const kind of kinds) {
    const heads = await deps.vintages.heads({
      target: span.target,
      kind,
      load: 'uncontrolled',
      from: Math.max(0, span.start - REACH_MS),
      to: span.end,
    });
    const rule = {
      start: span.start,
      end: span.end,
      resolutionS: STEP_MS / 1000,
      lastIssue: (step: number) => lead.lastIssue(step),
      firstIssue: (step: number) => lead.firstIssue(step),
      spreads: true,
      all: false,
    } as const;
    const read = new Map<string, Forecast>();
    // External forecasts are scored per system, so that a newer one of another system does not hide them.
    const makers = kind === 'external' ? [...Map.groupBy(heads, ({ model }) => model).values()] : [heads];
    for (const { start, head } of makers.flatMap((own) => chooseVintages(own, rule))) {
      const actual = loadAt(span, start);
      if (Number.isNaN(actual)) continue;
      let forecast = read.get(head.id);
      if (forecast === undefined) {
        if (read.size % READ_AT_ONCE === READ_AT_ONCE - 1) await new Promise(setImmediate);
        read.set(head.id, (forecast = (await deps.vintages.get(head.id))!));
      }
      const maker = makerAt(forecast, start);
      const group = groups.get(maker) ?? { model: maker, lead: lead.name, pairs: new Map(), weather: new Set() };
      groups.set(maker, group);
      group.weather.add(weatherKindAt(forecast, start));
      group.pairs.set(start, {
        start,
        day: localDay(span.zone, start),
        series: lead.name,
        actual,
        values: onLevels(forecast.quantiles, valuesAt(forecast, start, STEP_MS / 1000)),
        isFallback: isFallbackAt(forecast, start),
      });
    }
  }
  return [...groups.values()];
}

/** Returns the naive forecasts of the same lead class, which know the measurements up to `knownMs` before each step. */
export function naivePairs(span: ScoreSpan, lead: LeadRule): Map<BaselineName, ScoredGroup> {
  return new Map(
    BASELINES.map((name) => {
      const pairs = new Map<number, Pair>();
      for (let start = span.start; start < span.end; start += STEP_MS) {
        const index = indexOf(span, start);
        const said = naiveAt(name, span.load, index, Math.round(lead.knownMs(start) / STEP_MS));
        const actual = span.load[index]!;
        if (Number.isNaN(said) || Number.isNaN(actual)) continue;
        pairs.set(start, {
          start,
          day: localDay(span.zone, start),
          series: lead.name,
          actual,
          values: QUANTILES.map(() => said),
          isFallback: false,
        });
      }
      return [name, { model: `baseline:${name}`, lead: lead.name, pairs, weather: new Set(['none'] as const) }];
    }),
  );
}

/** Interpolates quantiles linearly to our levels; beyond the outermost level its value holds. */
function onLevels(quantiles: readonly number[], values: readonly number[]): readonly number[] {
  const areOurs =
    quantiles.length === QUANTILES.length && quantiles.every((each, at) => Math.abs(each - QUANTILES[at]!) < 1e-9);
  if (areOurs) return values;
  return QUANTILES.map((level) => {
    const above = quantiles.findIndex((each) => each >= level);
    if (above < 0) return values.at(-1)!;
    if (above === 0) return values[0]!;
    const [low, high] = [quantiles[above - 1]!, quantiles[above]!];
    const share = (level - low) / (high - low);
    return values[above - 1]! + share * (values[above]! - values[above - 1]!);
  });
}

/** Returns the id of the model that produced the step at `start`. */
const makerAt = ({ model, extension }: Forecast, start: number): string =>
  extension !== undefined && start >= extension.from ? extension.model.id : model.id;

const indexOf = (span: ScoreSpan, start: number): number => Math.round((start - span.start + LOOK_BACK_MS) / STEP_MS);
const loadAt = (span: ScoreSpan, start: number): number => span.load[indexOf(span, start)]!;
