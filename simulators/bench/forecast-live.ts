import type { ForecastTarget } from '../../cloud/forecast/registry/forecast-target.ts';
import { computePool } from '../../cloud/compute/compute-pool.ts';
import { forecastWorker } from '../../cloud/forecast/serve/worker-files.ts';
import { ForecastService } from '../../cloud/forecast/serve/forecast-service.ts';
import { SqliteForecastStore } from '../../cloud/forecast/serve/sqlite-forecast-store.ts';
import type { ForecastTasks } from '../../cloud/forecast/serve/forecast-tasks.ts';
import type { MemberName } from '../../cloud/forecast/train/ensemble.ts';
import { RECIPE } from '../../cloud/forecast/train/recipe.ts';
import { inlineInference } from '../../shared/inference/inline-inference.ts';
import type { InputQuery, WeatherIntervals } from '../../cloud/forecast/serve/inputs.ts';
import { degradedWeather } from '../../cloud/forecast/serve/protocol/weather-error.ts';
import { SqliteModelRegistry } from '../../cloud/forecast/registry/sqlite-model-registry.ts';
import { quietRollout } from '../../cloud/forecast/registry/testing/quiet-rollout.ts';
import type { Forecast } from '../../shared/contracts/forecast.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';

/** A place and its records on the common grid; NaN marks a gap. */
export interface RecordedPlace {
  readonly id: string;
  readonly loadKw: Float64Array;
  readonly ghi: Float64Array;
  readonly wind: Float64Array;
  /** Degrees Celsius; absent where not recorded. */
  readonly temperature?: Float64Array;
}

export interface ReplayOptions {
  /** Start and end of the 15-min grid. */
  readonly startMs: number;
  readonly endMs: number;
  /** Time at which models are trained; from then on forecasts are issued every 3 h. */
  readonly trainAtMs: number;
  readonly zone: string;
  readonly weather: 'degraded' | 'actual';
  /** All members by default. */
  readonly members?: readonly MemberName[];
  readonly say: (line: string) => void;
}

const STEP_MS = 900_000;
const HOUR_MS = 3_600_000;
/** Every 3 h instead of every 15 min: enough to learn tails and weights, at a twelfth of the time. */
const ISSUE_S = 3 * 3600;

/** Extra targets of a replay: the sum of all places reconciled with its parts, and the same sum by its own model alone. */
export const SUM = 'region:all';
export const SUM_ALONE = 'region:alone';

/**
 * Replays the live service over recorded series: it trains once on what was known at `trainAtMs`, then issues every 3 h to the end. Returns
 * the forecasts and the load of each target.
 */
export async function replay(
  places: readonly RecordedPlace[],
  options: ReplayOptions,
): Promise<{
  forecasts: ReadonlyMap<string, readonly Forecast[]>;
  loads: ReadonlyMap<string, Float64Array>;
  targets: readonly ForecastTarget[];
}> {
  const { startMs, endMs, trainAtMs, zone, say } = options;
  const clock = new VirtualClock(trainAtMs);
  const [store, registry] = [new SqliteForecastStore(':memory:'), new SqliteModelRegistry(':memory:')];
  store.open();
  registry.open();
  const compute = computePool<ForecastTasks>({ file: forecastWorker, threads: 2 });
  const loads = new Map(places.map(({ id, loadKw }) => [`substation:${id}`, loadKw]));
  const ids = [...loads.keys()];
  const base = { substation: 'all', zone, gateway: false };
  const targets: ForecastTarget[] = ids.map((id) => ({ ...base, id, ...(places.length > 1 && { within: SUM }) }));
  if (places.length > 1) {
    const count = places[0]!.loadKw.length;
    const sum = Float64Array.from({ length: count }, (_, i) => places.reduce((all, { loadKw }) => all + loadKw[i]!, 0));
    for (const id of [SUM_ALONE, SUM]) loads.set(id, sum);
    targets.push({ ...base, id: SUM_ALONE }, { ...base, id: SUM, parts: ids });
  }
  const of = (target: string): readonly RecordedPlace[] =>
    places.filter(({ id }) => target === `substation:${id}` || target.startsWith('region:'));
  const service = new ForecastService({
    clock,
    targets,
    load: {
      intervals: async ({ target, start, end }) => ({
        values: Array.from({ length: (end - start) / STEP_MS }, (_, i) => {
          const at = (start - startMs) / STEP_MS + i;
          const value = start + i * STEP_MS < clock.plant.now() ? loads.get(target)![at] : undefined;
          return value === undefined || Number.isNaN(value) ? null : value;
        }),
        substitution: null,
      }),
    },
    weather: { intervals: async (query) => weatherOf(of(query.target), query, { ...options, now: clock.plant.now() }) },
    compute,
    inference: inlineInference(clock.machine),
    registry,
    store,
    everyS: ISSUE_S,
    workers: 2,
    members: options.members ?? RECIPE.members,
    rollout: { ...quietRollout, applyAtGateway: () => undefined },
  });
  try {
    await service.start();
    for (const { target, outcome } of await service.train())
      say(
        `${target}: ${outcome.ok ? `${outcome.value.state} ${JSON.stringify(outcome.value.manifest.members)}` : outcome.fault.detail}`,
      );
    for (let day = trainAtMs; day < endMs; day += 24 * HOUR_MS) {
      await clock.advance(Math.min(24 * HOUR_MS, endMs - day));
      say(`issued up to ${new Date(clock.plant.now()).toISOString().slice(0, 10)}`);
    }
    await service.stop();
    const range = { from: trainAtMs, to: endMs, limit: 1e6 };
    const forecasts = new Map<string, Forecast[]>();
    for (const { id } of targets) forecasts.set(id, await store.issued(id, range));
    return { forecasts, loads, targets };
  } finally {
    await compute.close();
    store.close();
    registry.close();
  }
}

const degraded = degradedWeather(1);

/** The recorded weather; future values carry forecast errors when `weather` is degraded. */
function weatherOf(
  places: readonly RecordedPlace[],
  { target, start, end }: InputQuery,
  { startMs, weather, now }: ReplayOptions & { readonly now: number },
): WeatherIntervals {
  const count = (end - start) / STEP_MS;
  const mean = (pick: 'ghi' | 'wind' | 'temperature'): (number | null)[] =>
    Array.from({ length: count }, (_, i) => {
      const time = start + i * STEP_MS;
      const at = (time - startMs) / STEP_MS;
      const known = places.map((place) => place[pick]?.[at] ?? Number.NaN).filter((value) => !Number.isNaN(value));
      if (known.length === 0) return null;
      const actual = known.reduce((sum, value) => sum + value, 0) / known.length;
      if (weather === 'actual' || time < now) return actual;
      const lead = Math.floor((time - now) / HOUR_MS) + 1;
      // One weather field covers all places, so a forecast errs alike for neighbours.
      return degraded(pick === 'temperature' ? 'temp' : pick, { origin: now, lead, actual });
    });
  return {
    ghi: mean('ghi'),
    wind: mean('wind'),
    ...(places.some(({ temperature }) => temperature !== undefined) && { temperature: mean('temperature') }),
    source: `recorded, ${weather}, of ${target}`,
    issuedAt: now,
    hindcast: true,
    ...(weather === 'degraded' && { degraded: true }),
  };
}
