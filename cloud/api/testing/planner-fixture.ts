import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlanBody } from '../../../shared/contracts/plan.ts';
import type { Region } from '../../../shared/contracts/region.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { Explainer } from '../../forecast/serve/explain/explainer.ts';
import { ForecastService } from '../../forecast/serve/forecast-service.ts';
import { SqliteForecastStore } from '../../forecast/serve/sqlite-forecast-store.ts';
import { forecastTasks } from '../../forecast/serve/forecast-tasks.ts';
import { inlineCompute } from '../../compute/inline-compute.ts';
import { inlineInference } from '../../../shared/inference/inline-inference.ts';
import { targetsOf } from '../../forecast/serve/telemetry-load-source.ts';
import { JobRunner } from '../../jobs/job-runner.ts';
import { SqliteJobStore } from '../../jobs/sqlite-job-store.ts';
import { jobHandlers, LONG_JOBS } from '../../planner/job-handlers.ts';
import { plannerTasks } from '../../planner/planner-tasks.ts';
import { exportTables } from '../exports/export-tables.ts';
import { SqliteExportStore } from '../../planner/export/sqlite-export-store.ts';
import { SqliteBacktestStore } from '../../planner/backtest/sqlite-backtest-store.ts';
import { SqliteAnnotationStore } from '../../planner/inputs/sqlite-annotation-store.ts';
import { loadsOf } from '../../planner/inputs/loads.ts';
import { SqliteUploadStore } from '../../planner/inputs/sqlite-upload-store.ts';
import { VintageWeather } from '../../planner/inputs/vintage-weather.ts';
import { SqliteWeatherStore } from '../../planner/inputs/sqlite-weather-store.ts';
import { SqliteScenarioStore } from '../../planner/scenario/sqlite-scenario-store.ts';
import { ModelImport } from '../../forecast/registry/import/model-import.ts';
import { SqliteModelRegistry } from '../../forecast/registry/sqlite-model-registry.ts';
import { quietRollout } from '../../forecast/registry/testing/quiet-rollout.ts';
import { SqliteStore } from '../../telemetry/sqlite-store.ts';
import { buildApi } from '../app.ts';
import { hashed } from '../../access/people-reader.ts';
import { callersOf } from '../callers/caller-file.ts';
import type { ApiDeps } from '../deps.ts';
import type { Owner } from '../owner.ts';
import type { Measured } from '../../planner/inputs/measured.ts';
import { fixtureDeps, type FixtureOverrides, opened, smallRegion, START, TOKEN } from './api-fixture.ts';
import { steadyMeasured } from './owner-fixture.ts';

export const QUARTER_MS = 900_000;
export const PART_TOKEN = 'reads-owd-alone-and-writes';
export const READ_TOKEN = 'reads-all-and-writes-nothing';

/** The small region with a meter at each transformer and feeder head. */
export function meteredRegion(): Region {
  const region = smallRegion();
  return {
    ...region,
    substations: region.substations.map((substation) => ({
      ...substation,
      meters: [
        { device: 'transformer', kind: 'transformer', element: `${substation.id}-1-l1`, errorPct: 1, intervalS: 900 },
        {
          device: 'feeder-1',
          kind: 'feeder-head',
          element: `${substation.id}-1-l1`,
          feeder: `${substation.id}-1`,
          errorPct: 1,
          intervalS: 900,
        },
      ],
    })),
  };
}

/** Load of a meter, kW: two daily peaks, lower weekends, and a slow wave; it differs by series. */
export function loadAt(name: string, time: number): number {
  const phase = name.length % 7;
  const day = (time % 86_400_000) / 86_400_000;
  const weekend = new Date(time).getUTCDay() % 6 === 0 ? 0.8 : 1;
  const wave = 150 * Math.sin(time / 3.1e8 + phase);
  return Math.round(weekend * (2000 + 600 * Math.sin((day - 0.3) * 4 * Math.PI + phase / 9)) + wave);
}

const HISTORY_DAYS = 40;

const callers = JSON.stringify({
  version: 1,
  callers: [
    {
      name: 'part',
      sha256: hashed(PART_TOKEN),
      scopes: ['planner:read', 'planner:write'],
      targets: ['substation:owd'],
    },
    { name: 'reader', sha256: hashed(READ_TOKEN), scopes: ['planner:read'], targets: '*' },
  ],
});

/** The owner's model functions, from a forecast service and a model import. */
export const modelsOf = (
  { rollout, care }: Pick<ForecastService, 'rollout' | 'care'>,
  modelImport: Pick<ModelImport, 'take'>,
): Owner['models'] => ({
  request: (...asked) => rollout.request(...asked),
  duel: (entry) => rollout.duel(entry),
  waiting: (id) => rollout.waiting(id),
  drift: (target) => care.drift.view(target),
  take: (offer) => modelImport.take(offer),
});

/**
 * The real application on real stores, in memory and on virtual time, with forty days of history. `silent`: meters, as `gateway/device`,
 * without any.
 */
