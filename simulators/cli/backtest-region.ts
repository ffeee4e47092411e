import { compare, type Comparison } from '../../shared/forecast/evaluate.ts';
import { childInference } from '../../cloud/forecast/serve/child-inference.ts';
import { forecastTasks } from '../../cloud/forecast/serve/forecast-tasks.ts';
import { RECIPE, schemaFor } from '../../cloud/forecast/train/recipe.ts';
import type { WeatherSeries } from '../../shared/forecast/features.ts';
import { QUANTILES } from '../../shared/forecast/quantiles.ts';
import { screened, type LoadSeries } from '../../shared/forecast/series.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import type { Inference } from '../../shared/ports/inference.ts';
import { machineMonotonicMs, systemTimeBase } from '../../shared/time/system-clock.ts';
import { loadSeries, seriesEndMs, seriesStartMs, seriesStepMs, type SubstationSeries } from '../data/series.ts';
import { substationNames } from '../data/names.ts';

const DAY = 96;
const HELD_BACK_DAYS = 7;
const WEEKS = 8;
const STEPS = 192;
/** Steps between origins: one on each hour, each 48 h ahead or to the end of the week. */
const STRIDE = 4;
/** Live substations that must beat the seasonal naive forecast. */
const LEAST_BETTER = 8;
const ZONE = 'Europe/Amsterdam';

export interface RegionRow {
  readonly substation: string;
  readonly weather: 'actual' | 'none';
  readonly comparison: Comparison;
  readonly fitSeconds: number;
}

/**
 * For each live substation, trains on the first seven of the eight weeks before `untilMs` and scores the exported ONNX model on the eighth.
 */
export async function acceptance(
  inference: Inference,
  untilMs: number,
  say: (row: RegionRow) => void,
): Promise<RegionRow[]> {
  const rows: RegionRow[] = [];
  for (const series of loadSeries()) {
    const load = usable(series, untilMs);
    if (load === undefined) continue;
    const first = (load.start - seriesStartMs) / seriesStepMs;
    const weather = { ghi: series.radiationWm2.slice(first), wind: series.windSpeedMs.slice(first) };
    for (const withWeather of [true, false]) {
      const row = await measure(inference, { substation: series.id, load, weather: withWeather ? weather : undefined });
      rows.push(row);
      say(row);
    }
  }
  return rows;
}

/** The eight weeks before `untilMs`; undefined if the meter is dead. */
function usable(series: SubstationSeries, untilMs: number): LoadSeries | undefined {
  const count = WEEKS * 7 * DAY;
  const to = (untilMs - seriesStartMs) / seriesStepMs;
  const load = {
    start: untilMs - count * seriesStepMs,
    stepS: seriesStepMs / 1000,
    values: series.netKw.slice(to - count, to),
  };
  const { series: clean, removed } = screened(load);
  return removed > count / 2 ? undefined : clean;
}

async function measure(
  inference: Inference,
  { substation, load, weather }: { substation: string; load: LoadSeries; weather: WeatherSeries | undefined },
): Promise<RegionRow> {
  const recipe = { ...RECIPE, heldBackDays: HELD_BACK_DAYS };
  const schema = schemaFor(recipe, { steps: STEPS, stepS: load.stepS }, { weather, end: load.values.length });
  const begin = machineMonotonicMs();
  const trained = await forecastTasks.trainForecast({
    load,
    weather,
    schema,
    zone: ZONE,
    levels: QUANTILES,
    recipe,
    keepHeldBack: true,
  });
  const fitSeconds = (machineMonotonicMs() - begin) / 1000;
  unwrap(await inference.load('model', trained.onnx));
  const from = load.values.length - HELD_BACK_DAYS * DAY;
  const held = { load, weather, schema, zone: ZONE, levels: QUANTILES, from, stride: STRIDE };
  const comparison = await compare(held, async (row) => unwrap(await inference.run('model', row, 1)).output);
  return { substation, weather: weather === undefined ? 'none' : 'actual', comparison, fitSeconds };
}

const better = (row: RegionRow): boolean => row.comparison.model.nMae < row.comparison.baselines.seasonalNaive.nMae;

/** First and last possible end of the held-back week, ms UTC. */
export const untilRange = { least: seriesStartMs + WEEKS * 7 * DAY * seriesStepMs, most: seriesEndMs } as const;

/** Prints the table; returns 0 if enough substations beat seasonal naive with actual weather, otherwise 1. */
export async function regionTable({ json, untilMs }: { json: boolean; untilMs: number }): Promise<number> {
  const inference = childInference({
    time: systemTimeBase((error) => {
      throw error;
    }),
  });
  try {
    if (!json) process.stdout.write(header());
    const rows = await acceptance(inference, untilMs, (row) => void (json || process.stdout.write(line(row))));
    const counts = (['actual', 'none'] as const).map((weather) => {
      const of = rows.filter((row) => row.weather === weather);
      return { weather, better: of.filter(better).length, of: of.length };
    });
    const passed = counts[0]!.better >= LEAST_BETTER;
    const summary = counts.map((each) => `${each.better} of ${each.of} with weather: ${each.weather}`).join(', ');
    process.stdout.write(
      json ? `${JSON.stringify({ rows, counts, passed })}\n` : `\nbetter than seasonal naive (nMAE): ${summary}\n`,
    );
    return passed ? 0 : 1;
  } finally {
    await inference.close();
  }
}

const columns = ['model', 'naive 24 h', 'naive 168 h', 'mean of week'];

const header = (): string =>
  `${''.padEnd(27)}${columns.map((name) => name.padStart(21)).join('')}\n` +
  `${'substation'.padEnd(18)}${'weather'.padEnd(9)}${columns.map(() => '  nMAE pinb cov80'.padStart(21)).join('')}   fit, s\n`;

function line(row: RegionRow): string {
  const { model, baselines } = row.comparison;
  const scores = [model, baselines.seasonalNaive, baselines.seasonalNaiveWeek, baselines.sameHourMean];
  const cells = scores.map(({ nMae, pinball, coverage80 }) =>
    `${nMae.toFixed(3)} ${pinball.toFixed(3)} ${coverage80.toFixed(2)}`.padStart(21),
  );
  const name = substationNames[row.substation as keyof typeof substationNames];
  return `${`${row.substation} ${name}`.slice(0, 17).padEnd(18)}${row.weather.padEnd(9)}${cells.join('')} ${row.fitSeconds.toFixed(1).padStart(8)}${better(row) ? '' : '  worse than naive'}\n`;
}
