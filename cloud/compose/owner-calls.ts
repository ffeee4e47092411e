import type { Region } from '../../shared/contracts/region.ts';
import type { Inference } from '../../shared/ports/inference.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { OidcLogin } from '../access/oidc.ts';
import type { People } from '../access/people.ts';
import { metricsText } from '../api/metrics.ts';
import type { Owner } from '../api/owner.ts';
import type { AuditList } from '../audit/audit-list.ts';
import type { FailedAttempts } from '../audit/failed-attempts.ts';
import type { Areas } from '../desk/areas.ts';
import { OperatorActs } from '../desk/operator-acts.ts';
import { voltageQuality } from '../desk/voltage-quality.ts';
import { ModelImport } from '../forecast/registry/import/model-import.ts';
import { quarantineInference } from '../forecast/serve/child-inference.ts';
import { Explainer } from '../forecast/serve/explain/explainer.ts';
import type { WeatherSource } from '../forecast/serve/inputs.ts';
import type { CloudConfig } from '../config.ts';
import type { BrokerStanding } from '../ingest/rabbitmq/broker-standing.ts';
import { targetsOf } from '../forecast/serve/telemetry-load-source.ts';
import type { Notifications } from '../notify/notifications.ts';
import { Past } from '../playback/past.ts';
import type { ParentLine } from '../simulation/parent-line.ts';
import type { Postgres } from '../sql/postgres.ts';
import type { TelemetryStore } from '../telemetry/store.ts';
import { Trends } from '../telemetry/trend.ts';
import { measuredOf } from '../planner/inputs/measured.ts';
import { healthOf, type NodesSource } from './health.ts';
import type { LoopDelays } from './loop-delays.ts';
import { LoopFigures } from './loop-figures.ts';
import type { OwnerRole } from './owner-role.ts';
import type { Planner } from './planner.ts';
import type { Stores } from './stores.ts';
import { threadsOf, type OwnThreads } from './pools.ts';
import { byLane } from '../task-queue/lanes.ts';
import { queuesOf } from './queues.ts';
import { kindsOf, systemOf } from './system.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';

export interface OwnerCallsParts {
  readonly config: Pick<CloudConfig, 'telemetry' | 'uplink' | 'dispatch' | 'forecast' | 'roles'>;
  readonly role: OwnerRole;
  readonly region: Region;
  readonly clock: Clock;
  readonly stores: Stores;
  readonly telemetry: TelemetryStore;
  readonly planner: Planner;
  /** Gateways that are connected. */
  readonly connected: () => readonly string[];
  /** True if gateways can connect. */
  readonly listens: () => boolean;
  /** State of an external broker. */
  readonly broker?: (() => BrokerStanding) | undefined;
  /** Heavy work on threads of this process. */
  readonly own: OwnThreads;
  /** Job nodes, if there is a RabbitMQ where they connect. */
  readonly nodes?: NodesSource | undefined;
  /** The data folder. */
  readonly data: string;
  /** The database that holds the state; undefined: the state is in the data folder. */
  readonly postgres: Pick<Postgres, 'look' | 'standing'> | undefined;
  readonly inference: Inference;
  readonly weather: WeatherSource | undefined;
  readonly parent: ParentLine | undefined;
  readonly people: People;
  readonly oidc: OidcLogin | undefined;
  readonly notify: Notifications;
  readonly areas: Areas;
  /** True if the named person may act on a target by current rights. */
  readonly mayAct: (name: string, target: string) => boolean;
  readonly audit: AuditList;
  readonly attempts: FailedAttempts;
  readonly delays: LoopDelays;
}

