import type { Region } from '../shared/contracts/region.ts';
import type { Compute } from '../shared/ports/compute.ts';
import type { Inference } from '../shared/ports/inference.ts';
import type { Clock } from '../shared/time/clock.ts';
import { apiDeps } from './api-deps.ts';
import { buildApi, type Api } from './api/app.ts';
import { mayAct } from './access/caller.ts';
import { Front } from './api/front/front.ts';
import { FrontState } from './api/front/state.ts';
import { metricsText } from './api/metrics.ts';
import type { Cloud } from './app.ts';
import { Areas } from './desk/areas.ts';
import type { AuditLog } from './audit/audit-log.ts';
import type { CloudConfig } from './config.ts';
import { quarantineInference } from './forecast/serve/child-inference.ts';
import { Explainer } from './forecast/serve/explain/explainer.ts';
import type { WeatherSource } from './forecast/serve/inputs.ts';
import { targetsOf } from './forecast/serve/telemetry-load-source.ts';
import type { UplinkBroker } from './ingest/broker.ts';
import { type Access } from './compose-access.ts';
import { newId, type Planner } from './compose-planner.ts';
import type { PlannerTasks } from './planner/planner-tasks.ts';
import { ModelImport } from './forecast/registry/import/model-import.ts';
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
  onFailure(error: unknown): void;
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

export interface ServedApi extends Api {
  readonly front: Front;
}

/** The API over the running cloud, behind its front; it does not listen yet. */
export async function composeApi(wiring: ApiWiring): Promise<ServedApi> {
  const { config, region, clock, cloud, kept, broker, parent } = wiring;
  const explainer = new Explainer({
    targets: targetsOf(region),
    load: cloud.loads.learned,
    weather: wiring.weather,
    registry: kept.models,
    inference: wiring.inference,
  });
  const state = composeFrontState(wiring);
  const api = await buildApi(
    apiDeps({
      front: state,
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
  const { host, port } = config.api;
  const onFailure = (error: unknown): void => wiring.onFailure(error);
  return { ...api, front: new Front(state, { app: api.app, host, port, time: clock.machine, onFailure }) };
}

/** A front whose kept answers end with the forecasts that they were made of. */
function composeFrontState({ cloud, kept }: ApiWiring): FrontState {
  const state = new FrontState();
  const { freshness } = state;
  cloud.subscribe(({ kind, data }) => {
    if (kind === 'forecast') freshness.targetChanged((data as { readonly target: string }).target);
  });
  kept.forecasts.onPut((target) => freshness.targetChanged(target));
  return state;
}

/** Where it can be reached; LS-PORT-001 where the port is taken. */
export async function listen({ stream, front }: ServedApi, { api }: CloudConfig): Promise<string> {
  const port = await front.open();
  stream.start();
  return `http://${api.host === '127.0.0.1' ? 'localhost' : api.host}:${port}`;
}
