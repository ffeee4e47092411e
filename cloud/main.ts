import { join, resolve } from 'node:path';
import type { Logger } from 'pino';
import { readConfig } from '../shared/config/read-config.ts';
import { writeForOneself } from '../shared/files/private-files.ts';
import { lockFolder } from '../shared/lock/folder-lock.ts';
import type { Fault, LoadstoneError } from '../shared/outcome/outcome.ts';
import type { Clock } from '../shared/time/clock.ts';
import { serviceManager } from '../shared/service/service-manager.ts';
import { assertOpens } from '../shared/service/taken-port.ts';
import { Watchdog } from '../shared/service/watchdog.ts';
import { SystemClock } from '../shared/time/system-clock.ts';
import { TimelineClock } from '../shared/time/timeline-clock.ts';
import { VERSION } from '../shared/version.ts';
import { actLocally } from './access/local-acts.ts';
import { LocalOrders } from './access/local-orders.ts';
import { OwnerRole } from './compose/owner-role.ts';
import { deadTask, usersFileAlarm } from './compose/owner-events.ts';
import { assertRestored } from './backup/restore.ts';
import { composeRules } from './alarms/compose-rules.ts';
import { AuditLog } from './audit/audit-log.ts';
import { Witness } from './audit/witness.ts';
import { CLOUD_UNIT, cloudChecks, CloudConfig, otherCores } from './config.ts';
import { estimatePool } from './estimate/compose-compute.ts';
import { assertProvider, childInference } from './forecast/serve/child-inference.ts';
import { composeAccess } from './compose/access.ts';
import { Uplink } from './compose/uplink.ts';
import type { Doors, RunningUplink, UplinkParts } from './compose/uplink-door.ts';
import { openLog } from './compose/log.ts';
import { composePlanner } from './compose/planner.ts';
import { GivenUp } from './jobs/given-up.ts';
import { closeWork, heavyPools } from './compose/pools.ts';
import { VintageWeather } from './planner/inputs/vintage-weather.ts';
import { startCronWaker } from './schedule/cron-waker.ts';
import { LapseWatch } from './desk/lapse-watch.ts';
import { keepPrivate } from './compose/secrets.ts';
import { KeyBook } from './pki/key-book.ts';
import { KeyWatch } from './pki/key-watch.ts';
import { ParentLine, type ParentPort } from './simulation/parent-line.ts';
import { readRegion } from './region/read-region.ts';
import { rabbitAddress } from './ingest/rabbitmq/rabbitmq-config.ts';
import { pkiFiles, readPki } from './pki/authority-files.ts';
import { composeStore } from './telemetry/compose-store.ts';
import { assertClosedDoor, readTls, tlsFilesOf } from './compose/api-door.ts';
import { composeApiRole } from './compose/api-role.ts';
import { prunesOf } from './compose/retention.ts';
import { composeNotifications } from './compose/notifications.ts';
import { checkNotifyFiles } from './notify/notify-config.ts';
import { revivePutBack } from './compose/revive.ts';
import { assertHeld, placesWhenFree } from './compose/take-over.ts';
import { watchAuthority } from './compose/watch-authority.ts';
import { watchAudit } from './compose/watch-audit.ts';
import { watchState } from './compose/watch-state.ts';
import { closeStores, makeStores, openStores } from './compose/stores.ts';
import type { RunningCloud } from './compose/running.ts';
import { OtlpExporter } from './tracing/otlp.ts';
import { readCallers, readCo2, readWeather } from './compose/input-files.ts';

export type { RunningCloud };

export interface CloudOptions {
  /** YAML of the configuration and the name of its file. */
  readonly file: string;
  readonly text: string;
  readonly flags: Readonly<Record<string, string | undefined>>;
  /** Folder of the built page; undefined: only the API. */
  readonly dashboardRoot: string | undefined;
  /** The channel to the process that runs the simulated plant, if there is one. */
  readonly parent: ParentPort | undefined;
  log(line: string): void;
}

/**
 * Starts the `roles` of the cloud tier in this process: reads and checks the configuration, opens the stores and listens. At the stop, or
 * if a later part fails to start, everything is closed in reverse order.
 */