/** The owner's functions for the api role. */
export function ownerCalls(parts: OwnerCallsParts): Owner {
  const { role, region, clock, stores, areas, audit, people, parent } = parts;
  const { desk, alarms, forecasts } = role;
  const { rollout } = forecasts;
  const explainer = new Explainer({
    targets: targetsOf(region),
    load: role.loads.learned,
    weather: parts.weather,
    registry: stores.models,
    inference: parts.inference,
  });
  const models = new ModelImport({
    clock,
    targets: targetsOf(region),
    registry: stores.models,
    forecasts,
    quarantine: () => quarantineInference(clock.machine),
  });
  const trends = new Trends(parts.telemetry, (gateway, meter) =>
    role.estimates.findingsOfGateway(gateway).filter(({ device }) => device === meter),
  );
  const past = new Past({
    region,
    store: parts.telemetry,
    moments: stores.moments,
    estimate: (task) => role.estimates.replay(task),
    speed: () => parent?.pace.speed ?? 1,
  });
  const health = healthOf({
    data: parts.data,
    postgres: parts.postgres,
    isStoreFailing: () => role.ingest.counts().isStoreFailing,
    listens: () => parts.listens(),
    broker: parts.broker,
    nodes: parts.nodes,
    now: () => clock.machine.now(),
  });
  return {
    operators: new OperatorActs({ desk, areas, alarms, mayAct: parts.mayAct }),
    desk: {
      command: (id) => desk.command(id),
      commands: (limit, before) => desk.commands(limit, before),
      effect: (wish) => desk.effect(wish),
      overrides: () => desk.overrides(),
      view: () => desk.acts.view((substation) => role.dispatch.planFor(substation)?.plan),
      approval: (id) => desk.acts.approval(id),
      approvals: () => desk.acts.approvals(),
    },
    areas,
    alarms,
    shift: role.shift,
    notify: parts.notify,
    people,
    passkeys: people.passkeys,
    userRequests: people.second,
    oidc: oidcCalls(parts.oidc),
    audit,
    attempts: parts.attempts,
    idempotency: stores.idempotency,
    jobs: parts.planner.jobs,
    givenUp: parts.planner.givenUp,
    scenarios: stores.scenarios,
    webhooks: stores.webhooks,
    annotations: stores.annotations,
    exports: stores.exports,
    uploads: {
      add: (uploads) => stores.uploads.add(uploads, () => clock.plant.now()),
      forget: (values) => stores.uploads.forget(values),
    },
    weather: stores.weatherVintages,
    forecasts: {
      put: (made) => stores.forecasts.put(made),
      explain: (forecast) => explainer.explain(forecast),
    },
    models: {
      request: (id, to, step) => rollout.request(id, to, step),
      duel: (entry) => rollout.duel(entry),
      waiting: (id) => rollout.waiting(id),
      drift: (target) => forecasts.care.drift.view(target),
      take: (offer, stillMay) => models.take(offer, stillMay),
    },
    federated: {
      campaign: () => role.federated.campaign,
      begin: (reason) => role.federated.begin(reason),
    },
    measured: measuredOf({ loads: role.loads, region, ledger: stores.ledger, uploads: stores.uploads }),
    grid: {
      voltageQuality: (start) => voltageQuality(region, parts.telemetry, start),
      trend: (query) => trends.of(query),
      past: (query) => past.of(query),
      completeness: (gateway, range) => stores.ledger.completenessBetween(gateway, range),
      quarantine: () => {
        const { quarantine } = role.ingest;
        return { counts: quarantine.counts(), samples: quarantine.samples() };
      },
      journals: () => region.substations.map(({ gateway }) => ({ gateway, ...stores.ledger.completeness(gateway) })),
      metrics: metricsOf(parts),
      health,
      system: systemCall(parts, health),
    },
    simulation: {
      inject: async (request) => {
        if (parent === undefined) throw new LoadstoneError('LS-SIM-001', 'this cloud runs without a simulated plant');
        return parent.inject(request);
      },
    },
  };
}

function oidcCalls(login: OidcLogin | undefined): Owner['oidc'] {
  const configured = (): OidcLogin => {
    if (login === undefined) throw new LoadstoneError('LS-API-004', 'no provider is configured: see api.oidc');
    return login;
  };
  return {
    begin: async (redirectUri, before) => {
      const { url, flow } = await configured().begin(redirectUri, before);
      return { url: url.href, flow };
    },
    finish: (query, flow) => configured().finish(query, flow),
    endSession: async (idToken, returnTo) => (await configured().endSession(idToken, returnTo))?.href,
  };
}

function systemCall(
  { role, region, clock, stores, postgres, config, delays, planner, own, nodes }: OwnerCallsParts,
  health: Owner['grid']['health'],
): Owner['grid']['system'] {
  const figures = new LoopFigures();
  delays.listen((delay) => figures.add(delay));
  const sum = (of: (gateway: string) => number | undefined): number =>
    region.substations.reduce((all, { gateway }) => all + (of(gateway) ?? 0), 0);
  return systemOf({
    config: kindsOf(config),
    postgres,
    queues: () =>
      queuesOf({
        threads: config.roles.includes('job') ? threadsOf(config) : byLane(() => 0),
        own,
        nodes: nodes?.standing,
        plansDue: () => role.dispatch.plansDue,
        trainingsDue: () => role.forecasts.trainingsDue,
        jobsDue: () => stores.jobs.waiting(),
      }),
    jobNodes: () => nodes?.standing().nodes ?? [],
    givenUp: () => planner.givenUp.listed,
    health,
    lag: () => {
      const { heldPoints, failedWrites } = role.ingest.counts();
      return {
        thread: figures.view(),
        heldPoints,
        failedWrites,
        backlogFrames: sum((gateway) => role.gateways.health(gateway)?.report.journal.backlogFrames),
        missingFrames: sum((gateway) => stores.ledger.completeness(gateway).missing),
      };
    },
    now: () => clock.machine.now(),
  });
}

function metricsOf({
  role,
  region,
  clock,
  stores,
  telemetry,
  postgres,
  broker,
  nodes,
  connected,
  delays,
}: OwnerCallsParts): () => Promise<string> {
  return metricsText({
    ingest: () => role.ingest.counts(),
    waitingRollups: telemetry.waitingRollups && (() => telemetry.waitingRollups!()),
    // A failing event store must not hide the other metrics.
    events: () => stores.events.count().catch(() => Number.NaN),
    state: postgres === undefined ? undefined : () => postgres.standing,
    broker,
    nodes: nodes?.standing,
    promotions: () => role.forecasts.rollout.promotions,
    connectedGateways: () => connected().length,
    plantTime: () => clock.plant.now(),
    onLoopDelay: (listener) => delays.listen(listener),
    onFrameWait: (listener) => role.ingest.listenToWaits(listener),
    gateways: () =>
      region.substations.map(({ gateway }) => {
        const report = role.gateways.health(gateway)?.report;
        return {
          id: gateway,
          up: role.gateways.link(gateway).state === 'up',
          backlogFrames: report?.journal.backlogFrames,
          overruns: report?.cycle.overruns,
          missingFrames: stores.ledger.completeness(gateway).missing,
        };
      }),
  });
}
