import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Region } from '../shared/contracts/region.ts';
import type { Compute } from '../shared/ports/compute.ts';
import type { Inference } from '../shared/ports/inference.ts';
import type { Clock } from '../shared/time/clock.ts';
import type { Cloud } from './app.ts';
import type { ForecastStore } from './forecast/forecast-store.ts';
import type { WeatherSource } from './forecast/inputs.ts';
import { targetsOf } from './forecast/telemetry-load-source.ts';
import type { Ledger } from './ingest/ledger.ts';
import { measuredSources } from './measured-sources.ts';
import { JobRunner } from './jobs/job-runner.ts';
import type { JobStore } from './jobs/job-store.ts';
import type { ModelRegistry } from './models/registry.ts';
import { jobHandlers } from './planner/job-handlers.ts';
import type { PlannerTasks } from './planner/planner-tasks.ts';
import { exportTables } from './api/exports/export-tables.ts';
import { codeVersion } from './code-version.ts';
import { BacktestStore } from './planner/backtest/backtest-store.ts';
import { ExportStore } from './planner/export/export-store.ts';
import { AnnotationStore } from './planner/inputs/annotation-store.ts';
import { UploadStore } from './planner/inputs/upload-store.ts';
import { WeatherStore } from './planner/inputs/weather-store.ts';
import type { ScenarioStore } from './planner/scenario/scenario-store.ts';

export interface PlannerWiring {
  readonly cloud: Cloud;
  readonly region: Region;
  readonly clock: Clock;
  readonly forecasts: ForecastStore;
  readonly models: ModelRegistry;
  readonly jobs: JobStore;
  readonly scenarios: ScenarioStore;
  readonly backtests: BacktestStore;
  readonly exports: ExportStore;
  readonly annotations: AnnotationStore;
  readonly uploads: UploadStore;
  readonly ledger: Ledger;
  readonly compute: Compute<PlannerTasks>;
  readonly inference: Inference;
  readonly weather: WeatherSource | undefined;
  onBug(error: unknown): void;
}

/** What planners have brought, each in a file of its own. */
export const plannerStores = (data: string) => ({
  annotations: new AnnotationStore(join(data, 'annotations.sqlite')),
  uploads: new UploadStore(join(data, 'uploads.sqlite')),
  exports: new ExportStore(join(data, 'exports.sqlite'), join(data, 'exports')),
  backtests: new BacktestStore(join(data, 'backtests.sqlite')),
  weatherVintages: new WeatherStore(join(data, 'weather.sqlite')),
});

export const plannerWorker = new URL('./planner/planner.worker.ts', import.meta.url);

/** A new id: its prefix and 80 bits by chance. */
export const newId = (prefix: string): string => `${prefix}_${randomBytes(10).toString('hex')}`;

/** The planners' jobs over the running cloud. */
export function composePlanner(wiring: PlannerWiring): { readonly jobs: JobRunner } {
  const { cloud, region, clock } = wiring;
  const common = {
    clock,
    targets: targetsOf(region),
    load: cloud.loads.learned,
    weather: wiring.weather,
    registry: wiring.models,
    inference: wiring.inference,
    compute: wiring.compute,
  };
  const jobs = new JobRunner({
    store: wiring.jobs,
    time: clock.machine,
    newId: () => newId('job'),
    handlers: jobHandlers({
      forecast: { ...common, service: cloud.forecasts, store: wiring.forecasts, newId: () => newId('fc') },
      scenario: { ...common, region, service: cloud.forecasts, scenarios: wiring.scenarios },
      backtest: { ...common, backtests: wiring.backtests, codeVersion },
      export: {
        time: clock.machine,
        exports: wiring.exports,
        tables: (task) =>
          exportTables(
            {
              ...measuredSources(wiring),
              clock,
              region,
              annotations: wiring.annotations,
              uncontrolled: cloud.loads.measured,
              vintages: wiring.forecasts,
              weather: wiring.weather,
            },
            task,
          ),
      },
    }),
    onBug: (error) => wiring.onBug(error),
  });
  return { jobs };
}
