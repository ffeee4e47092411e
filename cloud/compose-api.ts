import type { Region } from '../shared/contracts/region.ts';
import { LoadstoneError } from '../shared/outcome/outcome.ts';
import type { Compute } from '../shared/ports/compute.ts';
import type { Inference } from '../shared/ports/inference.ts';
import type { Clock } from '../shared/time/clock.ts';
import { apiDeps } from './api-deps.ts';
import { buildApi, type Api } from './api/app.ts';
import { mayAct } from './api/callers/caller.ts';
import { metricsText } from './api/metrics.ts';
import type { Cloud } from './app.ts';
import { Areas } from './desk/areas.ts';
import type { AuditLog } from './audit/audit-log.ts';
import type { CloudConfig } from './config.ts';
import { quarantineInference } from './forecast/child-inference.ts';
import { Explainer } from './forecast/explain/explainer.ts';
import type { WeatherSource } from './forecast/inputs.ts';
import { targetsOf } from './forecast/telemetry-load-source.ts';
import type { UplinkBroker } from './ingest/broker.ts';
import { type Access } from './compose-access.ts';
import { newId, type Planner } from './compose-planner.ts';
import type { PlannerTasks } from './planner/planner-tasks.ts';
import { ModelImport } from './models/import/model-import.ts';
import type { ParentLine } from './simulation/parent-line.ts';
import type { TelemetryStore } from './telemetry/store.ts';
import type { Kept } from './compose-kept.ts';

export interface ApiWiring {
  readonly config: CloudConfig;
  readonly region: Region;
  readonly clock: Clock;
  readonly cloud: Cloud;
  readonly kept: Kept;
  readonly telemetry: TelemetryStore;
  readonly planner: Planner;
  readonly planning: Compute<PlannerTasks>;
  readonly weather: WeatherSource | undefined;
  readonly inference: Inference;
  readonly broker: UplinkBroker;
  readonly parent: ParentLine | undefined;
  readonly access: Access;
  readonly audit: AuditLog;
  readonly dashboardRoot: string | undefined;
}

/** Areas of responsibility over what is kept of them, with everybody's rights of now; changes are events of the cloud's own. */
function composeAreas({ region, clock, kept, access }: ApiWiring): Areas {
  const { people } = access;
  const areas = new Areas({
    region,
    store: kept.holdings,
    now: () => Math.round(clock.plant.now()),
    mayHold: (user, target) => {
      const caller = access.callerNamed(user);
      return caller !== undefined && mayAct(region, caller, target);
    },
    signedIn: () => people.signedIn(),
    report: (event) => void kept.events.append('cloud', [{ event }], clock.plant.now()),
  });
  areas.sweep();
  people.onChange(() => areas.sweep());
  return areas;
}

/** The API over the running cloud. */
export function composeApi(wiring: ApiWiring): Promise<Api> {
  const { config, region, clock, cloud, kept, broker, parent } = wiring;
  const explainer = new Explainer({
    targets: targetsOf(region),
    load: cloud.loads.learned,
    weather: wiring.weather,
    registry: kept.models,
    inference: wiring.inference,
  });
  return buildApi(
    apiDeps({
      ...kept,
      telemetry: wiring.telemetry,
      jobs: wiring.planner.jobs,
      feed: wiring.planner.feed,
      webhookHosts: config.api.webhookHosts,
      planning: wiring.planning,
      cloud,
      region,
      clock,
      pace: () => ({
        speed: parent?.pace.asked ?? 1,
        speedReached: parent?.pace.reached ?? 1,
        simulated: parent !== undefined,
      }),
      simulation: parent === undefined ? undefined : { inject: (request) => parent.inject(request) },
      dashboardRoot: wiring.dashboardRoot,
      vintages: kept.forecasts,
      modelImport: new ModelImport({
        clock,
        targets: targetsOf(region),
        registry: kept.models,
        forecasts: cloud.forecasts,
        quarantine: () => quarantineInference(clock.machine),
      }),
      explain: (forecast) => explainer.explain(forecast),
      newId,
      ...wiring.access,
      areas: composeAreas(wiring),
      audit: wiring.audit,
      requestsPerSecond: config.api.requestsPerSecond,
      allowedHosts: config.api.allowedHosts,
      metrics: metricsText({
        frames: () => cloud.ingest.counts().frames,
        duplicates: () => cloud.ingest.counts().duplicates,
        heldPoints: () => cloud.ingest.counts().heldPoints,
        events: () => kept.events.count(),
        connectedGateways: () => broker.connected().length,
        plantTime: () => clock.plant.now(),
        gateways: () =>
          region.substations.map(({ gateway }) => {
            const report = cloud.gateways.health(gateway)?.report;
            return {
              id: gateway,
              up: cloud.gateways.link(gateway).state === 'up',
              backlogFrames: report?.journal.backlogFrames,
              overruns: report?.cycle.overruns,
              missingFrames: kept.ledger.completeness(gateway).missing,
            };
          }),
      }),
    }),
  );
}

/** Where it can be reached; LS-PORT-001 where the port is taken. */
export async function listen({ app, stream }: Api, { api }: CloudConfig): Promise<string> {
  try {
    await app.listen({ host: api.host, port: api.port });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new LoadstoneError('LS-PORT-001', `port ${api.port} on ${api.host} is taken; api.port wants it`);
    }
    throw error;
  }
  stream.start();
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : api.port;
  return `http://${api.host === '127.0.0.1' ? 'localhost' : api.host}:${port}`;
}
