import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pino, type Logger } from 'pino';
import { readConfig } from '../shared/config/read-config.ts';
import { checker } from '../shared/contracts/validate.ts';
import { Region } from '../shared/contracts/region.ts';
import { LoadstoneError, unwrap } from '../shared/outcome/outcome.ts';
import type { Compute } from '../shared/ports/compute.ts';
import type { Clock } from '../shared/time/clock.ts';
import { SystemClock } from '../shared/time/system-clock.ts';
import { TimelineClock } from '../shared/time/timeline-clock.ts';
import { apiDeps } from './api-deps.ts';
import { buildApi, type Api } from './api/app.ts';
import { metricsText } from './api/metrics.ts';
import { Cloud } from './app.ts';
import { composeRules } from './alarms/compose-rules.ts';
import { AlarmStore } from './alarms/alarm-store.ts';
import { AuditLog } from './audit/audit-log.ts';
import { EventLog } from './audit/event-log.ts';
import { CloudConfig } from './config.ts';
import { co2Of, type Co2Series } from './dispatch/co2.ts';
import { dispatchPool } from './dispatch/compose-compute.ts';
import { InterventionStore } from './desk/intervention-store.ts';
import { DeskStore } from './desk/desk-store.ts';
import { DocumentStore } from './dispatch/document-store.ts';
import { estimateThread } from './estimate/compose-compute.ts';
import { childInference } from './forecast/child-inference.ts';
import { computePool } from './compute/compute-pool.ts';
import { forecastWorker } from './forecast/worker-files.ts';
import { ForecastStore } from './forecast/forecast-store.ts';
import type { ForecastTasks } from './forecast/forecast-tasks.ts';
import type { WeatherSource } from './forecast/inputs.ts';
import { weatherOf } from './forecast/weather-file.ts';
import { BirthFile } from './ingest/birth-file.ts';
import { UplinkBroker } from './ingest/broker.ts';
import { GatewayUsers } from './ingest/gateway-users.ts';
import { Ledger } from './ingest/ledger.ts';
import { ModelRegistry } from './models/registry.ts';
import { IdempotencyStore } from './api/answers/idempotency-store.ts';
import { type Access, composeAccess } from './compose-access.ts';
import { composePlanner, newId, type Planner, plannerStores, plannerWorker } from './compose-planner.ts';
import { JobStore } from './jobs/job-store.ts';
import type { PlannerTasks } from './planner/planner-tasks.ts';
import { VintageWeather } from './planner/inputs/vintage-weather.ts';
import { ScenarioStore } from './planner/scenario/scenario-store.ts';
import { startCronWaker } from './schedule/cron-waker.ts';
import { LastRunsFile } from './schedule/last-runs-file.ts';
import { signingKey } from './secrets.ts';
import { ParentLine, type ParentPort } from './simulation/parent-line.ts';
import { composeStore } from './telemetry/compose-store.ts';
import type { TelemetryStore } from './telemetry/store.ts';

export interface CloudOptions {
  /** YAML of the configuration and the name of its file. */
  readonly file: string;
  readonly text: string;
  readonly flags: Readonly<Record<string, string | undefined>>;
  /** Folder of the built page; undefined: the API alone. */
  readonly dashboardRoot: string | undefined;
  /** The channel to the process that runs the simulated plant, where there is one. */
  readonly parent: ParentPort | undefined;
  log(line: string): void;
}

