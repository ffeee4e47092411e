import './answers-described.ts';
import type { Forecast } from '../../../shared/contracts/forecast.ts';
import type { LoadstoneEvent } from '../../../shared/contracts/event.ts';
import type { Region } from '../../../shared/contracts/region.ts';
import type { EventView, RegionView } from '../../../shared/contracts/view.ts';
import { bad, LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import type { AlarmService } from '../../alarms/alarm-service.ts';
import { AlarmRig } from '../../alarms/testing/alarm-rig.ts';
import type { OidcLogin } from '../../access/oidc.ts';
import { Passwords } from '../../access/passwords.ts';
import { People, type PeopleOptions } from '../../access/people.ts';
import { hashed } from '../../access/people-reader.ts';
import { SqlitePeopleStore } from '../../access/sqlite-people-store.ts';
import type { AttemptStore } from '../../audit/attempt-store.ts';
import { FIRST_PREV, type AuditFacts } from '../../audit/audit-entry.ts';
import { FailedAttempts } from '../../audit/failed-attempts.ts';
import { SqliteAttemptStore } from '../../audit/sqlite-attempt-store.ts';
import { callsWithin } from '../../compute/thread-calls.ts';
import { Desk } from '../../desk/desk.ts';
import { Areas } from '../../desk/areas.ts';
import { SqliteAreaStore } from '../../desk/sqlite-area-store.ts';
import { SqliteDeskStore } from '../../desk/sqlite-desk-store.ts';
import { SqliteIncidentStore } from '../../incidents/sqlite-incident-store.ts';
import { SqliteInterventionStore } from '../../desk/sqlite-intervention-store.ts';
import type { ForecastStore } from '../../forecast/serve/forecast-store.ts';
import { JobRunner } from '../../jobs/job-runner.ts';
import { SqliteJobStore } from '../../jobs/sqlite-job-store.ts';
import { inlineCompute } from '../../compute/inline-compute.ts';
import type { AnnotationStore } from '../../planner/inputs/annotation-store.ts';
import { SqliteAnnotationStore } from '../../planner/inputs/sqlite-annotation-store.ts';
import type { UploadStore } from '../../planner/inputs/upload-store.ts';
import { SqliteUploadStore } from '../../planner/inputs/sqlite-upload-store.ts';
import type { WeatherStore } from '../../planner/inputs/weather-store.ts';
import { SqliteWeatherStore } from '../../planner/inputs/sqlite-weather-store.ts';
import { plannerTasks } from '../../planner/planner-tasks.ts';
import { PlannerFeed } from '../../planner/events/planner-event.ts';
import type { WebhookStore } from '../../planner/webhooks/webhook-store.ts';
import { SqliteWebhookStore } from '../../planner/webhooks/sqlite-webhook-store.ts';
import type { ScenarioStore } from '../../planner/scenario/scenario-store.ts';
import { SqliteScenarioStore } from '../../planner/scenario/sqlite-scenario-store.ts';
import { IdempotencyStore } from '../answers/idempotency-store.ts';
import { callersOf } from '../callers/caller-file.ts';
import { type Caller, mayAct } from '../../access/caller.ts';
import type { ApiDeps } from '../deps.ts';
import type { Notice } from '../../read-model/notice.ts';
import type { Owner } from '../owner.ts';
import { guarded } from '../owner-acts.ts';
import { ShiftBook, type ShiftBookOptions } from '../../shift/shift-book.ts';
import { SqliteShiftStore } from '../../shift/sqlite-shift-store.ts';
import type { Callers } from '../../access/warrant.ts';
import { ownerOf, type OwnerChanges } from './owner-fixture.ts';

export const START = Date.parse('2021-09-25T00:00:00Z');
export const TOKEN = 'a-token-for-tests';

/** Two substations with a feeder each: enough to call every route. */
export function smallRegion(): Region {
  const substation = (id: string, latitude: number): Region['substations'][number] => ({
    id,
    name: `Name of ${id}`,
    gateway: `${id}-01`,
    latitude,
    longitude: 5,
    timezone: 'Europe/Amsterdam',
    limits: { importKw: 8000, exportKw: 7000, vMinPu: 0.9, vMaxPu: 1.1 },
    network: {
      format: 'loadstone-grid',
      version: 1,
      id,
      name: id,
      baseMva: 10,
      topologyVersion: 0,
      buses: [
        { id: `${id}-bb`, nominalKv: 12.66 },
        { id: `${id}-1-b2`, nominalKv: 12.66, feeder: `${id}-1` },
      ],
      lines: [
        {
          id: `${id}-1-l1`,
          from: `${id}-bb`,
          to: `${id}-1-b2`,
          rOhm: 0.1,
          xOhm: 0.1,
          ratedKva: 4000,
          feeder: `${id}-1`,
        },
      ],
      transformers: [],
      sources: [{ id: 'grid', bus: `${id}-bb`, voltagePu: 1 }],
      loads: [],
      shunts: [],
      feeders: [{ id: `${id}-1`, name: `Feeder 1 of ${id}`, headBranch: `${id}-1-l1`, headBus: `${id}-1-b2` }],
    },
    devices: [],
    meters: [],
  });
  return {
    version: 1,
    id: 'north',
    name: 'North',
    timezone: 'Europe/Amsterdam',
    limits: { importKw: 60_000, exportKw: 60_000 },
    profile: 'dso',
    substations: [substation('owd', 53), substation('whf', 52.7)],
  };
}

/** An event as the stream sends it. */
export const shownEvent = (id: number, text = 'something happened'): EventView => ({
  id,
  time: START,
  source: 'cloud',
  kind: 'event',
  severity: 'info',
  code: 'test.event',
  text,
  device: null,
  subject: null,
  active: null,
});

const unknown = { value: null, quality: 'bad', origin: 'measured', time: null } as const;

export const smallView = (): RegionView => ({
  id: 'north',
  name: 'North',
  clock: { plantTime: START, speed: 60, speedReached: 60, simulated: true },
  activePowerKw: unknown,
  limits: { importKw: 60_000, exportKw: 60_000 },
  substations: [],
});

export function smallForecast(steps = 8): Forecast {
  const level = (shift: number): number[] => Array.from({ length: steps }, (_, step) => 1000 + shift + 10 * step);
  return {
    id: 'fc_1',
    kind: 'issued',
    target: 'substation:owd',
    load: 'uncontrolled',
    issuedAt: START,
    dataUpTo: START,
    start: START,
    resolutionS: 900,
    quantiles: [0.1, 0.5, 0.9],
    values: [level(-100), level(0), level(100)],
    model: { id: 'mdl_1', sha256: null, members: { ridge: 1 } },
    weather: null,
    inputCompleteness: 1,
    fallback: null,
    calibration: null,
    warnings: [],
  };
}

/** Opens an in-memory store. */
export const opened = <Store extends { open(): void }>(store: Store): Store => {
  store.open();
  return store;
};

/** An in-memory user store with cheap password hashing. */
export function openedPeople(
  now: () => number = () => START,
  {
    takesTwo = false,
    passkeyRoles = [],
    lockAfterMs = 0,
  }: Partial<Pick<PeopleOptions, 'takesTwo' | 'passkeyRoles' | 'lockAfterMs'>> = {},
): People {
  const store = new SqlitePeopleStore(':memory:');
  store.open();
  return new People({
    store,
    passwords: new Passwords({ N: 16, r: 1, p: 1 }),
    weaknessOf: () => undefined,
    takesTwo,
    passkeyRoles,
    lockAfterMs,
    requestsPerSecond: 100_000,
    now,
  });
}

const UNSIGNED = { prev: FIRST_PREV, kid: '', sig: 'A'.repeat(86) };

const entryFacts = ({ who, what, outcome, on, from, to, why, approver }: AuditFacts) => ({
  who,
  what,
  outcome,
  on: on ?? null,
  from: from ?? null,
  to: to ?? null,
  why: why ?? null,
  approver: approver ?? null,
  ...UNSIGNED,
});

/** Collects audit entries, newest last. */
export function memoryAudit(): Owner['audit'] & { readonly entries: AuditFacts[] } {
  const entries: AuditFacts[] = [];
  const place = { n: 1, at: START, on: null, from: null, to: null, why: null, approver: null };
  return {
    entries,
    append: async (facts) => {
      entries.push(facts);
      return { ...place, who: facts.who, what: facts.what, outcome: facts.outcome, ...UNSIGNED };
    },
    appendStop: async (facts) => void entries.push(facts),
    list: async ({ before = Number.MAX_SAFE_INTEGER, limit }) =>
      entries
        .map((facts, index) => ({ ...place, ...entryFacts(facts), n: index + 1 }))
        .filter(({ n }) => n < before)
        .toReversed()
        .slice(0, limit),
    verify: async () => ({ entries: entries.length, problem: undefined, witness: null }),
  };
}

/** A job runner without handlers. */
function idleJobs(): JobRunner {
  const store = new SqliteJobStore(':memory:');
  store.open();
  const { machine } = new VirtualClock(START);
  return new JobRunner({ store, time: machine, handlers: {}, newId: () => 'job_1', onBug: () => undefined });
}

/** A desk without any known device. */
function idleDesk(): Desk {
  return new Desk({
    region: smallRegion(),
    clock: new VirtualClock(START),
    store: opened(new SqliteDeskStore(':memory:')),
    send: async () => bad('LS-API-009', 'there is no gateway here'),
    stagesOf: async () => [],
    estimate: () => undefined,
    live: () => undefined,
    link: () => ({ state: 'never', since: null, lastFrame: null }),
    health: () => undefined,
    onCommand: () => undefined,
  });
}

export const tokenHolder = callersOf({ text: undefined, file: '', ownToken: TOKEN, requestsPerSecond: 100_000 });

const mayActIn =
  (region: Region, people: People) =>
  (name: string, target: string): boolean => {
    const caller = name === 'owner' ? tokenHolder(TOKEN) : people.callerNamed(name);
    return caller !== undefined && mayAct(region, caller, target);
  };

/** Areas over people and a region, in memory. `report` receives their events. */
export function openedAreas(
  region: Region,
  people: People,
  report: (event: LoadstoneEvent) => void = () => undefined,
): Areas {
  return new Areas({
    region,
    store: opened(new SqliteAreaStore(':memory:')),
    now: () => START,
    mayHold: mayActIn(region, people),
    signedIn: () => people.signedIn(),
    report,
  });
}

/** A cloud without notifications. */
const noNotify: Owner['notify'] = {
  view: async () => ({ mail: null, webhooks: [] }),
  test: () => Promise.reject(new LoadstoneError('LS-NOTIFY-002', 'notify.mail is not set')),
  testWebhook: (name) => Promise.reject(new LoadstoneError('LS-API-004', `notify.webhooks names no "${name}"`)),
};

/** A shift log in memory. */
export function openedShift(clock: Clock, alarms: AlarmService, parts: Partial<ShiftBookOptions> = {}) {
  const store = opened(new SqliteShiftStore(':memory:'));
  const nothing = { control: () => [], incidents: async () => [] };
  const book = new ShiftBook({ clock, store, alarms: (states) => alarms.list(states), ...nothing, ...parts });
  return { store, book };
}

/** What a test supplies itself: objects shared by reads and owner, settings, reads, views, and functions of the owner. */
export interface FixtureOverrides extends Partial<
  Omit<
    ApiDeps,
    'annotations' | 'owner' | 'people' | 'scenarios' | 'shift' | 'views' | 'vintages' | 'weatherVintages' | 'webhooks'
  >
> {
  readonly people?: People;
  readonly areas?: Areas;
  readonly notifications?: Partial<Owner['notify']>;
  readonly shift?: ReturnType<typeof openedShift>;
  readonly desk?: Desk;
  readonly alarms?: AlarmService;
  readonly audit?: Owner['audit'];
  readonly attempts?: AttemptStore;
  readonly jobs?: Owner['jobs'];
  readonly oidc?: OidcLogin;
  readonly scenarios?: ScenarioStore;
  readonly webhooks?: WebhookStore;
  readonly annotations?: AnnotationStore;
  readonly uploads?: UploadStore;
  readonly weatherVintages?: WeatherStore;
  readonly vintages?: Pick<ForecastStore, 'get' | 'heads' | 'newest' | 'newestWeekAhead' | 'put'>;
  readonly views?: Partial<ApiDeps['views']>;
  readonly own?: OwnerChanges;
}

const emptyVintages: NonNullable<FixtureOverrides['vintages']> = {
  get: async (id) => (id === 'fc_1' ? smallForecast() : undefined),
  heads: async () => [],
  newest: async () => undefined,
  newestWeekAhead: async () => undefined,
  put: async () => undefined,
};

/** The API's dependencies for a test, with the objects behind them. */
export interface FixtureDeps extends ApiDeps {
  readonly people: People;
  /** The owner that answers the calls. */
  readonly own: Owner;
  readonly attempts: FailedAttempts;
  /** Publishes a notice on the stream. */
  notify(notice: Notice): void;
}

/** Dependencies that answer from memory. Calls to the owner copy arguments and answers, as between two threads. */
export function fixtureDeps(overrides: FixtureOverrides = {}): FixtureDeps {
  const listeners = new Set<(notice: Notice) => void>();
  let ids = 0;
  const { own: changes, views, attempts: counts = opened(new SqliteAttemptStore(':memory:')), ...given } = overrides;
  const people = given.people ?? openedPeople();
  const region = given.region ?? smallRegion();
  const areas = given.areas ?? openedAreas(region, people);
  const alarms = given.alarms ?? new AlarmRig({ region: smallRegion(), startMs: START }).alarms;
  const clock = given.clock ?? new VirtualClock(START);
  const audit = given.audit ?? memoryAudit();
  const attempts = new FailedAttempts({ audit, store: counts, time: clock.machine });
  const shift = given.shift ?? openedShift(clock, alarms);
  const shared = {
    plan: (): undefined => undefined,
    vintages: emptyVintages,
    scenarios: opened(new SqliteScenarioStore(':memory:')),
    webhooks: opened(new SqliteWebhookStore(':memory:')),
    annotations: opened(new SqliteAnnotationStore(':memory:')),
    weatherVintages: opened(new SqliteWeatherStore(':memory:')),
    ...given,
    people,
  };
  const own = ownerOf(
    {
      desk: idleDesk(),
      mayAct: mayActIn(region, people),
      jobs: idleJobs(),
      oidc: undefined,
      uploads: opened(new SqliteUploadStore(':memory:')),
      idempotency: opened(new IdempotencyStore(':memory:')),
      ...shared,
      areas,
      alarms,
      shift: shift.book,
      notify: { ...noNotify, ...given.notifications },
      audit,
      attempts,
      plantNow: () => clock.plant.now(),
    },
    changes,
  );
  const seen = new Map<string, Caller>();
  /** Callers that used a token of the callers' file may act with it. */
  const callerOf = (token: string): Caller | undefined => {
    const caller = (given.callerOf ?? tokenHolder)(token);
    if (caller !== undefined) seen.set(hashed(token), caller);
    return caller;
  };
  const callers: Callers = {
    region,
    callerOfSession: (session) => people.callerOfSession(session),
    callerOfTokenHash: (hash) => seen.get(hash) ?? people.callerOfTokenHash(hash),
  };
  return {
    region,
    interventions: opened(new SqliteInterventionStore(':memory:')),
    incidents: opened(new SqliteIncidentStore(':memory:')),
    events: { list: async () => [], search: async () => ({ items: [], back: null, isEnd: true }) },
    alarmRules: alarms.rules(),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onRights: (listener) => people.onChange(listener),
    newestForecast: (target) => (target === 'substation:owd' ? smallForecast() : undefined),
    simulated: true,
    federated: false,
    dashboardRoot: undefined,
    ssoName: given.oidc?.name,
    backtests: { get: async () => undefined, predictions: async () => undefined },
    exports: { get: async () => undefined, part: async () => undefined },
    feed: new PlannerFeed(0),
    webhookHosts: [],
    planning: inlineCompute(plannerTasks),
    models: { list: async () => [], get: async () => undefined, transitions: async () => [] },
    newId: (prefix) => `${prefix}_${++ids}`,
    guests: true,
    publicOrigin: '',
    tls: false,
    trustedProxies: [],
    demoUser: undefined,
    requestsPerSecond: 100_000,
    passkeyRoles: [],
    passkeyApprovals: false,
    notice: '',
    lockAfterMin: 0,
    allowedHosts: ['localhost', '127.0.0.1'],
    onBug: () => undefined,
    notify: (notice) => listeners.forEach((listener) => listener(notice)),
    ...shared,
    shift: shift.store,
    clock,
    views: {
      region: smallView,
      feeder: () => undefined,
      gateways: () => [],
      links: () => [],
      devices: () => ({ items: [], total: 0, next: undefined }),
      device: () => undefined,
      areas: () => areas.view(),
      alarms: () => alarms.view(),
      ...views,
    },
    attempts,
    own,
    owner: callsWithin(guarded(own, callers)),
    callerOf,
  };
}
