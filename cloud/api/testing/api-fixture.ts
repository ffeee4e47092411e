import type { Forecast } from '../../../shared/contracts/forecast.ts';
import type { LoadstoneEvent } from '../../../shared/contracts/event.ts';
import type { Region } from '../../../shared/contracts/region.ts';
import type { EventView, RegionView } from '../../../shared/contracts/view.ts';
import { bad, good, LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { AlarmRig } from '../../alarms/testing/alarm-rig.ts';
import { Passwords } from '../../access/passwords.ts';
import { People } from '../../access/people.ts';
import { PeopleStore } from '../../access/people-store.ts';
import { AttemptStore } from '../../audit/attempt-store.ts';
import type { AuditFacts } from '../../audit/audit-entry.ts';
import { Desk } from '../../desk/desk.ts';
import { Areas } from '../../desk/areas.ts';
import { AreaStore } from '../../desk/area-store.ts';
import { InterventionStore } from '../../desk/intervention-store.ts';
import { DeskStore } from '../../desk/desk-store.ts';
import { JobRunner } from '../../jobs/job-runner.ts';
import { JobStore } from '../../jobs/job-store.ts';
import { inlineCompute } from '../../compute/inline-compute.ts';
import { AnnotationStore } from '../../planner/inputs/annotation-store.ts';
import { UploadStore } from '../../planner/inputs/upload-store.ts';
import { WeatherStore } from '../../planner/inputs/weather-store.ts';
import { plannerTasks } from '../../planner/planner-tasks.ts';
import { PlannerFeed } from '../../planner/events/planner-event.ts';
import { WebhookStore } from '../../planner/webhooks/webhook-store.ts';
import { ScenarioStore } from '../../planner/scenario/scenario-store.ts';
import { IdempotencyStore } from '../answers/idempotency-store.ts';
import { callersOf } from '../callers/caller-file.ts';
import { mayAct } from '../../access/caller.ts';
import type { ApiDeps, Notice } from '../deps.ts';

export const START = Date.parse('2021-09-25T00:00:00Z');
export const TOKEN = 'a-token-for-tests';

/** Two substations with a feeder each: enough to ask every route. */
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

/** An event as the stream tells it. */
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

function openedIdempotency(): IdempotencyStore {
  const store = new IdempotencyStore(':memory:');
  store.open();
  return store;
}

/** Opens a store that lives in memory. */
export const opened = <Store extends { open(): void }>(store: Store): Store => {
  store.open();
  return store;
};

function openedScenarios(): ScenarioStore {
  const store = new ScenarioStore(':memory:');
  store.open();
  return store;
}

/** People in memory; their passwords cost little to check. */
export function openedPeople(now: () => number = () => START): People {
  const store = new PeopleStore(':memory:');
  store.open();
  return new People({ store, passwords: new Passwords({ N: 16, r: 1, p: 1 }), requestsPerSecond: 100_000, now });
}

const keptFacts = ({ who, what, outcome, on, from, to, why, approver }: AuditFacts) => ({
  who,
  what,
  outcome,
  on: on ?? null,
  from: from ?? null,
  to: to ?? null,
  why: why ?? null,
  approver: approver ?? null,
  prev: '',
  kid: '',
  sig: '',
});

/** Keeps what is told, newest last. */
export function memoryAudit(): ApiDeps['audit'] & { readonly told: AuditFacts[] } {
  const told: AuditFacts[] = [];
  const place = { n: 1, at: START, on: null, from: null, to: null, why: null, approver: null };
  return {
    told,
    append: (facts) => {
      told.push(facts);
      return { ...place, who: facts.who, what: facts.what, outcome: facts.outcome, prev: '', kid: '', sig: '' };
    },
    list: ({ before = Number.MAX_SAFE_INTEGER, limit }) =>
      told
        .map((facts, index) => ({ ...place, ...keptFacts(facts), n: index + 1 }))
        .filter(({ n }) => n < before)
        .toReversed()
        .slice(0, limit),
    verify: async () => ({ entries: told.length, problem: undefined }),
  };
}

/** Takes jobs and does none. */
function idleJobs(): JobRunner {
  const store = new JobStore(':memory:');
  store.open();
  const { machine } = new VirtualClock(START);
  return new JobRunner({ store, time: machine, handlers: {}, newId: () => 'job_1', onBug: () => undefined });
}

function openedInterventions(): InterventionStore {
  const store = new InterventionStore(':memory:');
  store.open();
  return store;
}

/** A desk where nothing is known of any device. */
function idleDesk(): Pick<ApiDeps, 'desk'> {
  const store = new DeskStore(':memory:');
  store.open();
  const desk = new Desk({
    region: smallRegion(),
    clock: new VirtualClock(START),
    store,
    send: async () => bad('LS-API-009', 'there is no gateway here'),
    wayOf: () => [],
    estimate: () => undefined,
    live: () => undefined,
    link: () => ({ state: 'never', since: null, lastFrame: null }),
    health: () => undefined,
    onCommand: () => undefined,
  });
  return { desk };
}

export const tokenHolder = callersOf({ text: undefined, file: '', ownToken: TOKEN, requestsPerSecond: 100_000 });

/** Areas over people and a region, kept in memory; `report` gets what is told of them. */
export function openedAreas(
  region: Region,
  people: People,
  report: (event: LoadstoneEvent) => void = () => undefined,
): Areas {
  return new Areas({
    region,
    store: opened(new AreaStore(':memory:')),
    now: () => START,
    mayHold: (user, target) => {
      const caller = user === 'owner' ? tokenHolder(TOKEN) : people.callerNamed(user);
      return caller !== undefined && mayAct(region, caller, target);
    },
    signedIn: () => people.signedIn(),
    report,
  });
}

/** Dependencies that answer from memory; `notify` drives the stream. */
export function fixtureDeps(overrides: Partial<ApiDeps> = {}): ApiDeps & { notify(notice: Notice): void } {
  const listeners = new Set<(notice: Notice) => void>();
  let ids = 0;
  const { people = openedPeople(), region = smallRegion() } = overrides;
  return {
    clock: new VirtualClock(START),
    region,
    areas: openedAreas(region, people),
    ...idleDesk(),
    interventions: openedInterventions(),
    voltageQuality: async () => [],
    views: {
      region: smallView,
      feeder: () => undefined,
      gateways: () => [],
      devices: () => ({ items: [], total: 0, next: undefined }),
      device: () => undefined,
    },
    events: { list: () => [], search: () => ({ items: [], back: null, isEnd: true }) },
    alarms: new AlarmRig({ region: smallRegion(), startMs: START }).alarms,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    newestForecast: (target) => (target === 'substation:owd' ? smallForecast() : undefined),
    measurements: async ({ start, end, resolutionS }) =>
      Array.from({ length: (end - start) / (1000 * resolutionS) }, (_, step) => ({
        start: start + step * resolutionS * 1000,
        mean: step === 1 ? null : 500 + step,
        min: null,
        max: null,
        coverage: 1,
        quality: step === 1 ? 'bad' : 'good',
        origin: 'measured',
      })),
    metered: async () => [],
    receipts: ({ start, end, resolutionS }) =>
      Array.from(
        { length: (end - start) / (1000 * resolutionS) },
        (_, step) => start + (step + 1) * resolutionS * 1000,
      ),
    dataSpan: () => ({ from: START - 86_400_000, to: START }),
    uncontrolled: {
      intervals: async ({ start, end, resolutionS }) => ({
        values: Array.from({ length: (end - start) / (1000 * resolutionS) }, () => null),
        substitution: null,
      }),
    },
    completeness: () => ({ stored: 0, missing: 0, refused: 0, dropped: 0, lost: 0, complete: true, reasons: {} }),
    quarantine: () => ({ counts: {}, samples: [] }),
    journals: () => [],
    plan: () => undefined,
    simulation: { inject: async () => good({ acceptedAt: START }) },
    dashboardRoot: undefined,
    metrics: async () => '# nothing\n',
    vintages: {
      get: (id) => (id === 'fc_1' ? smallForecast() : undefined),
      heads: () => [],
      newestWeekAhead: () => undefined,
      put: () => undefined,
    },
    explain: async ({ id }) => {
      throw new LoadstoneError('LS-FORECAST-009', `${id} comes from no model`);
    },
    jobs: idleJobs(),
    scenarios: openedScenarios(),
    backtests: { get: () => undefined, predictions: () => undefined },
    exports: { get: () => undefined, pathOf: (id) => id },
    feed: new PlannerFeed(0),
    webhooks: opened(new WebhookStore(':memory:')),
    webhookHosts: [],
    annotations: opened(new AnnotationStore(':memory:')),
    uploads: opened(new UploadStore(':memory:')),
    weatherVintages: opened(new WeatherStore(':memory:')),
    planning: inlineCompute(plannerTasks),
    models: { list: () => [], get: () => undefined, transitions: () => [] },
    rollout: {
      request: async (id) => bad('LS-MODEL-002', `there is no model ${id}`),
      duel: () => undefined,
      waiting: () => undefined,
    },
    drift: () => undefined,
    federated: { enabled: false, campaign: undefined, begin: async () => undefined },
    modelImport: { take: async () => bad('LS-MODEL-005', 'it is no ONNX file') },
    newId: (prefix) => `${prefix}_${++ids}`,
    idempotency: openedIdempotency(),
    people,
    audit: memoryAudit(),
    attempts: opened(new AttemptStore(':memory:')),
    guests: true,
    publicOrigin: '',
    demoUser: undefined,
    callerOf: tokenHolder,
    requestsPerSecond: 100_000,
    allowedHosts: ['localhost', '127.0.0.1'],
    notify: (notice) => listeners.forEach((listener) => listener(notice)),
    ...overrides,
  };
}