/** A cloud that runs. */
export interface RunningCloud {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts the cloud tier in this process: reads and checks the configuration, opens what it keeps, listens, and says so. */
export async function startCloud(options: CloudOptions): Promise<RunningCloud> {
  const config = readConfig(CloudConfig, {
    file: options.file,
    text: options.text,
    env: process.env,
    flags: options.flags,
  });
  const region = readRegion(config.region);
  const data = resolve(config.data);
  mkdirSync(data, { recursive: true });
  const logger = pino({ level: process.env['LOADSTONE_LOG'] ?? 'info', base: null });
  const onFailure = (error: unknown): void => logger.error({ err: error }, 'task failed');
  const parent = options.parent === undefined ? undefined : new ParentLine(options.parent, () => clock.machine);
  parent?.start();
  const clock = await composeClock(parent, onFailure);

  const key = await signingKey(data);
  const audit = new AuditLog({ file: join(data, 'audit.jsonl'), key, now: () => clock.machine.now() });
  const { broken } = audit.open();
  if (broken !== undefined) logger.error({ broken }, 'the audit list was tampered with: see loadstone audit verify');
  const access = await composeAccess({
    api: config.api,
    data,
    clock,
    simulated: parent !== undefined,
    callers: readCallers(config.api.callersFile),
    log: (line) => options.log(line),
  });
  const kept = openKept(data);
  const store = composeStore({ ...config, data }, kept.ledger);
  await store.open();
  const broker = new UplinkBroker({
    host: config.uplink.host,
    port: config.uplink.port,
    group: config.uplink.group === '' ? region.id : config.uplink.group,
    ...usersOf(config.uplink.usersFile === '' ? join(data, 'users.htpasswd') : config.uplink.usersFile),
    onRefused: (client, fault) => logger.warn({ client, code: fault.code }, fault.detail),
    onError: onFailure,
  });
  await broker.start();
  const training = computePool<ForecastTasks>({ file: forecastWorker, threads: config.forecast.workers });
  const estimating = estimateThread(region);
  const optimising = dispatchPool(config.dispatch.workers);
  const planning = computePool<PlannerTasks>({ file: plannerWorker, threads: 1 });
  const inference = childInference({ time: clock.machine });
  const weather = new VintageWeather(region, kept.weatherVintages, readWeather(config.forecast.weatherFile, region));
  const cloud = new Cloud({
    config,
    region,
    clock,
    link: broker.link(),
    store,
    ...kept,
    alarmRules: composeRules(config.alarms.rulesFile),
    signingKey: key,
    training,
    estimating,
    optimising,
    inference,
    co2: readCo2(config.dispatch.co2File),
    weather,
    lastRuns: new LastRunsFile(join(data, 'last-runs.json')),
    onTrained: ({ target, done, total, outcome }) => {
      const what = outcome.ok ? `model ${outcome.value.manifest.id} is ${outcome.value.state}` : outcome.fault.detail;
      logger.info({ target, done, total }, what);
      parent?.tell({ type: 'progress', text: `trained ${done} of ${total} models` });
    },
  });
  await cloud.start();
  const planner = composePlanner({
    cloud,
    region,
    clock,
    ...kept,
    compute: planning,
    webhookHosts: config.api.webhookHosts,
    callerNamed: (name) => access.callerNamed(name),
    inference,
    weather,
    onBug: onFailure,
  });
  planner.start();
  const api = await composeApi({
    config,
    planning,
    region,
    clock,
    cloud,
    kept,
    telemetry: store,
    planner,
    broker,
    parent,
    access,
    audit,
    dashboardRoot: options.dashboardRoot,
  });
  const url = await listen(api, config);
  const waker = startCronWaker({
    everySecond: parent !== undefined,
    wake: () => cloud.scheduler.wake(),
    onFailure,
  });
  const trained = cloud.untrained ? cloud.train().catch(onFailure) : Promise.resolve();
  options.log(`Loadstone cloud: ${url}  uplinks on ${config.uplink.host}:${broker.port}`);
  const { token, demoUser } = access;
  if (token !== undefined && demoUser !== undefined) parent?.tell({ type: 'ready', url, token, operator: demoUser });
  return {
    url,
    stop: async () => {
      await waker.stop();
      api.stream.stop();
      await api.app.close();
      await planner.stop();
      await cloud.stop();
      await Promise.all([
        training.close(),
        estimating.close(),
        optimising.close(),
        planning.close(),
        inference.close(),
      ]);
      await trained;
      await broker.stop();
      await store.close();
      closeKept(kept);
      access.close();
      audit.close();
      flush(logger);
    },
  };
}

type Kept = ReturnType<typeof openKept>;

/** Everything durable besides the telemetry itself, each in a file of its own. */
function openKept(data: string) {
  const kept = {
    ledger: new Ledger(join(data, 'ledger.sqlite')),
    births: new BirthFile(join(data, 'births.sqlite')),
    events: new EventLog(join(data, 'events.sqlite')),
    alarms: new AlarmStore(join(data, 'alarms.sqlite')),
    forecasts: new ForecastStore(join(data, 'forecasts.sqlite')),
    models: new ModelRegistry(join(data, 'models.sqlite')),
    documents: new DocumentStore(join(data, 'documents.sqlite')),
    desk: new DeskStore(join(data, 'desk.sqlite')),
    interventions: new InterventionStore(join(data, 'interventions.sqlite')),
    jobs: new JobStore(join(data, 'jobs.sqlite')),
    scenarios: new ScenarioStore(join(data, 'scenarios.sqlite')),
    idempotency: new IdempotencyStore(join(data, 'idempotency.sqlite')),
    ...plannerStores(data),
  };
  for (const each of Object.values(kept)) each.open();
  return kept;
}

function closeKept(kept: Kept): void {
  for (const each of Object.values(kept)) each.close();
}

async function composeClock(parent: ParentLine | undefined, onFailure: (error: unknown) => void): Promise<Clock> {
  if (parent === undefined) return new SystemClock(onFailure);
  const clock = new TimelineClock(await parent.firstLine(), onFailure);
  parent.onLine((line) => clock.setLine(line));
  return clock;
}

function composeApi(wiring: {
  config: CloudConfig;
  region: Region;
  clock: Clock;
  cloud: Cloud;
  kept: Kept;
  telemetry: TelemetryStore;
  planner: Planner;
  planning: Compute<PlannerTasks>;
  broker: UplinkBroker;
  parent: ParentLine | undefined;
  access: Access;
  audit: AuditLog;
  dashboardRoot: string | undefined;
}): Promise<Api> {
  const { config, region, clock, cloud, kept, broker, parent } = wiring;
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
      newId,
      ...wiring.access,
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

async function listen({ app, stream }: Api, { api }: CloudConfig): Promise<string> {
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

function readRegion(path: string): Region {
  if (!existsSync(path)) {
    throw new LoadstoneError(
      'LS-CONFIG-003',
      `region: there is no file ${resolve(path)}; it holds the network model of the region (JSON)`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new LoadstoneError('LS-CONFIG-003', `${path}: ${error instanceof Error ? error.message : 'not JSON'}`);
  }
  return unwrap(checker(Region, 'LS-CONFIG-002')(value));
}

function readCallers(file: string): { text: string | undefined; file: string } {
  if (file === '') return { text: undefined, file };
  if (!existsSync(file))
    throw new LoadstoneError('LS-CONFIG-003', `api.callersFile: there is no file ${resolve(file)}`);
  return { text: readFileSync(file, 'utf8'), file };
}

function readWeather(file: string, region: Region): WeatherSource | undefined {
  if (file === '') return undefined;
  if (!existsSync(file))
    throw new LoadstoneError('LS-CONFIG-003', `forecast.weatherFile: there is no file ${resolve(file)}`);
  return weatherOf(readFileSync(file, 'utf8'), file, region);
}

function readCo2(file: string): Co2Series | undefined {
  if (file === '') return undefined;
  if (!existsSync(file))
    throw new LoadstoneError('LS-CONFIG-003', `dispatch.co2File: there is no file ${resolve(file)}`);
  return co2Of(readFileSync(file, 'utf8'), file);
}

function usersOf(file: string): { users?: GatewayUsers } {
  return existsSync(file) ? { users: GatewayUsers.parse(readFileSync(file, 'utf8'), file) } : {};
}

const flush = (logger: Logger): void => logger.flush();
