import type { EventView, FeederView, GatewayView, RegionView, StreamMessages } from '../../shared/contracts/view.ts';
import type { Forecast } from '../../shared/contracts/forecast.ts';
import type { Region } from '../../shared/contracts/region.ts';
import type { Severity } from '../../shared/contracts/event.ts';
import type { Outcome } from '../../shared/outcome/outcome.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { LoadSource } from '../forecast/serve/inputs.ts';
import type { DeviceRowView, VoltageQualityRow } from '../../shared/contracts/desk.ts';
import type { Desk } from '../desk/desk.ts';
import type { Areas } from '../desk/areas.ts';
import type { InterventionStore } from '../desk/intervention-store.ts';
import type { DevicePage, DeviceQuery } from './views/device-index.ts';
import type { AlarmService } from '../alarms/alarm-service.ts';
import type { PlanRecord } from '../plan/problem/ports.ts';
import type { OidcLogin } from '../access/oidc.ts';
import type { People } from '../access/people.ts';
import type { AttemptStore } from '../audit/attempt-store.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { EventSearch, EventsFound } from '../audit/event-log.ts';
import type { Explanation } from '../forecast/serve/explain/explainer.ts';
import type { ForecastStore } from '../forecast/serve/forecast-store.ts';
import type { Completeness } from '../ingest/ledger.ts';
import type { QuarantineSample } from '../ingest/quarantine.ts';
import type { JobRunner } from '../jobs/job-runner.ts';
import type { DriftView } from '../forecast/registry/drift/drift-watch.ts';
import type { FederatedLearning } from '../forecast/registry/federated/federated-learning.ts';
import type { ModelImport } from '../forecast/registry/import/model-import.ts';
import type { ModelRegistry } from '../forecast/registry/registry.ts';
import type { Rollout } from '../forecast/registry/rollout.ts';
import type { Compute } from '../../shared/ports/compute.ts';
import type { BacktestStore } from '../planner/backtest/backtest-store.ts';
import type { ExportStore } from '../planner/export/export-store.ts';
import type { PlannerFeed } from '../planner/events/planner-event.ts';
import type { WebhookStore } from '../planner/webhooks/webhook-store.ts';
import type { AnnotationStore } from '../planner/inputs/annotation-store.ts';
import type { UploadStore } from '../planner/inputs/upload-store.ts';
import type { WeatherStore } from '../planner/inputs/weather-store.ts';
import type { PlannerTasks } from '../planner/planner-tasks.ts';
import type { ScenarioStore } from '../planner/scenario/scenario-store.ts';
import type { KeptAnswers } from './answers/kept-answers.ts';
import type { Caller } from '../access/caller.ts';
import type { FrontState } from './front/state.ts';
import type { Interval } from '../telemetry/store.ts';

export interface MeasurementQuery {
  /** substation:owd, feeder:owd-1, device:owd-01/battery-1 or region:north */
  readonly target: string;
  readonly start: number;
  readonly end: number;
  readonly resolutionS: number;
  readonly asOf: number | undefined;
}

export interface MeasuredInterval extends Interval {
  readonly origin: 'measured' | 'estimated' | 'substituted';
}

/** Bounds of a series' source times, ms UTC. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

export interface SpikeRequest {
  readonly kind: 'spike';
  readonly feeder: string;
  readonly percent: number;
  readonly durationS: number;
}

/** What has changed since the last look, for the event stream. */
export type Notice = {
  readonly [Kind in keyof Notices]: { readonly kind: Kind; readonly data: Notices[Kind] };
}[keyof Notices];
interface Notices extends Pick<StreamMessages, 'event' | 'forecast' | 'plan' | 'command'> {
  readonly model: { readonly target: string; readonly id: string };
}

