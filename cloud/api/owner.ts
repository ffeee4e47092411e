import type { CommandView } from '../../shared/contracts/command.ts';
import type { DeskView, EffectView, VoltageQualityRow } from '../../shared/contracts/desk.ts';
import type { NotifyView, TestMessageView } from '../../shared/contracts/notify.ts';
import type { SystemView } from '../../shared/contracts/system.ts';
import type { TrendView } from '../../shared/contracts/trend.ts';
import type { Forecast } from '../../shared/contracts/forecast.ts';
import type { Outcome } from '../../shared/outcome/outcome.ts';
import type { OidcLogin } from '../access/oidc.ts';
import type { People } from '../access/people.ts';
import type { AlarmService } from '../alarms/alarm-service.ts';
import type { AuditFacts } from '../audit/audit-entry.ts';
import type { AuditList } from '../audit/audit-list.ts';
import type { FailedAttempts } from '../audit/failed-attempts.ts';
import type { Acts } from '../desk/acts.ts';
import type { Areas } from '../desk/areas.ts';
import type { Desk } from '../desk/desk.ts';
import type { OperatorActs } from '../desk/operator-acts.ts';
import type { DriftView } from '../forecast/registry/drift/drift-watch.ts';
import type { Campaign } from '../forecast/registry/federated/round.ts';
import type { ModelImport } from '../forecast/registry/import/model-import.ts';
import type { Rollout } from '../forecast/registry/rollout.ts';
import type { Explanation } from '../forecast/serve/explain/explainer.ts';
import type { ForecastStore } from '../forecast/serve/forecast-store.ts';
import type { Completeness } from '../ingest/ledger.ts';
import type { QuarantineSample } from '../ingest/quarantine.ts';
import type { GivenUp } from '../jobs/given-up.ts';
import type { JobRunner } from '../jobs/job-runner.ts';
import type { ExportStore } from '../planner/export/export-store.ts';
import type { AnnotationStore } from '../planner/inputs/annotation-store.ts';
import type { Measured } from '../planner/inputs/measured.ts';
import type { Upload, UploadReceipt, UploadStore } from '../planner/inputs/upload-store.ts';
import type { WeatherStore } from '../planner/inputs/weather-store.ts';
import type { PastQuery, PastStation } from '../playback/past.ts';
import type { ScenarioStore } from '../planner/scenario/scenario-store.ts';
import type { ShiftBook } from '../shift/shift-book.ts';
import type { TrendQuery } from '../telemetry/trend.ts';
import type { WebhookStore } from '../planner/webhooks/webhook-store.ts';
import type { StoredAnswers } from './answers/stored-answers.ts';

export interface SpikeRequest {
  readonly kind: 'spike';
  readonly feeder: string;
  readonly percent: number;
  readonly durationS: number;
}

/** What the cloud depends on: 'ok', or what is wrong. */
export interface Health {
  readonly store: string;
  /** Only with the state in PostgreSQL. */
  readonly state?: string;
  readonly broker: string;
  /** Only if job nodes alone compute the plans. */
  readonly nodes?: string;
  readonly clock: string;
  readonly disk: string;
}

/**
 * The owner's interface for the api role. Only the owner writes and holds the state in memory. Each call goes to another thread or machine,
 * so arguments and answers are copied. What a store or the read model can answer is read there.
 */
