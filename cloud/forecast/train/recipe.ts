import type { FeatureSchema, FeatureVersion, WeatherSeries } from '../../../shared/forecast/features.ts';
import { stepsPerDay } from '../../../shared/forecast/series.ts';
import type { MemberName } from './ensemble.ts';

/** How models are made, whatever their resolution: plain data, so that a worker can be told. */
export interface Recipe {
  readonly featureVersion: FeatureVersion;
  /** What a model is trained on at the most: the last days before its training. */
  readonly trainingDays: number;
  /** Members that join where history suffices. */
  readonly members: readonly MemberName[];
  /** Days at the end that measure the recipe and weigh its members; with little history a few of them. */
  readonly heldBackDays: number;
  readonly fewHeldBackDays: number;
}

/** The recipe of production: what the cloud trains, and what every backtest scores. */
export const RECIPE: Recipe = {
  featureVersion: 2,
  trainingDays: 728,
  members: ['ridge', 'boosting', 'mlp', 'hours', 'dayBefore'],
  heldBackDays: 28,
  fewHeldBackDays: 7,
};

/** The linear member and the day before, for a target that has no model yet: it is there in seconds. */
export const FIRST: Recipe = { ...RECIPE, featureVersion: 1, members: ['ridge', 'dayBefore'] };

/** What a gateway is sent: what it can afford to run. */
export const GATEWAY_RECIPE: Recipe = { ...RECIPE, featureVersion: 1, members: ['ridge', 'boosting', 'mlp'] };

/** With no more than these members. */
export const within = (recipe: Recipe, members: readonly MemberName[]): Recipe =>
  recipe.members.every((name) => members.includes(name))
    ? recipe
    : { ...recipe, members: recipe.members.filter((name) => members.includes(name)) };

/** A recipe that holds back so many days has as many before them, and half as many weeks again. */
export const heldBackOf = ({ heldBackDays, fewHeldBackDays }: Recipe, days: number): number =>
  days >= 2 * heldBackDays - 3 ? heldBackDays : Math.min(heldBackDays, fewHeldBackDays);

/** Below this share of its time a quantity is no input: a model would learn from what is carried on. */
const LEAST_KNOWN = 0.5;
/** Days of history from which on version 2 is tried: its many columns fit a shorter one too well. */
export const LEAST_WIDE_DAYS = 182;

/** Days of history from which on the time of the year is an input: what has not been seen of it would be made up. */
const LEAST_YEAR_DAYS = 350;

/** The columns that a recipe asks for where this is known of the weather, up to index `end`. */
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
  // Version 1 has no temperature: where one is known, no model does without.
  if (isShort || (featureVersion === 1 && !isKnown(weather?.temperature)))
    return { version: 1, ...horizon, weather: weather !== null && weather !== undefined };
  return {
    version: 2,
    ...horizon,
    weather: isKnown(weather?.ghi) || isKnown(weather?.wind),
    temperature: isKnown(weather?.temperature),
    year: known.end >= LEAST_YEAR_DAYS * stepsPerDay(horizon.stepS),
  };
}
