import type { Region } from '../shared/contracts/region.ts';
import type { Clock } from '../shared/time/clock.ts';
import type { ApiDeps } from './api/deps.ts';
import { DeviceIndex } from './api/views/device-index.ts';
import { feederView } from './api/views/feeder-view.ts';
import { gatewayViews } from './api/views/gateway-view.ts';
import { regionView } from './api/views/region-view.ts';
import type { ViewSources } from './api/views/sources.ts';
import type { Cloud } from './app.ts';
import { measuredSources } from './measured-sources.ts';
import type { InterventionStore } from './desk/intervention-store.ts';
import { voltageQuality } from './desk/voltage-quality.ts';
import type { EventLog } from './audit/event-log.ts';
import type { TelemetryStore } from './telemetry/store.ts';
import type { Ledger } from './ingest/ledger.ts';

export interface ApiWiring extends Pick<
  ApiDeps,
  | 'simulation'
  | 'dashboardRoot'
  | 'metrics'
  | 'callerOf'
  | 'people'
  | 'areas'
  | 'audit'
  | 'attempts'
  | 'guests'
  | 'publicOrigin'
  | 'demoUser'
  | 'oidc'
  | 'requestsPerSecond'
  | 'allowedHosts'
  | 'front'
  | 'vintages'
  | 'jobs'
  | 'scenarios'
  | 'models'
  | 'newId'
  | 'annotations'
  | 'feed'
  | 'webhooks'
  | 'webhookHosts'
  | 'exports'
  | 'backtests'
  | 'uploads'
  | 'weatherVintages'
  | 'planning'
  | 'idempotency'
  | 'modelImport'
  | 'explain'
> {
  readonly cloud: Cloud;
  readonly region: Region;
  readonly clock: Clock;
  readonly events: EventLog;
  readonly ledger: Ledger;
  readonly interventions: InterventionStore;
  readonly telemetry: Pick<TelemetryStore, 'intervals'>;
  pace(): { readonly speed: number; readonly speedReached: number; readonly simulated: boolean };
}

/** What the API answers from: the running cloud, seen through functions. */
export function apiDeps(wiring: ApiWiring): ApiDeps {
  const { cloud, region, clock, events, ledger } = wiring;
  const sources: ViewSources = {
    region,
    plantNow: () => clock.plant.now(),
    clock: () => wiring.pace(),
    live: (gateway, device, metric) => cloud.live.get(gateway, device, metric),
    estimate: (substation) => cloud.estimates.state(substation),
    findings: (substation) => cloud.estimates.findings(substation),
    link: (gateway) => cloud.gateways.link(gateway),
    health: (gateway) => cloud.gateways.health(gateway),
    forecast: (target) => cloud.forecasts.newest(target),
    plan: (substation) => cloud.dispatch.planFor(substation),
    activeAlarms: (gateway) => cloud.alarms.count(gateway),
    ledger: (gateway) => {
      const { stored, missing, refused } = ledger.completeness(gateway);
      return { storedFrames: stored, missingFrames: missing, refusedFrames: refused };
    },
  };
  const devices = new DeviceIndex(sources, () => cloud.desk.overrides());
  return {
    clock,
    region,
    desk: cloud.desk,
    interventions: wiring.interventions,
    voltageQuality: (start) => voltageQuality(region, wiring.telemetry, start),
    views: {
      devices: (query) => devices.page(query),
      device: (gateway, device) => devices.one(gateway, device),
      region: () => regionView(sources),
      feeder: (id) => {
        const substation = region.substations.find(({ network }) => network.feeders.some((feeder) => feeder.id === id));
        return substation === undefined ? undefined : feederView(substation, id, sources);
      },
      gateways: () => gatewayViews(sources),
    },
    events: {
      list: (query) => events.list(query).map((event) => cloud.alarms.shown(event)),
      search: (query) => events.search({ ...query, as: (event) => cloud.alarms.shown(event) }),
    },
    alarms: cloud.alarms,
    subscribe: (listener) => cloud.subscribe(listener),
    newestForecast: (target) => cloud.forecasts.newest(target),
    ...measuredSources(wiring),
    plan: (substation) => cloud.dispatch.planFor(substation),
    completeness: (gateway, range) => ledger.completeness(gateway, range),
    quarantine: () => ({ counts: cloud.ingest.quarantine.counts(), samples: cloud.ingest.quarantine.samples() }),
    journals: () => region.substations.map(({ gateway }) => ({ gateway, ...ledger.completeness(gateway) })),
    simulation: wiring.simulation,
    dashboardRoot: wiring.dashboardRoot,
    metrics: wiring.metrics,
    vintages: wiring.vintages,
    explain: wiring.explain,
    jobs: wiring.jobs,
    scenarios: wiring.scenarios,
    models: wiring.models,
    rollout: cloud.forecasts.rollout,
    drift: (target) => cloud.forecasts.care.drift.view(target),
    modelImport: wiring.modelImport,
    federated: cloud.federated,
    newId: wiring.newId,
    uncontrolled: cloud.loads.measured,
    annotations: wiring.annotations,
    feed: wiring.feed,
    webhooks: wiring.webhooks,
    webhookHosts: wiring.webhookHosts,
    exports: wiring.exports,
    backtests: wiring.backtests,
    uploads: wiring.uploads,
    weatherVintages: wiring.weatherVintages,
    planning: wiring.planning,
    idempotency: wiring.idempotency,
    callerOf: wiring.callerOf,
    people: wiring.people,
    areas: wiring.areas,
    audit: wiring.audit,
    attempts: wiring.attempts,
    guests: wiring.guests,
    publicOrigin: wiring.publicOrigin,
    demoUser: wiring.demoUser,
    oidc: wiring.oidc,
    requestsPerSecond: wiring.requestsPerSecond,
    allowedHosts: wiring.allowedHosts,
    front: wiring.front,
  };
}
