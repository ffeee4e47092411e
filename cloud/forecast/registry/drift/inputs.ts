import type { WeatherSeries } from '../../../../shared/forecast/features.ts';
import { jumpIndex, LOOK_DAYS } from './jumps.ts';
import { changeOf, referenceOf, stabilityIndex, type InputReference } from './stability.ts';

/** Groups of features whose distribution is watched, with that of the training data. */
export type InputReferences = Readonly<Record<string, InputReference>>;

/** Series of a target on one grid; NaN where unknown. */
export interface WatchedInputs {
  readonly load: Float64Array;
  readonly weather?: WeatherSeries | null | undefined;
}

export interface InputDrift {
  readonly group: string;
  /**
   * For `load`, `change`, `ghi` and `wind`: the population stability index of the last four weeks against the training data. For
   * `load jump` and `weather missing`: the CUSUM of the last two weeks. Above the limit there is a drift.
   */
  readonly index: number;
  readonly limit: number;
}

const DAY = 96;
/** With less history, the seasons themselves would look like drift. */
const SEASONS_DAYS = 300;
const WINDOW_DAYS = 28;
/** History that a look needs. */
export const WATCHED_DAYS = LOOK_DAYS;

/**
 * Two of the 32 drift-free series-years used for calibration exceed it when checked every other day, and two of 28 others: see
 * `npm run bench -- drift`.
 */
export const JUMP_LIMIT = 11;

/** Expected shares of missing weather steps per day, without and with an outage. */
const MISSING = { usual: 0.01, not: 0.5 };
const MISSING_DAYS = 14;
/** Limit of a sum of log-likelihood ratios: false alarms come at most once in e^limit days (Lorden, Ann. Math. Stat. 42, 1971). */
const MISSING_LIMIT = Math.log(100 * 365);

/** `load`: lags and means; `change`: what remains to forecast after removing them; `ghi` and `wind`. */
function groupsOf({ load, weather }: WatchedInputs): Record<string, Float64Array> {
  const groups: Record<string, Float64Array> = { load, change: changeOf(load, DAY) };
  if (weather)
    Object.assign(groups, { ghi: weather.ghi.subarray(0, load.length), wind: weather.wind.subarray(0, load.length) });
  return groups;
}

export function referencesOf(inputs: WatchedInputs): InputReferences {
  if (inputs.load.length < SEASONS_DAYS * DAY) return {};
  const groups = Object.entries(groupsOf(inputs));
  return Object.fromEntries(
    groups.flatMap(([group, values]) => {
      const reference = referenceOf(values, DAY);
      return reference === undefined ? [] : [[group, reference]];
    }),
  );
}

/**
 * Distance of the last weeks from the training data, by group, and whether the load has jumped or the weather is missing. `inputs`: the
 * last `WATCHED_DAYS` or as much as is known, ending with a whole day; `needed`: the weather that the model needs.
 */
export function inputDrifts(
  references: InputReferences,
  inputs: WatchedInputs,
  needed: readonly (keyof WeatherSeries)[],
): InputDrift[] {
  const last = (values: Float64Array, days: number): Float64Array =>
    values.subarray(Math.max(0, values.length - days * DAY));
  const { load, weather } = inputs;
  const groups = groupsOf(inputs);
  const drifts = Object.entries(references).flatMap(([group, reference]) => {
    const values = groups[group];
    const index = values === undefined ? undefined : stabilityIndex(reference, last(values, WINDOW_DAYS));
    return index === undefined ? [] : [{ group, index, limit: reference.limit }];
  });
  const known = weather ? [weather.ghi, weather.wind].map((values) => values.subarray(0, load.length)) : [];
  const jump = jumpIndex(load, DAY, known) ?? jumpIndex(load, DAY);
  if (jump !== undefined) drifts.push({ group: 'load jump', index: jump, limit: JUMP_LIMIT });
  if (needed.length > 0) {
    const recent = needed.map((name) => {
      const values = weather?.[name]?.subarray(0, load.length);
      return values && last(values, MISSING_DAYS);
    });
    drifts.push({ group: 'weather missing', index: missingIndex(recent, MISSING_DAYS), limit: MISSING_LIMIT });
  }
  return drifts;
}

/** CUSUM of the log-likelihood ratio of each day's missing share, of the quantity that lacks most; undefined: all of it is missing. */
function missingIndex(series: readonly (Float64Array | undefined)[], days: number): number {
  const { usual, not } = MISSING;
  let sum = 0;
  for (let day = 0; day < days; day++) {
    const lacks = series.map((values) => {
      if (values === undefined) return 1;
      const steps = values.subarray(day * DAY, (day + 1) * DAY);
      return steps.length === 0 ? 0 : steps.reduce((n, value) => n + Number(Number.isNaN(value)), 0) / steps.length;
    });
    const lack = Math.max(...lacks);
    sum = Math.max(0, sum + lack * Math.log(not / usual) + (1 - lack) * Math.log((1 - not) / (1 - usual)));
  }
  return sum;
}
