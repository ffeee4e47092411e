import { createHash } from 'node:crypto';
import { serialize } from 'node:v8';
import { inlineCompute } from '../../../compute/inline-compute.ts';
import type { LoadstoneEvent } from '../../../../shared/contracts/event.ts';
import type { Forecast } from '../../../../shared/contracts/forecast.ts';
import type { ModelManifest } from '../../../../shared/contracts/model.ts';
import { inlineInference } from '../../../../shared/inference/inline-inference.ts';
import type { Compute } from '../../../../shared/ports/compute.ts';
import { SeededRandom, gaussian } from '../../../../shared/ports/random.ts';
import { VirtualClock } from '../../../../shared/time/virtual-clock.ts';
import type { ModelRegistry } from '../../registry/registry.ts';
import { SqliteModelRegistry } from '../../registry/sqlite-model-registry.ts';
import { quietRollout } from '../../registry/testing/quiet-rollout.ts';
import { ForecastService } from '../forecast-service.ts';
import type { ForecastStore } from '../forecast-store.ts';
import { forecastTasks, type ForecastTasks } from '../forecast-tasks.ts';
import type { InputQuery, LoadSource, WeatherSource } from '../inputs.ts';
import { SqliteForecastStore } from '../sqlite-forecast-store.ts';

export const STEP_MS = 900_000;
export const T0 = Date.UTC(2021, 8, 25);
const HISTORY = 56 * 96;
/** Length of the training data. */
export const KNOWN_MS = 28 * 86_400_000;

/** A place whose load follows the sun, by a seed. */
export function world(seed: number): {
  load: (time: number) => number;
  ghi: (time: number) => number;
  wind: (time: number) => number;
} {
  const random = new SeededRandom(seed);
  const cloud = Array.from({ length: 120 }, () => 0.2 + 0.8 * random.next());
  const noise = Array.from({ length: 120 * 96 }, () => 60 * gaussian(random));
  const at = (time: number): number => Math.round((time - T0) / STEP_MS) + HISTORY;
  const sun = (i: number): number =>
    Math.max(0, Math.sin(((i % 96) / 96 - 0.25) * 2 * Math.PI)) * 700 * cloud[Math.floor(i / 96)]!;
  return {
    load: (time) => {
      const i = at(time);
      const weekend = Math.floor(i / 96) % 7 >= 5 ? 0.8 : 1;
      return weekend * (1500 + 500 * Math.sin(((i % 96) / 96 - 0.3) * 4 * Math.PI)) - 4 * sun(i) + noise[i]!;
    },
    ghi: (time) => sun(at(time)),
    wind: (time) => 5 + 2 * Math.sin(at(time) / 50),
  };
}

export const DAY_MS = 86_400_000;
export const grid = (query: InputQuery): number[] =>
  Array.from({ length: (query.end - query.start) / STEP_MS }, (_, i) => query.start + i * STEP_MS);

/** The recorded weather of a world. */
export const weatherOf = (place: Pick<ReturnType<typeof world>, 'ghi' | 'wind'>): WeatherSource => ({
  intervals: async (query) => ({
    ghi: grid(query).map(place.ghi),
    wind: grid(query).map(place.wind),
    source: 'recorded',
    issuedAt: query.start,
    hindcast: true,
  }),
});

/** Trains each input once, so that tests with equal inputs share a model. */
const models = new Map<string, ReturnType<ForecastTasks['trainForecast']>>();
export const trainedOnce: Compute<ForecastTasks> = inlineCompute({
  ...forecastTasks,
  trainForecast: (input) => {
    const key = createHash('sha256').update(serialize(input)).digest('hex');
    const model = models.get(key) ?? forecastTasks.trainForecast(input);
    models.set(key, model);
    return model;
  },
});

/** A service with one substation as its target, entirely in memory. */
export function forecastRig(
  overrides: {
    everyS?: number;
    load?: LoadSource;
    weather?: WeatherSource;
    seed?: number;
    compute?: Compute<ForecastTasks>;
    startMs?: number;
    store?: ForecastStore;
    report?: (event: LoadstoneEvent) => void;
  } = {},
): {
  clock: VirtualClock;
  service: ForecastService;
  issued: Forecast[];
  announced: ModelManifest[];
  store: ForecastStore;
  registry: ModelRegistry;
} {
  const clock = new VirtualClock(overrides.startMs ?? T0);
  const place = world(overrides.seed ?? 1);
  const memory = new SqliteForecastStore(':memory:');
  const registry = new SqliteModelRegistry(':memory:');
  memory.open();
  registry.open();
  const store = overrides.store ?? memory;
  const issued: Forecast[] = [];
  const announced: ModelManifest[] = [];
  const load: LoadSource = {
    intervals: async (query) => ({
      values: grid(query).map((time) => (time < T0 - KNOWN_MS ? null : place.load(time))),
      substitution: null,
    }),
  };
  const weather = weatherOf(place);
  const service = new ForecastService({
    clock,
    targets: [{ id: 'substation:owd', substation: 'owd', zone: 'Europe/Amsterdam', gateway: true }],
    load: overrides.load ?? load,
    weather: overrides.weather ?? weather,
    compute: overrides.compute ?? trainedOnce,
    inference: inlineInference(clock.machine),
    registry,
    store,
    everyS: overrides.everyS ?? 900,
    workers: 1,
    onIssued: (forecast) => void issued.push(forecast),
    members: ['ridge'],
    rollout: {
      ...quietRollout,
      ...(overrides.report && { report: overrides.report }),
      applyAtGateway: async (target) => {
        const desired = await service.rollout.desired(target, 'gateway');
        if (desired !== undefined) announced.push(desired.answering.manifest);
      },
    },
  });
  return { clock, service, issued, announced, store, registry };
}
