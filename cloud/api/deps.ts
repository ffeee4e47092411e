import type { DeviceRowView } from '../../shared/contracts/desk.ts';
import type { AlarmRuleView } from '../../shared/contracts/alarm.ts';
import type { Forecast } from '../../shared/contracts/forecast.ts';
import type { Region } from '../../shared/contracts/region.ts';
import type { EventView, FeederView, GatewayView, LinksView, RegionView } from '../../shared/contracts/view.ts';
import type { Compute } from '../../shared/ports/compute.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Role } from '../access/roles.ts';
import type { Caller } from '../access/caller.ts';
import type { PeopleReader } from '../access/people-reader.ts';
import type { EventSearch, EventsFound } from '../audit/event-store.ts';
import type { IncidentStore } from '../incidents/incident-store.ts';
import type { InterventionStore } from '../desk/intervention-store.ts';
import type { ModelRegistry } from '../forecast/registry/registry.ts';
import type { ForecastStore } from '../forecast/serve/forecast-store.ts';
import type { PlanView } from '../../shared/contracts/plan.ts';
import type { BacktestStore } from '../planner/backtest/backtest-store.ts';
import type { PlannerFeed } from '../planner/events/planner-event.ts';
import type { ExportStore } from '../planner/export/export-store.ts';
import type { AnnotationStore } from '../planner/inputs/annotation-store.ts';
import type { WeatherStore } from '../planner/inputs/weather-store.ts';
import type { PlannerTasks } from '../planner/planner-tasks.ts';
import type { ScenarioStore } from '../planner/scenario/scenario-store.ts';
import type { Notice } from '../read-model/notice.ts';
import type { WebhookStore } from '../planner/webhooks/webhook-store.ts';
import type { ShiftStore } from '../shift/shift-store.ts';
import type { AreasView } from '../../shared/contracts/areas.ts';
import type { AlarmDeskView } from '../../shared/contracts/alarm.ts';
import type { OwnerCalls } from './owner-acts.ts';
import type { Transport } from './callers/transport.ts';
import type { DevicePage, DeviceQuery } from './views/device-index.ts';

/** Settings of the API from the configuration. */
export interface ApiSettings extends Transport {
  /** Reads over loopback need no sign-in, only with a simulated plant. */
  readonly guests: boolean;
  /** Shown on the login page over loopback, only with a simulated plant. */
  readonly demoUser: { readonly name: string; readonly password: string } | undefined;
  /** Default for callers without a rate of their own. */
  readonly requestsPerSecond: number;
  /** Users with one of these roles need a passkey before they may do anything. */
  readonly passkeyRoles: readonly Role[];
  /** The approver of a critical act must prove a passkey. */
  readonly passkeyApprovals: boolean;
  /** Notice shown before sign-in; empty for none. */
  readonly notice: string;
  /** Minutes without activity after which a desk locks; 0: only by hand. */
  readonly lockAfterMin: number;
  readonly allowedHosts: readonly string[];
  /** Origins and hosts to which webhooks may be delivered. */
  readonly webhookHosts: readonly string[];
  /** Folder of the built dashboard, if there is one. */
  readonly dashboardRoot: string | undefined;
  /** Display name of the external sign-in provider, if one is configured. */
  readonly ssoName: string | undefined;
  /** The cloud runs with a simulated plant. */
  readonly simulated: boolean;
  readonly federated: boolean;
  /** Permits "loadstone attack" on another machine to attack this cloud. */
  readonly attackAllowed?: boolean;
}

/** The stores, read on a connection of the api role. */
export interface ApiReads {
  readonly events: {
    /** Newest first; `before` is the id below which to continue. */
    list(query: { limit: number; before?: number }): Promise<readonly EventView[]>;
    search(query: Omit<EventSearch, 'as'>): Promise<EventsFound>;
  };
  readonly interventions: Pick<InterventionStore, 'list'>;
  readonly incidents: Pick<IncidentStore, 'list' | 'get'>;
  readonly shift: Pick<ShiftStore, 'entries' | 'handOver' | 'handOvers'>;
  /** Every stored forecast, by id and by issue time. */
  readonly vintages: Pick<ForecastStore, 'get' | 'heads' | 'newest' | 'newestWeekAhead'>;
  readonly models: Pick<ModelRegistry, 'list' | 'get' | 'transitions'>;
  readonly scenarios: Pick<ScenarioStore, 'get' | 'list' | 'result'>;
  readonly backtests: Pick<BacktestStore, 'get' | 'predictions'>;
  readonly exports: Pick<ExportStore, 'get' | 'part'>;
  readonly webhooks: Pick<WebhookStore, 'get' | 'list' | 'pending'>;
  readonly annotations: Pick<AnnotationStore, 'get' | 'list'>;
  readonly weatherVintages: Pick<WeatherStore, 'list' | 'stored'>;
}

/** The current state, from the read model. */
export interface ApiViews {
  readonly people: PeopleReader;
  readonly views: {
    region(): RegionView;
    feeder(id: string): FeederView | undefined;
    gateways(): readonly GatewayView[];
    links(): readonly LinksView[];
    devices(query: DeviceQuery): DevicePage;
    device(gateway: string, device: string): DeviceRowView | undefined;
    areas(): AreasView;
    alarms(): AlarmDeskView;
  };
  newestForecast(target: string): Forecast | undefined;
  plan(substation: string): PlanView | undefined;
  /** Events for planners. */
  readonly feed: Pick<PlannerFeed, 'since' | 'listen'>;
  /** Calls `listener` for each event, forecast and plan; returns how to stop. */
  subscribe(listener: (notice: Notice) => void): () => void;
  /** Calls `listener` when someone's rights, session or token changed; returns how to stop. */
  onRights(listener: () => void): () => void;
}

/** The link of an api node to the owner. */
export interface NodeStanding {
  /** Why the node's state cannot be trusted now, because nobody tells it about lost rights; undefined while it follows the owner. */
  away(): string | undefined;
  /** For monitoring and load balancers. */
  health(): { readonly ok: boolean; readonly [part: string]: unknown };
}

/** Everything that the API reads and calls; the composition root wires it. */
export interface ApiDeps extends ApiSettings, ApiReads, ApiViews {
  /** Absent in the owner's process. */
  readonly node?: NodeStanding;
  /** When the main thread last ran, ms on `elapsed` of the machine clock; absent if the API runs in that thread. */
  readonly mainThreadAt?: () => number;
  readonly clock: Clock;
  readonly region: Region;
  /** Performs every write, and answers from state that only it holds in memory. */
  readonly owner: OwnerCalls;
  /** Cause, consequence, action and time to respond of each alarm. */
  readonly alarmRules: readonly AlarmRuleView[];
  /** The holder of a token of the callers' file, if any. */
  callerOf(token: string): Caller | undefined;
  /** Threads for planners' work, in which untrusted input is read. */
  readonly planning: Pick<Compute<PlannerTasks>, 'run'>;
  /** Returns a new unguessable id: `scn_...` for the prefix scn. */
  newId(prefix: string): string;
  /** Called for our own errors: the caller gets LS-API-010, the log the whole error. */
  onBug(error: unknown): void;
}
