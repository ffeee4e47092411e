import { DUEL_DAYS, judgeDuel, type DayLosses } from '../../cloud/forecast/registry/judge-duel.ts';
import { predictRidge, trainRidge, type RidgeModel } from '../../cloud/forecast/train/ridge-member.ts';
import { LocalCalendar } from '../../shared/forecast/calendar.ts';
import { FeatureSource } from '../../shared/forecast/features.ts';
import { GATEWAY_QUANTILES, meanPinball } from '../../shared/forecast/quantiles.ts';
import { gaussian, SeededRandom } from '../../shared/ports/random.ts';
import { loadSeries, seriesStartMs, type SubstationSeries } from '../data/series.ts';

const DAY = 96;
const STEPS = 192;
const ZONE = 'Europe/Amsterdam';
const LEVELS = GATEWAY_QUANTILES;
/** As in a duel: one origin every 3 h. */
const ORIGIN_STRIDE = 12;
/** Training days of the incumbent and of its successor, a week later. */
const TRAINED_DAYS = [42, 49] as const;
const DUELS = 1000;
const BETTER = 0.05;
/** Pairs of models whose losses differ by less than this share: as close as a successor that is 5 % better. */
const NEAR = 0.1;

/** Day-to-day differences between the losses of a model and its successor, as shares of the loss. */
interface Spread {
  readonly name: string;
  readonly gain: number;
  readonly deviation: number;
  /** Of consecutive days. */
  readonly correlation: number;
}

interface Outcome {
  readonly promotedPct: number;
  /** Days by which half of the promoted models have been promoted. */
  readonly medianDays: number | null;
}

/**
 * Whole duels, checked every day, between equal models and between models of which one is 5 % better: the share promoted. Daily differences
 * have the spread and correlation of models trained a week apart on the shipped series.
 */
export function promotions(): Record<string, unknown> {
  const all = loadSeries().flatMap((series) => [spreadOf(series, false), spreadOf(series, true)]);
  const near = all.filter(({ gain }) => Math.abs(gain) < NEAR);
  const [equal, better] = [duels(near, 0), duels(near, BETTER)];
  return {
    equalPromotedPct: equal.promotedPct,
    betterPromotedPct: better.promotedPct,
    promotion: {
      duels: DUELS,
      days: DUEL_DAYS,
      betterMedianDays: better.medianDays,
      ofAllPairs: { pairs: all.length, equal: duels(all, 0), better: duels(all, BETTER) },
      nearPairs: near,
    },
  };
}

function duels(spreads: readonly Spread[], gain: number): Outcome {
  const random = new SeededRandom(1, `duels ${gain}`);
  const promoted: number[] = [];
  for (let duel = 0; duel < DUELS; duel++) {
    const { deviation, correlation } = spreads[duel % spreads.length]!;
    const days: DayLosses[] = [];
    let error = gaussian(random);
    for (let day = 1; day <= DUEL_DAYS; day++) {
      error = correlation * error + Math.sqrt(1 - correlation ** 2) * gaussian(random);
      const difference = gain + deviation * error;
      days.push({ answeringKw: 1 + difference / 2, besideKw: 1 - difference / 2 });
      const { verdict } = judgeDuel(days);
      if (verdict === 'better') promoted.push(day);
      if (verdict !== 'undecided') break;
    }
  }
  promoted.sort((a, b) => a - b);
  return { promotedPct: (100 * promoted.length) / DUELS, medianDays: promoted[promoted.length >> 1] ?? null };
}

function spreadOf({ id, netKw, radiationWm2, windSpeedMs }: SubstationSeries, withWeather: boolean): Spread {
  const load = { start: seriesStartMs, stepS: 900, values: netKw };
  const weather = { ghi: radiationWm2, wind: windSpeedMs };
  const schema = { steps: STEPS, stepS: 900, weather: withWeather };
  const optional = withWeather ? { weather } : {};
  const models = TRAINED_DAYS.map((days) =>
    trainRidge({ load, schema, zone: ZONE, levels: LEVELS, trainTo: days * DAY, ...optional }),
  );
  const source = new FeatureSource(schema, load, new LocalCalendar(ZONE), withWeather ? weather : undefined);
  const [before, after] = models.map((model) => dayLosses(model, source, netKw)) as [Float64Array, Float64Array];
  const scale = (meanOf(before) + meanOf(after)) / 2;
  const gains = before.map((loss, i) => (loss - after[i]!) / scale);
  const gain = meanOf(gains);
  const errors = gains.map((each) => each - gain);
  const squares = errors.reduce((sum, error) => sum + error ** 2, 0);
  const products = errors.reduce((sum, error, i) => sum + error * (errors[i - 1] ?? 0), 0);
  const rounded = (value: number): number => Math.round(1000 * value) / 1000;
  return {
    name: `${id}${withWeather ? ' with weather' : ''}`,
    gain: rounded(gain),
    deviation: rounded(Math.sqrt(squares / (errors.length - 1))),
    correlation: rounded(products / squares),
  };
}

/** Mean loss per day over targets that neither model has seen and that all leads reach. */
function dayLosses(model: RidgeModel, source: FeatureSource, actual: Float64Array): Float64Array {
  const first = TRAINED_DAYS[1] * DAY;
  const sums = new Map<number, { loss: number; n: number }>();
  for (let next = first; next + STEPS <= actual.length; next += ORIGIN_STRIDE) {
    const said = predictRidge(model, source.row(next));
    for (let step = 0; step < STEPS; step++) {
      const at = next + step;
      if (Number.isNaN(actual[at]!) || at < first + STEPS || at >= actual.length - STEPS) continue;
      const day = sums.get(Math.floor(at / DAY)) ?? { loss: 0, n: 0 };
      sums.set(Math.floor(at / DAY), day);
      day.loss += meanPinball(LEVELS, actual[at]!, (q) => said[step * LEVELS.length + q]!);
      day.n++;
    }
  }
  return Float64Array.from(sums.values(), ({ loss, n }) => loss / n);
}

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