/** All that the API reads and does, behind functions that the composition root wires. */
export interface ApiDeps {
  readonly clock: Clock;
  readonly region: Region;
  readonly views: {
    region(): RegionView;
    feeder(id: string): FeederView | undefined;
    gateways(): readonly GatewayView[];
    devices(query: DeviceQuery): DevicePage;
    device(gateway: string, device: string): DeviceRowView | undefined;
  };
  /** Where people act on devices. */
  readonly desk: Desk;
  /** Who answers for which part of the grid. */
  readonly areas: Areas;
  readonly interventions: Pick<InterventionStore, 'list'>;
  /** Voltage of the week from `start`, ms UTC, by EN 50160. */
  voltageQuality(start: number): Promise<readonly VoltageQualityRow[]>;
  readonly events: {
    /** Newest first; `before` is the id to go on below. */
    list(query: { limit: number; before?: number; severity?: Severity }): readonly EventView[];
    search(query: Omit<EventSearch, 'as'>): EventsFound;
  };
  readonly alarms: Pick<
    AlarmService,
    'view' | 'list' | 'get' | 'acknowledge' | 'shelve' | 'unshelve' | 'takeOut' | 'bringBack' | 'figures' | 'rules'
  >;
  /** Calls `listener` for each event, forecast and plan; returns how to stop. */
  subscribe(listener: (notice: Notice) => void): () => void;
  newestForecast(target: string): Forecast | undefined;
  readonly jobs: Pick<JobRunner, 'submit' | 'get' | 'cancel' | 'finished'>;
  readonly scenarios: ScenarioStore;
  readonly backtests: Pick<BacktestStore, 'get' | 'predictions'>;
  readonly exports: Pick<ExportStore, 'get' | 'pathOf'>;
  readonly webhooks: WebhookStore;
  /** Origins and hosts to which deliveries may go. */
  readonly webhookHosts: readonly string[];
  /** What planners wait for. */
  readonly feed: PlannerFeed;
  readonly annotations: AnnotationStore;
  readonly uploads: UploadStore;
  readonly weatherVintages: WeatherStore;
  /** Threads of the planners' own: what comes from outside is read there. */
  readonly planning: Pick<Compute<PlannerTasks>, 'run'>;
  readonly models: Pick<ModelRegistry, 'list' | 'get' | 'transitions'>;
  readonly rollout: Pick<Rollout, 'request' | 'duel' | 'waiting'>;
  /** Drift of the model that answers for a target in the cloud. */
  drift(target: string): DriftView | undefined;
  readonly modelImport: Pick<ModelImport, 'take'>;
  readonly federated: Pick<FederatedLearning, 'enabled' | 'campaign' | 'begin'>;
  /** A new id that nobody has guessed: `scn_...` for the prefix scn. */
  newId(prefix: string): string;
  readonly idempotency: KeptAnswers;
  /** Every forecast that was kept, by id and by time of issue. */
  readonly vintages: Pick<ForecastStore, 'get' | 'heads' | 'put' | 'newestWeekAhead'>;
  /** Why a forecast that was kept says what it says. */
  explain(forecast: Forecast): Promise<Explanation>;
  measurements(query: MeasurementQuery): Promise<readonly MeasuredInterval[]>;
  /** What gateways measured, without what came by file. */
  metered(query: Omit<MeasurementQuery, 'asOf'>): Promise<readonly MeasuredInterval[]>;
  /** For each interval of a measurement query the plant time at which the cloud had stored the last of it; null: nothing of it. */
  receipts(query: Omit<MeasurementQuery, 'asOf'>): readonly (number | null)[];
  /** What is stored of the gateways of a target. */
  dataSpan(target: string): TimeSpan | undefined;
  /** The load less what we command, as measured; null where nothing is known. */
  readonly uncontrolled: LoadSource;
  plan(substation: string): PlanRecord | undefined;
  /** What became of a gateway's frames with source times in [from, to), whole hours, ms UTC. */
  completeness(gateway: string, range: { readonly from: number; readonly to: number }): Completeness;
  /** What did not fit: how many by code since the start, and the newest samples, oldest first. */
  quarantine(): { readonly counts: Readonly<Record<string, number>>; readonly samples: readonly QuarantineSample[] };
  /** What became of all frames of each gateway, ever. */
  journals(): readonly ({ readonly gateway: string } & Completeness)[];
  /** Present only beside a simulated plant. */
  readonly simulation: { inject(request: SpikeRequest): Promise<Outcome<{ readonly acceptedAt: number }>> } | undefined;
  /** Folder of the built dashboard, where there is one. */
  readonly dashboardRoot: string | undefined;
  /** Text of the Prometheus metrics. */
  metrics(): Promise<string>;
  /** Who holds a token, if anybody does. */
  callerOf(token: string): Caller | undefined;
  readonly people: People;
  readonly audit: Pick<AuditLog, 'append' | 'list' | 'verify'>;
  readonly attempts: AttemptStore;
  /** Signing in by another provider, where one is configured. */
  readonly oidc?: Pick<OidcLogin, 'name' | 'begin' | 'finish' | 'endSession'> | undefined;
  /** Reads over loopback need no sign-in: beside a simulated plant. */
  readonly guests: boolean;
  /** `https://host` under which a proxy serves us; empty: plain HTTP over loopback. */
  readonly publicOrigin: string;
  /** Shown on the login page over loopback: beside a simulated plant. */
  readonly demoUser: { readonly name: string; readonly password: string } | undefined;
  /** Of a caller for whom nothing else is said. */
  readonly requestsPerSecond: number;
  readonly allowedHosts: readonly string[];
  /** Where a thread of its own holds the port and gives answers again. */
  readonly front?: FrontState | undefined;
}
