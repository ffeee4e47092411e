import type { FeatureSchema, FeatureVersion, WeatherSeries } from '../../../shared/forecast/features.ts';
import { stepsPerDay } from '../../../shared/forecast/series.ts';
import type { MemberName } from './ensemble.ts';

/** How models are trained, at any resolution: plain data that can be sent to a worker. */
export interface Recipe {
  readonly featureVersion: FeatureVersion;
  /** Training uses at most this many days, the last before it starts. */
  readonly trainingDays: number;
  /** Members that join if the history suffices. */
  readonly members: readonly MemberName[];
  /** Days at the end that score the recipe and weight its members; the second number is for a short history. */
  readonly heldBackDays: number;
  readonly fewHeldBackDays: number;
}

/** The recipe of production: the cloud trains it, and every backtest scores it. */
export const RECIPE: Recipe = {
  featureVersion: 2,
  trainingDays: 728,
  members: ['ridge', 'boosting', 'mlp', 'hours', 'dayBefore'],
  heldBackDays: 28,
  fewHeldBackDays: 7,
};

/** The linear and day-before members, for a target that has no model yet; trained within seconds. */
export const FIRST: Recipe = { ...RECIPE, featureVersion: 1, members: ['ridge', 'dayBefore'] };

/** The recipe of models for gateways: only members that a gateway can afford to run. Of the weather it gets the temperature at most. */
export const GATEWAY_RECIPE: Recipe = { ...RECIPE, featureVersion: 1, members: ['ridge', 'boosting', 'mlp'] };

/** The recipe restricted to these members. */
export const within = (recipe: Recipe, members: readonly MemberName[]): Recipe =>
  recipe.members.every((name) => members.includes(name))
    ? recipe
    : { ...recipe, members: recipe.members.filter((name) => members.includes(name)) };

/** The full window needs nearly as many days before it (three fewer suffice); a shorter history uses the short window. */
export const heldBackOf = ({ heldBackDays, fewHeldBackDays }: Recipe, days: number): number =>
  days >= 2 * heldBackDays - 3 ? heldBackDays : Math.min(heldBackDays, fewHeldBackDays);

/** A quantity known for less than this share of the time is no input, because a model would learn from filled-in values. */
const LEAST_KNOWN = 0.5;
/** Days of history that version 2 needs; its many columns overfit a shorter one. */
export const LEAST_WIDE_DAYS = 182;

/** Days of history from which the time of the year is an input; before, unseen seasons would be extrapolated. */
const LEAST_YEAR_DAYS = 350;

/** The columns of a recipe, given the weather known up to index `end`. */
export function schemaFor(
  { featureVersion }: Recipe,
  horizon: { readonly steps: number; readonly stepS: number },
  known: { readonly weather: WeatherSeries | null | undefined; readonly end: number },
): FeatureSchema {
  const isKnown = (values: Float64Array | undefined): boolean => {
    const seen = values?.subarray(0, known.end).reduce((sum, value) => sum + Number(!Number.isNaN(value)), 0) ?? 0;
    return seen >= LEAST_KNOWN * known.end;
  };
  const { weather } = known;
  const isShort = known.end < LEAST_WIDE_DAYS * stepsPerDay(horizon.stepS);
  // Version 1 has no temperature. If the temperature is known, the model uses it.
  const hasSunOrWind = isKnown(weather?.ghi) || isKnown(weather?.wind);
  if (isShort || (featureVersion === 1 && !isKnown(weather?.temperature)))
    return { version: 1, ...horizon, weather: hasSunOrWind };
  return {
    version: 2,
    ...horizon,
    weather: hasSunOrWind,
    temperature: isKnown(weather?.temperature),
    year: known.end >= LEAST_YEAR_DAYS * stepsPerDay(horizon.stepS),
  };
}