export interface Owner {
  /** Acts of operators, within their areas. */
  readonly operators: Pick<OperatorActs, keyof OperatorActs>;
  readonly desk: Pick<Desk, 'command' | 'commands'> & {
    effect(wish: Parameters<Desk['effect']>[0]): EffectView;
    overrides(): CommandView[];
    /** Modes, stops, tags and raised limits as gateways report them. */
    view(): DeskView;
    approval: Acts['approval'];
    approvals: Acts['approvals'];
  };
  readonly areas: Pick<Areas, 'all' | 'take' | 'handOver' | 'decline' | 'release' | 'free' | 'seen'>;
  readonly alarms: Pick<AlarmService, 'list' | 'get' | 'figures'>;
  readonly shift: Pick<ShiftBook, 'view' | 'note' | 'signOff' | 'takeOver'>;
  /** Alarm notifications. */
  readonly notify: {
    view(): Promise<NotifyView>;
    /** By mail. */
    test(by: string): Promise<TestMessageView>;
    testWebhook(name: string, by: string): Promise<TestMessageView>;
  };
  readonly people: Pick<
    People,
    | 'signIn'
    | 'present'
    | 'signOut'
    | 'sessionData'
    | 'changePassword'
    | 'putUser'
    | 'resetPassword'
    | 'removeUser'
    | 'makeToken'
    | 'removeToken'
    | 'removeTokens'
    | 'noteUse'
  >;
  readonly passkeys: Pick<
    People['passkeys'],
    'registration' | 'register' | 'list' | 'rename' | 'remove' | 'challenge' | 'ask' | 'confirm'
  >;
  /** Changes of users that wait for a second admin. */
  readonly userRequests: Pick<People['second'], 'requests' | 'drop'>;
  /** Sign-in through an external provider, if one is configured. */
  readonly oidc: {
    begin(redirectUri: string, before?: string): Promise<{ readonly url: string; readonly flow: string }>;
    finish: OidcLogin['finish'];
    /** Where the browser ends the session at the provider, if it should. */
    endSession(idToken: string, returnTo: string): Promise<string | undefined>;
  };
  /** `request`: id of the request that an entry is about. */
  readonly audit: Pick<AuditList, 'list' | 'verify'> & {
    append(facts: AuditFacts, request?: string): ReturnType<AuditList['append']>;
    appendStop(facts: AuditFacts, request?: string): ReturnType<AuditList['appendStop']>;
  };
  /** Failed sign-ins. */
  readonly attempts: Pick<FailedAttempts, 'note' | 'settle'>;
  readonly idempotency: StoredAnswers;
  readonly jobs: Pick<JobRunner, 'submit' | 'get' | 'cancel' | 'finished'>;
  /** What failed for good and waits for a decision. */
  readonly givenUp: Pick<GivenUp, 'retry' | 'discard'>;
  readonly scenarios: Pick<ScenarioStore, 'add' | 'remove'>;
  readonly webhooks: Pick<WebhookStore, 'add' | 'remove'>;
  readonly annotations: Pick<AnnotationStore, 'add' | 'withdraw'>;
  /** For an api node, which does not have the files. */
  readonly exports: Pick<ExportStore, 'part'>;
  readonly uploads: Pick<UploadStore, 'forget'> & { add(uploads: readonly Upload[]): Promise<UploadReceipt> };
  readonly weather: Pick<WeatherStore, 'put'>;
  readonly forecasts: Pick<ForecastStore, 'put'> & {
    /** Explains a stored forecast. */
    explain(forecast: Forecast): Promise<Explanation>;
  };
  readonly models: Pick<Rollout, 'request' | 'duel' | 'waiting'> & {
    /** Drift of the model that serves a target in the cloud. */
    drift(target: string): DriftView | undefined;
    /** Imports a model trained elsewhere. */
    take: ModelImport['take'];
  };
  readonly federated: {
    /** The rounds in progress, if any. */
    campaign(): Campaign | undefined;
    begin(reason: string): Promise<void>;
  };
  readonly measured: Measured;
  readonly grid: {
    /** Voltage of the week from `start`, ms UTC, by EN 50160. */
    voltageQuality(start: number): Promise<readonly VoltageQualityRow[]>;
    trend(query: TrendQuery): Promise<TrendView>;
    /** Substations as they were at a moment. */
    past(query: PastQuery): Promise<readonly PastStation[]>;
    /** Outcome of a gateway's frames with source times in [from, to), whole hours, ms UTC. */
    completeness(gateway: string, range: { readonly from: number; readonly to: number }): Promise<Completeness>;
    /** Rejected input: counts by code since the start, and the newest samples, oldest first. */
    quarantine(): { readonly counts: Readonly<Record<string, number>>; readonly samples: readonly QuarantineSample[] };
    /** Outcome of all frames of each gateway so far. */
    journals(): readonly ({ readonly gateway: string } & Completeness)[];
    /** Text of the Prometheus metrics. */
    metrics(): Promise<string>;
    health(): Promise<Health>;
    /** Parts of the cloud; gateways report their software themselves. */
    system(): Promise<Omit<SystemView, 'software'>>;
  };
  readonly simulation: {
    /** Injects a load spike into the simulated plant. */
    inject(request: SpikeRequest): Promise<Outcome<{ readonly acceptedAt: number }>>;
  };
}