export async function plannerFixture(overrides: FixtureOverrides = {}, silent: readonly string[] = []) {
  const clock = new VirtualClock(START);
  const region = overrides.region ?? meteredRegion();
  const annotations = opened(new SqliteAnnotationStore(':memory:'));
  const uploads = opened(new SqliteUploadStore(':memory:'));
  const weatherVintages = opened(new SqliteWeatherStore(':memory:'));
  const telemetry = new SqliteStore({
    path: ':memory:',
    receivedAt: {
      known: () => ({
        ranges: [],
        archives: [{ first: 0, last: 1e9, timeFrom: 0, timeTo: 8e15, intervalMs: QUARTER_MS }],
      }),
    },
  });
  await telemetry.open();
  const record = (from: number, to: number): Promise<void> =>
    telemetry.write(
      region.substations.flatMap(({ gateway, meters }) =>
        meters.flatMap(({ device }) =>
          silent.includes(`${gateway}/${device}`)
            ? []
            : Array.from({ length: Math.floor((to - from) / QUARTER_MS) }, (_, step) => ({
                series: { gateway, device, metric: 'activePowerKw' },
                time: from + step * QUARTER_MS,
                offset: 1,
                value: loadAt(`${gateway}/${device}`, from + step * QUARTER_MS),
                quality: 'good' as const,
                origin: 'measured' as const,
              })),
        ),
      ),
    );
  await record(START - HISTORY_DAYS * 86_400_000, START);
  const none = (): [] => [];
  const loads = loadsOf({ region, store: telemetry, uploads, annotations, findings: none, findingsOfGateway: none });
  const load = loads.learned;
  const weather = new VintageWeather(region, weatherVintages, undefined);
  const vintages = new SqliteForecastStore(':memory:');
  vintages.open();
  const registry = new SqliteModelRegistry(':memory:');
  registry.open();
  const inference = inlineInference(clock.machine);
  const forecasts = new ForecastService({
    clock,
    targets: targetsOf(region),
    load,
    weather,
    compute: inlineCompute(forecastTasks),
    inference,
    registry,
    store: vintages,
    everyS: 900,
    workers: 1,
    members: ['ridge'],
    rollout: quietRollout,
  });
  const scenarios = new SqliteScenarioStore(':memory:');
  scenarios.open();
  const jobStore = new SqliteJobStore(':memory:');
  jobStore.open();
  const common = {
    clock,
    targets: targetsOf(region),
    load,
    weather,
    registry,
    inference,
    compute: inlineCompute(plannerTasks),
  };
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-exports-'));
  const exports = opened(new SqliteExportStore(':memory:', folder));
  const backtests = opened(new SqliteBacktestStore(':memory:'));
  const plans = new Map<string, PlanBody>();
  const steady = steadyMeasured(START);
  const measured: Measured = {
    ...steady,
    intervals: async ({ asOf, ...query }) =>
      (await loads.netLoad.intervals({ ...query, ...(asOf === undefined ? {} : { asOf }) })) ?? [],
    metered: async (query) => (await loads.metered.intervals(query)) ?? [],
    receipts: async ({ asOf, ...query }) => {
      const metered = await steady.receipts({ asOf, ...query });
      const sent = await uploads.receipts({ ...query, ...(asOf === undefined ? {} : { asOf }) });
      return sent.map((received, step) => received ?? metered[step]!);
    },
    uncontrolled: loads.measured,
  };
  let number = 0;
  const jobs = new JobRunner({
    store: jobStore,
    time: clock.plant,
    newId: () => `job_${++number}`,
    long: LONG_JOBS,
    handlers: jobHandlers({
      forecast: {
        ...common,
        service: forecasts,
        store: vintages,
        commanded: {
          region,
          planInForce: async (substation) => plans.get(substation),
          net: loads.netLoad,
          uncontrolled: loads.measured,
        },
        newId: () => `fc_${++number}`,
      },
      scenario: { ...common, region, service: forecasts, scenarios },
      backtest: { ...common, backtests },
      export: { time: clock.machine, exports, tables: (task) => exportTables({ ...deps, measured, weather }, task) },
    }),
    onBug: (error) => {
      throw error;
    },
  });
  await jobs.start();
  const explainer = new Explainer(common);
  const modelImport = new ModelImport({
    clock,
    targets: targetsOf(region),
    registry,
    forecasts,
    quarantine: () => inlineInference(clock.machine),
  });
  const deps: ApiDeps = fixtureDeps({
    clock,
    jobs,
    scenarios,
    models: registry,
    backtests,
    exports,
    annotations,
    uploads,
    weatherVintages,
    region,
    vintages,
    newestForecast: (target) => forecasts.newest(target),
    callerOf: callersOf({ text: callers, file: 'callers.json', ownToken: TOKEN, requestsPerSecond: 100_000 }),
    ...overrides,
    own: {
      measured,
      forecasts: { explain: (forecast) => explainer.explain(forecast) },
      models: modelsOf(forecasts, modelImport),
      ...overrides.own,
    },
  });
  const { app } = await buildApi(deps);
  const ask = (
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    more: { token?: string; headers?: object; payload?: unknown } = {},
  ) =>
    app.inject({
      method,
      url,
      headers: {
        host: 'localhost:8080',
        ...(more.token === undefined ? {} : { authorization: `Bearer ${more.token}` }),
        ...more.headers,
      },
      ...(more.payload === undefined ? {} : { payload: more.payload as object }),
    });
  return {
    app,
    clock,
    region,
    telemetry,
    vintages,
    registry,
    forecasts,
    /** Plans in force by substation; none at first. */
    plans,
    loads,
    uploads,
    weather,
    jobs,
    record,
    ask,
    get: (url: string, headers: Record<string, string> = {}) => ask('GET', url, { headers }),
    /** Advances time by quarters of an hour: measures, then forecasts after each `every`th. */
    live: async (quarters: number, every = 1): Promise<void> => {
      for (let i = 0; i < quarters; i += every) {
        const now = clock.plant.now();
        await record(now, now + every * QUARTER_MS);
        await clock.advance(every * QUARTER_MS);
        await forecasts.issueAll();
      }
    },
    close: async (): Promise<void> => {
      await app.close();
      await jobs.stop();
      rmSync(folder, { recursive: true, force: true });
      jobStore.close();
      scenarios.close();
      await forecasts.stop();
      await telemetry.close();
      vintages.close();
      registry.close();
      await inference.close();
    },
  };
}
