import { join } from 'node:path';
import type { Region } from '../../shared/contracts/region.ts';
import type { Compute } from '../../shared/ports/compute.ts';
import type { Inference } from '../../shared/ports/inference.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { Turns } from '../../shared/time/turns.ts';
import type { OwnerRole } from './owner-role.ts';
import type { ForecastStore } from '../forecast/serve/forecast-store.ts';
import type { WeatherSource } from '../forecast/serve/inputs.ts';
import { targetsOf } from '../forecast/serve/telemetry-load-source.ts';
import type { Ledger } from '../ingest/ledger.ts';
import { measuredOf } from '../planner/inputs/measured.ts';
import { newId } from '../jobs/new-id.ts';
import { JobRunner, type JobHandler } from '../jobs/job-runner.ts';
import type { GivenUp, OwnWork } from '../jobs/given-up.ts';
import type { JobStore } from '../jobs/job-store.ts';
import type { ModelRegistry } from '../forecast/registry/registry.ts';
import { jobHandlers, LONG_JOBS } from '../planner/job-handlers.ts';
import type { PlannerTasks } from '../planner/planner-tasks.ts';
import { exportTables } from '../api/exports/export-tables.ts';
import type { BacktestStore } from '../planner/backtest/backtest-store.ts';
import { SqliteBacktestStore } from '../planner/backtest/sqlite-backtest-store.ts';
import type { ExportStore } from '../planner/export/export-store.ts';
import { SqliteExportStore } from '../planner/export/sqlite-export-store.ts';
import { FeedWriter } from '../planner/events/feed-writer.ts';
import { PlannerFeed } from '../planner/events/planner-event.ts';
import { WeekAheadIssuer } from '../planner/forecast/week-ahead-issuer.ts';
import { post } from '../webhooks/post.ts';
import { WebhookSender } from '../planner/webhooks/webhook-sender.ts';
import type { WebhookStore } from '../planner/webhooks/webhook-store.ts';
import { SqliteWebhookStore } from '../planner/webhooks/sqlite-webhook-store.ts';
import type { Caller } from '../access/caller.ts';
import { limitsOf } from '../api/forecasts/limits.ts';
import type { AnnotationStore } from '../planner/inputs/annotation-store.ts';
import { SqliteAnnotationStore } from '../planner/inputs/sqlite-annotation-store.ts';
import type { UploadStore } from '../planner/inputs/upload-store.ts';
import { SqliteUploadStore } from '../planner/inputs/sqlite-upload-store.ts';
import { SqliteWeatherStore } from '../planner/inputs/sqlite-weather-store.ts';
import type { ScenarioStore } from '../planner/scenario/scenario-store.ts';
import type { Places } from './state.ts';

export interface PlannerWiring {
  readonly cloud: OwnerRole;
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
  readonly webhooks: WebhookStore;
  readonly webhookHosts: readonly string[];
  callerNamed(name: string): Caller | undefined;
  readonly compute: Compute<PlannerTasks>;
  readonly inference: Inference;
  readonly weather: WeatherSource | undefined;
  readonly givenUp: GivenUp;
  onBug(error: unknown): void;
}

/** The stores of planners' data. */
export const plannerStores = (data: string, { state, planner }: Places) => ({
  annotations: new SqliteAnnotationStore(state),
  uploads: new SqliteUploadStore(planner),
  exports: new SqliteExportStore(state, join(data, 'exports')),
  backtests: new SqliteBacktestStore(planner),
  webhooks: new SqliteWebhookStore(state),
  weatherVintages: new SqliteWeatherStore(planner),
});

export interface Planner {
  readonly jobs: JobRunner;
  readonly feed: PlannerFeed;
  readonly givenUp: GivenUp;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Plans and trainings that were given up, and are tried again: they take their usual turn. */
const ownWork = ({ dispatch, forecasts }: OwnerRole): Readonly<Record<OwnWork['kind'], JobHandler>> => ({
  plan: async ({ subject }: Pick<OwnWork, 'subject'>) => {
    dispatch.request(subject, 'operator');
    return `/v1/substations/${subject}/plan`;
  },
  training: async ({ subject }: Pick<OwnWork, 'subject'>) => {
    forecasts.care.retrain(subject, 'tried again by an operator');
    return `/v1/models?target=${encodeURIComponent(subject)}`;
  },
});

/** The planners' jobs on the running cloud, and the events that planners wait for. */
export function composePlanner(wiring: PlannerWiring): Planner {
  const { cloud, region, clock } = wiring;
  const feed = new PlannerFeed(clock.machine.now());
  const writer = new FeedWriter({
    feed,
    now: () => clock.plant.now(),
    limitsOf: (target) => limitsOf(region, target),
  });
  const sender = new WebhookSender({
    store: wiring.webhooks,
    feed,
    region,
    time: clock.machine,
    callerNamed: (name) => wiring.callerNamed(name),
    allowed: wiring.webhookHosts,
    post,
    onBug: (error) => wiring.onBug(error),
  });
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
    long: LONG_JOBS,
    handlers: {
      ...ownWork(cloud),
      ...jobHandlers({
        forecast: {
          ...common,
          service: cloud.forecasts,
          store: wiring.forecasts,
          commanded: {
            region,
            planInForce: (substation, time) => cloud.dispatch.planInForce(substation, time),
            net: cloud.loads.netLoad,
            uncontrolled: cloud.loads.measured,
          },
          newId: () => newId('fc'),
        },
        scenario: { ...common, region, service: cloud.forecasts, scenarios: wiring.scenarios },
        backtest: { ...common, backtests: wiring.backtests },
        export: {
          time: clock.machine,
          exports: wiring.exports,
          tables: (task) =>
            exportTables(
              {
                measured: measuredOf({ loads: cloud.loads, region, ledger: wiring.ledger, uploads: wiring.uploads }),
                clock,
                region,
                annotations: wiring.annotations,
                vintages: wiring.forecasts,
                weather: wiring.weather,
              },
              task,
            ),
        },
      }),
    },
    onFinished: (job) => {
      if (job.owner !== '') writer.job(job);
      wiring.givenUp.ended();
    },
    onBug: (error) => wiring.onBug(error),
  });
  const weeks = new WeekAheadIssuer({
    ...common,
    store: wiring.forecasts,
    newest: (target) => cloud.forecasts.newest(target),
    onFailure: (error) => wiring.onBug(error),
  });
  let unsubscribe = (): void => undefined;
  const moved = new Turns();
  const tellMoved = async ({ id, target }: { readonly id: string; readonly target: string }): Promise<void> => {
    const last = (await wiring.models.transitions(id)).at(-1);
    if (last !== undefined) writer.model({ id, target, from: last.from, to: last.to, reason: last.reason });
  };
  return {
    jobs,
    feed,
    givenUp: wiring.givenUp,
    start: async () => {
      await jobs.start();
      // The alarm of an earlier process may stand.
      wiring.givenUp.ended();
      sender.start();
      weeks.start();
      unsubscribe = cloud.subscribe(({ kind, data }) => {
        if (kind === 'model')
          moved.take(() => tellMoved(data as { id: string; target: string })).catch((error) => wiring.onBug(error));
        const newest = kind === 'forecast' ? cloud.forecasts.newest((data as { target: string }).target) : undefined;
        if (newest !== undefined) writer.forecast(newest);
      });
    },
    stop: async () => {
      unsubscribe();
      await Promise.all([jobs.stop(), weeks.stop(), moved.over()]);
      // Last: what ends meanwhile is queued for webhooks too.
      await sender.stop();
      await wiring.givenUp.stop();
    },
  };
}