export async function startCloud(options: CloudOptions): Promise<RunningCloud> {
  writeForOneself();
  const sources = { file: options.file, text: options.text, env: process.env, flags: options.flags, unit: CLOUD_UNIT };
  const config = readConfig(CloudConfig, sources, cloudChecks);
  if (!config.roles.includes('owner')) {
    const say = (line: string): void => options.log(line);
    return config.roles.includes('api')
      ? (await import('./compose/api-node.ts')).startApiNode(config, options.dashboardRoot, say)
      : (await import('./compose/job-node.ts')).startJobNode(config, say);
  }
  const region = readRegion(config.region);
  const data = resolve(config.data);
  const logger = openLog(process.env);
  for (const why of keepPrivate(data))
    logger.warn({ why }, 'other users of this machine can read the data of the cloud');
  const onFailure = (error: unknown): void => logger.error({ err: error }, 'task failed');
  await using opened = new AsyncDisposableStack();
  opened.defer(() => flush(logger));
  const lock = lockFolder(data, new SystemClock(onFailure).machine.now());
  opened.defer(() => lock.release());
  assertRestored(data);
  const parent = options.parent === undefined ? undefined : new ParentLine(options.parent, () => clock.machine);
  parent?.start();
  const clock = await composeClock(parent, onFailure);

  assertClosedDoor(config.api);
  checkNotifyFiles(config.notify);
  const now = (): number => clock.machine.now();
  const lost = Promise.withResolvers<LoadstoneError>();
  const manager = parent === undefined ? serviceManager(process.env, onFailure) : undefined;
  const watchdog = manager === undefined ? undefined : new Watchdog({ ...manager, machine: clock.machine });
  opened.defer(() => watchdog?.stop());
  let isCutOff: RunningUplink['isCutOff'];
  const places = await placesWhenFree({
    config,
    data,
    time: clock.machine,
    logger,
    onLost: lost.resolve,
    isWell: () => isCutOff?.() !== true,
    manager,
    watchdog,
  });
  opened.defer(() => places.close());
  const keys = await KeyBook.open(data, now());
  const { witnessFile, witnessEveryS } = config.audit;
  const witnessed = witnessFile === '' ? undefined : witnessFile;
  const audit = new AuditLog({
    file: join(data, 'audit.jsonl'),
    ...keys.audit(),
    witness: witnessed,
    now,
    onFailure,
  });
  const { broken } = await audit.open();
  opened.defer(() => audit.close());
  if (witnessed !== undefined) {
    const list = join(data, 'audit.jsonl');
    const onFault = (error: unknown): void =>
      logger.error({ err: error, witnessFile }, 'the witness file accepts no line');
    const time = clock.machine;
    const witness = new Witness({ list, file: witnessed, everyMs: witnessEveryS * 1000, time, onFailure: onFault });
    opened.defer(() => witness.stop());
    witness.start();
  }
  if (broken !== undefined) logger.error({ broken }, 'the audit list was changed: run "loadstone audit verify"');
  if (config.standby !== undefined)
    await audit.append({
      who: 'cloud',
      what: 'cloud.hold',
      to: { term: places.postgres?.standing.term ?? null },
      outcome: 'done',
    });
  if (places.left !== undefined)
    logger.warn(
      { file: places.left },
      'part of the state is not in PostgreSQL yet, so api nodes are not served: move the rest with "loadstone cloud migrate"',
    );
  const gateways = region.substations.map(({ gateway }) => gateway);
  const raised = await revivePutBack({ data, places, gateways, audit });
  if (raised !== undefined)
    logger.warn({ raised }, 'the database was restored from a copy, or another server replaced it: epochs are raised');
  const tls = tlsFilesOf(config.api, data);
  const ways: UplinkParts = {
    config,
    region,
    time: clock.machine,
    logger,
    onUsersFault: (fault) =>
      stores.events.append('cloud', [{ event: usersFileAlarm(fault, clock.plant.now()) }], clock.plant.now()),
    onBroker: (why) => role.brokerIs(why),
    onAct: (act) => void audit.append({ ...act, outcome: 'done' }).catch(onFailure),
    mayOpen: () => assertHeld(places),
    onFailure,
  };
  const { rabbitmq } = config.uplink;
  const doors: Doors =
    rabbitmq === undefined
      ? new Uplink(ways)
      : new (await import('./compose/rabbit-uplink.ts')).RabbitUplink(ways, rabbitmq);
  await doors.check();
  await assertOpens({ host: config.api.host, port: config.api.port, key: 'api.port' });
  // The cloud's own certificate is made later, where gateways connect.
  if (tls !== undefined && config.api.tls?.certFile !== '') readTls(tls);
  const callers = readCallers(config.api.callersFile);
  const alarmRules = composeRules(config.alarms.rulesFile);
  const co2 = readCo2(config.dispatch.co2File);
  const forecastWeather = readWeather(config.forecast.weatherFile, region);
  const inference = childInference({ time: clock.machine, provider: config.models.executionProvider });
  opened.defer(() => inference.close());
  await assertProvider(inference, config.models.executionProvider);
  const stores = makeStores(data, places, onFailure);
  opened.defer(() => closeStores(stores));
  await openStores(stores);
  await stores.idempotency.begin();
  const { postgres } = places;
  const telemetry = composeStore({ ...config, data }, stores.ledger, {
    ...(postgres !== undefined && config.standby !== undefined && { isAlone: () => postgres.isSure }),
    onRollupFault: (err) =>
      logger.warn({ err }, 'roll-ups are not computed for now: trends and histories without them are slow'),
  });
  opened.defer(() => telemetry.close());
  await telemetry.open();
  const access = await composeAccess({
    api: config.api,
    data,
    state: places.state,
    clock,
    simulated: parent !== undefined,
    callers,
    log: (line) => options.log(line),
  });
  opened.defer(() => access.close());
  const orders = new LocalOrders({
    data,
    time: clock.machine,
    act: (act) => actLocally(access.people, audit, act),
    onFailure,
  });
  orders.start();
  opened.defer(() => orders.stop());
  const uplink = await doors.open();
  opened.defer(() => uplink.stop());
  ({ isCutOff } = uplink);
  const estimating = estimatePool(region, otherCores);
  const own = heavyPools(config);
  const queue = rabbitmq && {
    address: rabbitAddress(rabbitmq, () => readPki(pkiFiles(data).roots)),
    ...(await import('./compose/task-nodes.ts')),
  };
  const nodes = queue?.composeTaskNodes({
    config,
    open: queue.nodesAt(queue.address),
    own,
    time: clock.machine,
    logger,
    onAlone: (isAlone) => role.jobNodesMissing(isAlone),
    onDead: (task) => role.tell(deadTask(task, clock.plant.now())),
    onPlanWorkers: () => role.dispatch.moreWorkers(),
    onFailure,
  });
  const work = nodes?.work ?? own;
  const givenUp = new GivenUp({
    store: stores.jobs,
    now: () => clock.machine.now(),
    retry: (id) => planner.jobs.retry(id),
    onAny: (isAny) => role.workGivenUp(isAny),
    onFailure,
  });
  let trained = Promise.resolve();
  opened.defer(() => trained);
  opened.defer(async () => {
    await Promise.all([closeWork(own), estimating.close(), inference.close()]);
  });
  const tracing =
    config.tracing && new OtlpExporter({ ...config.tracing, machine: clock.machine, onStanding: traceLog(logger) });
  opened.defer(() => tracing?.stop());
  const weather = new VintageWeather(region, stores.weatherVintages, forecastWeather);
  const role = new OwnerRole({
    config,
    region,
    clock,
    link: uplink.link,
    store: telemetry,
    ...stores,
    alarmRules,
    keys,
    ...(parent === undefined ? {} : { askedSpeed: () => parent.pace.asked }),
    training: work.train,
    estimating,
    optimising: work.plan,
    planWorkers: nodes?.planWorkers,
    inference,
    co2,
    weather,
    prunes: prunesOf(stores, telemetry),
    tellSpan: tracing?.tell,
    onPace: (of, pace) => parent?.tell({ type: 'done', of, ...pace }),
    onStore: storeLog(logger),
    onGivenUp: (subject, why) => givenUp.note({ kind: 'plan', subject }, why),
    onTrained: ({ target, done, total, outcome }) => {
      const what = outcome.ok ? `model ${outcome.value.manifest.id} is ${outcome.value.state}` : outcome.fault.detail;
      logger.info({ target, done, total }, what);
      givenUp.trained(target, outcome);
      parent?.tell({ type: 'progress', text: `trained ${done} of ${total} models` });
    },
  });
  if (places.postgres !== undefined) {
    const watch = watchState({
      postgres: places.postgres,
      clock,
      events: stores.events,
      show: (alarm) => role.alarms.show(alarm),
      logger,
    });
    opened.defer(() => watch.cancel());
  }
  const auditWatch = watchAudit({
    places: [audit, role.desk, role.dispatch],
    clock,
    events: stores.events,
    show: (alarm) => role.alarms.show(alarm),
    logger,
  });
  opened.defer(() => auditWatch.cancel());
  opened.defer(() => role.stop());
  await role.start();
  const authority = watchAuthority({
    data,
    clock,
    holds: () => role.alarms.holds('cloud', 'LS-PKI-008'),
    tell: (event) => role.tell(event),
  });
  opened.defer(() => authority.cancel());
  let told = keys.generation;
  const keyWatch = new KeyWatch({
    data,
    time: clock.machine,
    onChange: async () => {
      // A standby must have the new keys before gateways learn of them.
      await places.share?.();
      await keys.reload();
      if (keys.generation === told) return;
      const { key, former } = keys.audit();
      await audit.takeKey(key, former);
      await audit.append({ who: 'operator of the machine', what: 'keys.list', to: keys.facts, outcome: 'done' });
      logger.info({ generation: keys.generation }, 'signing with the keys of a newer list from now on');
      // From here on the next heartbeat makes up for a failure, so the act must not be audited again.
      told = keys.generation;
      await role.ingest.keysChanged();
    },
    onFault: onFailure,
  });
  opened.defer(() => keyWatch.stop());
  keyWatch.start();
  const planner = composePlanner({
    cloud: role,
    region,
    clock,
    ...stores,
    compute: work.planner,
    webhookHosts: config.api.webhookHosts,
    callerNamed: (name) => access.callerNamed(name),
    inference,
    weather,
    givenUp,
    onBug: onFailure,
  });
  opened.defer(() => planner.stop());
  await planner.start();
  // Stops before planner and role, which wait for their work: without a node it would never finish.
  opened.defer(() => nodes?.stop());
  nodes?.start();
  const notify = await composeNotifications({
    config,
    region,
    clock,
    store: stores.messages,
    role,
    events: stores.events,
  });
  opened.defer(() => notify.stop());
  await notify.start();
  const api = await composeApiRole({
    config,
    notify,
    data,
    postgres: places.postgres,
    region,
    clock,
    role,
    stores,
    telemetry,
    planner,
    weather,
    inference,
    connected: () => uplink.connected?.() ?? role.ingest.gateways().filter((each) => role.ingest.isAlive(each)),
    listens: uplink.listens,
    broker: uplink.broker,
    own,
    nodes: nodes && { standing: nodes.standing, areAlone: !config.roles.includes('job') },
    parent,
    access,
    audit,
    dashboardRoot: options.dashboardRoot,
    tls,
    apiNodes:
      rabbitmq === undefined || places.postgres === undefined || places.left !== undefined
        ? undefined
        : {
            address: rabbitAddress(rabbitmq, () => readPki(pkiFiles(data).roots)),
            postgres: places.postgres,
            mayOpen: () => assertHeld(places),
            logger,
          },
    onFailure,
  });
  opened.defer(() => api.close());
  const lapses = new LapseWatch({
    clock,
    ...stores,
    audit,
    report: (event) => stores.events.append('cloud', [{ event }], clock.plant.now()),
  });
  opened.defer(() => lapses.stop());
  await lapses.start();
  const url = await api.open();
  await access.ensureAdmin();
  const waker = startCronWaker({
    everySecond: parent !== undefined,
    wake: () => role.scheduler.wake(),
    onFailure,
  });
  opened.defer(() => waker.stop());
  if (await role.isUntrained()) trained = role.train().catch(onFailure);
  options.log(`Loadstone cloud: ${url}  version ${VERSION}, uplinks on ${uplink.places}`);
  const { token, demoUser } = access;
  if (token !== undefined && demoUser !== undefined) parent?.tell({ type: 'ready', url, token, operator: demoUser });
  opened.defer(() => watchdog?.stop());
  watchdog?.start();
  opened.defer(() => role.halt());
  const running = opened.move();
  return { url, lost: lost.promise, stop: () => running.disposeAsync() };
}

async function composeClock(parent: ParentLine | undefined, onFailure: (error: unknown) => void): Promise<Clock> {
  if (parent === undefined) return new SystemClock(onFailure);
  const clock = new TimelineClock(await parent.firstLine(), onFailure);
  parent.onLine((line) => clock.setLine(line));
  return clock;
}

/** Logs why measurements are not stored, once for each cause. */
function storeLog(logger: Logger): (fault: Fault | null) => void {
  const causes = new Set<string>();
  return (fault) => {
    if (fault === null) {
      causes.clear();
      logger.info('measurements are stored again');
    } else if (!causes.has(fault.detail)) {
      causes.add(fault.detail);
      logger.error({ code: fault.code }, `measurements are not stored: ${fault.detail}`);
    }
  };
}

/** Logs why traces are not accepted, at each change. */
const traceLog =
  (logger: Logger) =>
  (why: string | null): void =>
    why === null
      ? logger.info('the collector accepts traces again')
      : logger.warn({ why }, 'traces cannot be delivered: they are dropped');

const flush = (logger: Logger): void => logger.flush();
