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
import type { Way } from './callers/way.ts';
import type { DevicePage, DeviceQuery } from './views/device-index.ts';

/** What the configuration says of the API. */
export interface ApiSettings extends Way {
  /** Reads over loopback need no sign-in: beside a simulated plant. */
  readonly guests: boolean;
  /** Shown on the login page over loopback: beside a simulated plant. */
  readonly demoUser: { readonly name: string; readonly password: string } | undefined;
  /** Of a caller for whom nothing else is said. */
  readonly requestsPerSecond: number;
  /** Whoever has one of these roles may do nothing before they have a passkey. */
  readonly passkeyRoles: readonly Role[];
  /** Who approves a critical act proves a passkey. */
  readonly passkeyApprovals: boolean;
  /** What everybody reads before they sign in; empty: nothing. */
  readonly notice: string;
  /** Minutes after which a desk where nobody is acts no more; 0: it is only locked by hand. */
  readonly lockAfterMin: number;
  readonly allowedHosts: readonly string[];
  /** Origins and hosts to which deliveries of webhooks may go. */
  readonly webhookHosts: readonly string[];
  /** Folder of the built dashboard, where there is one. */
  readonly dashboardRoot: string | undefined;
  /** How the other provider of sign-ins calls itself, where one is configured. */
  readonly ssoName: string | undefined;
  /** The cloud runs beside a simulated plant. */
  readonly simulated: boolean;
  readonly federated: boolean;
  /** "loadstone attack" on another machine may attack this cloud. */
  readonly attackAllowed?: boolean;
}

/** What the stores hold, read on a connection of the api role's own. */
export interface ApiReads {
  readonly events: {
    /** Newest first; `before` is the id to go on below. */
    list(query: { limit: number; before?: number }): Promise<readonly EventView[]>;
    search(query: Omit<EventSearch, 'as'>): Promise<EventsFound>;
  };
  readonly interventions: Pick<InterventionStore, 'list'>;
  readonly incidents: Pick<IncidentStore, 'list' | 'get'>;
  readonly shift: Pick<ShiftStore, 'entries' | 'handOver' | 'handOvers'>;
  /** Every forecast that was kept, by id and by time of issue. */
  readonly vintages: Pick<ForecastStore, 'get' | 'heads' | 'newest' | 'newestWeekAhead'>;
  readonly models: Pick<ModelRegistry, 'list' | 'get' | 'transitions'>;
  readonly scenarios: Pick<ScenarioStore, 'get' | 'list' | 'result'>;
  readonly backtests: Pick<BacktestStore, 'get' | 'predictions'>;
  readonly exports: Pick<ExportStore, 'get' | 'part'>;
  readonly webhooks: Pick<WebhookStore, 'get' | 'list' | 'pending'>;
  readonly annotations: Pick<AnnotationStore, 'get' | 'list'>;
  readonly weatherVintages: Pick<WeatherStore, 'list'>;
}

/** What is in force now, from the read model. */
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
  /** What planners wait for. */
  readonly feed: Pick<PlannerFeed, 'since' | 'listen'>;
  /** Calls `listener` for each event, forecast and plan; returns how to stop. */
  subscribe(listener: (notice: Notice) => void): () => void;
  /** Calls `listener` when somebody's rights, session or token changed; returns how to stop. */
  onRights(listener: () => void): () => void;
}

/** How an api role on a machine of its own stands with the owner. */
export interface NodeStanding {
  /** Why nothing that it knows can be trusted now: nobody tells it who has lost a right; undefined: it follows. */
  away(): string | undefined;
  /** For whoever watches over it, or sends clients to it. */
  health(): { readonly ok: boolean; readonly [part: string]: unknown };
}

/** All that the API reads and asks for; the composition root wires it. */
export interface ApiDeps extends ApiSettings, ApiReads, ApiViews {
  /** Absent: it is in the owner's process. */
  readonly node?: NodeStanding;
  /** When the main thread turned last, ms as `elapsed` of the machine's clock; absent: the API is in that thread. */
  readonly mainThreadAt?: () => number;
  readonly clock: Clock;
  readonly region: Region;
  /** Performs every write, and answers what only its memory knows. */
  readonly owner: OwnerCalls;
  /** Cause, consequence, action and time of each alarm. */
  readonly alarmRules: readonly AlarmRuleView[];
  /** Who holds a token of the callers' file, if anybody does. */
  callerOf(token: string): Caller | undefined;
  /** Threads of the planners' own: what comes from outside is read there. */
  readonly planning: Pick<Compute<PlannerTasks>, 'run'>;
  /** A new id that nobody has guessed: `scn_...` for the prefix scn. */
  newId(prefix: string): string;
  /** An error of ours: the caller gets LS-API-010, the log gets it whole. */
  onBug(error: unknown): void;
}
