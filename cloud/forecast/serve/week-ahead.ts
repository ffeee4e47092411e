import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { FeatureSource, type FeatureSchema } from '../../../shared/forecast/features.ts';
import { baselineForecast } from '../../../shared/forecast/naive.ts';
import { uncross } from '../../../shared/forecast/quantiles.ts';
import { completeness, stepsPerDay, type LoadSeries } from '../../../shared/forecast/series.ts';
import { LEAST_DAYS } from '../train/ensemble.ts';
import { predictRidge, trainRidge, type RidgeModel } from '../train/ridge-member.ts';

/** Inputs of a forecast beyond the models' horizon. */
export interface WeekAheadInput {
  /** Screened, ending at the origin. */
  readonly load: LoadSeries;
  readonly zone: string;
  readonly holidays?: readonly string[];
  /** Ascending. */
  readonly levels: readonly number[];
  /** The model's last step; the result begins at the next one. */
  readonly lastStep: number;
  /** The model's quantiles at that step, kW, one per level. */
  readonly last: readonly number[];
}

export interface WeekAhead {
  /** [quantile][step], kW, from the step after the model's last to the end of the seventh day. */
  readonly values: readonly (readonly number[])[];
  /** Mean shares over those steps. */
  readonly members: Readonly<Record<string, number>>;
  /** Why the mean of the same hour replaces the linear member; null if it does not. */
  readonly failed: string | null;
}

export const WEEK_DAYS = 7;
/** Smallest share of the last week's load that must be known. */
const LEAST_COMPLETENESS = 0.5;
/**
 * Share of the mean of the same hour beside the linear member, fixed at somewhat less than half. A few weeks of errors at such leads are so
 * strongly correlated that weights from them would be noise, and a plain mean of forecasts is hard to beat (Bates and Granger, Operational
 * Research Quarterly 20, 1969). The tests check its benefit on every live substation.
 */
const MEAN_SHARE = 0.4;
/** The difference to the model's last step fades out over this many hours. */
const JOIN_HOURS = 6;
/** Days at the start of a history that serve only as inputs. */
const LEAD_IN_DAYS = 8;

/**
 * Quantiles of a load from the models' horizon to the end of day seven. The linear member uses calendar and load lags only, because no
 * weather forecast reaches so far. It is fitted here on groups of horizons up to 168 h and blended with the same-hour mean of the last
 * seven known days; with little history that mean alone is used. Both use the quantiles of their own errors at those leads, widened
 * according to the number of weeks seen.
 */
export function weekAhead(input: WeekAheadInput): WeekAhead {
  const { load, levels, lastStep } = input;
  const day = stepsPerDay(load.stepS);
  const count = load.values.length;
  const known = load.values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0) / day;
  const share = completeness(load.values, count, WEEK_DAYS * day);
  const failed =
    share < LEAST_COMPLETENESS
      ? `LS-FORECAST-004: only ${Math.round(share * 100)} % of the last week was measured`
      : known < LEAST_DAYS.ridge
        ? `LS-FORECAST-001: ${Math.floor(known)} days of usable load are known; ${LEAST_DAYS.ridge} are needed`
        : null;
  const linear = failed === null ? byLinear(input) : undefined;
  const own = linear ?? byMean(input);
  const values = joined(widened(own.values, levels, (count / day - LEAD_IN_DAYS) / 7), input);
  return {
    values: uncross(values.map((row) => row.slice(lastStep + 1))),
    members: own.members,
    failed:
      failed ?? (linear === undefined ? 'LS-FORECAST-003: the linear member gives values that are not finite' : null),
  };
}

type Own = Pick<WeekAhead, 'values' | 'members'>;

function byLinear({ load, levels, zone, holidays, lastStep }: WeekAheadInput): Own | undefined {
  const schema: FeatureSchema = { steps: WEEK_DAYS * stepsPerDay(load.stepS), stepS: load.stepS, weather: false };
  const model = trainRidge({ load, schema, zone, levels, fromStep: lastStep, ...(holidays && { holidays }) });
  const raw = predictRidge(
    model,
    new FeatureSource(schema, load, new LocalCalendar(zone, holidays)).row(load.values.length),
  );
  if (!raw.every(Number.isFinite)) return undefined;
  const mean = byMean({ load, levels }).values;
  const values = levels.map((_, q) =>
    Array.from({ length: schema.steps }, (_, step) => {
      const own = raw[step * levels.length + q]!;
      return own + MEAN_SHARE * (mean[q]![step]! - own);
    }),
  );
  return { values, members: sharesOf(model, lastStep + 1) };
}

function byMean({ load, levels }: Pick<WeekAheadInput, 'load' | 'levels'>): Own {
  const steps = WEEK_DAYS * stepsPerDay(load.stepS);
  return { values: baselineForecast('sameHourMean', load, { steps, levels }).values, members: { sameHourMean: 1 } };
}

/** Total share of the mean, both within the linear member and beside it. */
function sharesOf({ groups, schema }: RidgeModel, from: number): Record<string, number> {
  const within =
    groups.reduce((sum, group) => sum + group.meanShare * Math.max(0, group.to - Math.max(from, group.from)), 0) /
    (schema.steps - from);
  const share = Math.round((MEAN_SHARE + (1 - MEAN_SHARE) * within) * 1e4) / 1e4;
  return { ridge: Math.round((1 - share) * 1e4) / 1e4, sameHourMean: share };
}

/**
 * Widens quantiles of errors observed over a number of weeks, kW, as for a sample of that size. Errors within a week are correlated, so the
 * weeks are the degrees of freedom. The factor is the ratio of Student's P90 to the normal P90 to first order in 1/weeks (Abramowitz and
 * Stegun, 26.7.5), the same for all levels.
 */
function widened(values: readonly (readonly number[])[], levels: readonly number[], weeks: number): number[][] {
  const factor = 1 + 0.66 / Math.max(1, weeks);
  const middle = values[levels.findIndex((level) => level >= 0.5)]!;
  return values.map((row) => row.map((value, step) => middle[step]! + factor * (value - middle[step]!)));
}

/** Adds the gap between the model and this forecast at the model's last step, fading out over the first hours. */
function joined(values: number[][], { last, lastStep, load }: WeekAheadInput): number[][] {
  const fade = (JOIN_HOURS * 3600) / load.stepS;
  return values.map((row, q) => {
    const gap = last[q]! - row[lastStep]!;
    return row.map((value, step) => value + gap * Math.min(1, Math.max(0, 1 - (step - lastStep) / (fade + 1))));
  });
}
