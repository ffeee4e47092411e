import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt } from '../../cloud/dashboard/build.ts';
import { LedgerFile } from '../../cloud/ingest/ledger-file.ts';
import { Ledger } from '../../cloud/ingest/ledger.ts';
import { pacedWork, type DemoUser, type FromCloud, type PacedWork } from '../../cloud/simulation/parent-line.ts';
import { dataFiles } from '../../cloud/telemetry/data-files.ts';
import { WorkerStore } from '../../cloud/telemetry/worker-store.ts';
import { lockFiles, lockFolder, type FolderLock } from '../../shared/lock/folder-lock.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { assertFree } from '../../shared/service/taken-port.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import { machineMonotonicMs, SystemClock } from '../../shared/time/system-clock.ts';
import { TimelineClock } from '../../shared/time/timeline-clock.ts';
import { plantStartMs, startedRegion, RegionPlant, type RegionPlantSnapshot } from '../plant/region-plant.ts';
import { ChargingStations } from '../faces/chargers/charging-stations.ts';
import { FieldFaces } from '../faces/field-faces.ts';
import type { Plant } from '../plant/plant.ts';
import type { PlantSpec } from '../plant/spec.ts';
import type { OnOcpp } from '../region/field-config.ts';
import { plantSpecs } from '../region/inputs.ts';
import type { SubstationId } from '../data/names.ts';
import { importHistory } from './import-history.ts';
import { allReporting, allRunning } from './coming-up.ts';
import { deviceLines } from './device-lines.ts';
import { PlantHost, type HostedGateway } from './plant-host.ts';
import { setStage, type Stage } from './stage.ts';
import type { HostHooks, PartHost, PartMessage } from './host.ts';
import { InProcessHost } from './in-process-host.ts';
import { Supervisor } from './supervisor.ts';
import { Terminal, type TerminalOutput } from './terminal.ts';

export interface DemoOptions {
  readonly root: string;
  readonly apiPort: number;
  readonly uplinkPort: number;
  readonly localPort: number;
  readonly speed: number;
  readonly seed: number;
  /** In the order of `substationIds`. */
  readonly substations: readonly SubstationId[];
  /** Port that gateways connect to instead of `uplinkPort`. */
  readonly uplinkVia?: number | undefined;
  /** Runs cloud and gateways in this process instead of one each. */
  readonly inProcess: boolean;
  /** Deletes the data of earlier runs. */
  readonly fresh: boolean;
  readonly out: TerminalOutput;
}

export interface Demo {
  readonly url: string;
  readonly token: string;
  readonly operator: DemoUser;
  /** Applies a load spike to a feeder. */
  spike(feeder: string): void;
  /** Requested speed, plant seconds per second. */
  readonly speed: number;
  ask(speed: number): void;
  stop(): Promise<void>;
}

const CLOUD = 'cloud';
const paceOf = (work: PacedWork): string => `${CLOUD} ${work}`;
const SAVE_MS = 30_000;
const STATUS_MS = 1_000;
const READY_MS = 300_000;
/** Plant time stands still until each gateway knows what the cloud knows of its meters, so that the guard acts on no faulty meter. */
const STARTING_SPEED = 0;

/** Locks the folder for this process and starts the region in it. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const now = new SystemClock(() => undefined).machine.now();
  const lock = lockFolder(options.root, now);
  try {
    if (options.fresh) forget(options.root, now);
    return await startRegion(options, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Deletes everything but the lock; fails if a cloud started by hand is running in the folder. */
function forget(root: string, now: number): void {
  lockFolder(join(root, CLOUD), now).release();
  for (const name of readdirSync(root))
    if (!lockFiles.includes(name)) rmSync(join(root, name), { recursive: true, force: true });
}

/** Starts history import, cloud, gateways and plant, with progress; resolves when the page is ready. */
async function startRegion(options: DemoOptions, lock: FolderLock): Promise<Demo> {
  const onFailure = (error: unknown): void =>
    terminal.say(`  error ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  const specs = plantSpecs(options.substations);
  const plant = takeUp(join(options.root, 'plant.json'), specs, options.seed);
  const clock = new TimelineClock(
    { plantOriginMs: plant.timeMs, monotonicOriginMs: machineMonotonicMs(), speed: 0 },
    onFailure,
  );
  const terminal = new Terminal(options.out, clock.machine);

  const stage = await terminal.step('keys, network model and configurations', async () => {
    await assertPorts(options, specs.length);
    return setStage({ ...options, specs });
  });
  await terminal.step('dashboard', (report) => ensureBuilt(report));
  await importOnce(stage, { terminal, seed: options.seed, specs });

  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const hooks: HostHooks = {
    onMessage: (name, message) => hear(name, message),
    onExit: (name, how, restartInMs) => {
      for (const part of name === CLOUD ? pacedWork.map((work) => paceOf(work)) : [name]) host.died(part);
      terminal.say(`  ${name} exited (${how}); restarting in ${(restartInMs / 1000).toFixed(1)} s`);
    },
    onFailed: (name, error) => {
      terminal.say(`  ${name} did not start`);
      failed.reject(error);
    },
  };
  const parts: PartHost = options.inProcess ? new InProcessHost(hooks) : new Supervisor(clock.machine, hooks);
  const host = new PlantHost({
    region: plant,
    clock,
    speed: STARTING_SPEED,
    beside: pacedWork.map((work) => paceOf(work)),
    gateways: stage.gateways.map(({ id, localPort, modbusPort, ocpp, devices }, at) => ({
      id,
      ...chargingAt(ocpp, { plant: plant.plants[at]!, spec: specs[at]!, machine: clock.machine }),
      ...(modbusPort === undefined
        ? {}
        : { field: { faces: new FieldFaces(plant.plants[at]!, specs[at]!), port: modbusPort } }),
      link: deviceLines({ id, localPort, devices }, { clock, seed: options.seed, reconnectS: [0.5, 2], onFailure }),
    })),
    onLine: (line) => parts.setLine(line),
    onEnd: () =>
      terminal.say('  The recorded series end here (2021-10-31), so the plant has stopped. Restart with --fresh.'),
    onFailure,
  });
  parts.setLine(clock.line());

  const ready = Promise.withResolvers<Extract<FromCloud, { type: 'ready' }>>();
  let note = '';
  const hear = (name: string, message: PartMessage): void => {
    if (name !== CLOUD) {
      if (message.type === 'cycle') host.came(name, Number(message['plantTime']));
      return;
    }
    const from = message as FromCloud;
    if (from.type === 'ready') ready.resolve(from);
    else if (from.type === 'progress') note = from.text;
    else if (from.type === 'done') host.came(paceOf(from.of), from.plantTime, from.periodMs);
    else parts.send(CLOUD, { type: 'spike-outcome', id: from.id, outcome: host.spike(from.request) });
  };

  const { url, token, operator } = await terminal.step('cloud', () => {
    parts.start({
      name: CLOUD,
      role: 'cloud',
      config: stage.cloudConfig,
      logFile: join(stage.logs, 'cloud.log'),
    });
    const where = options.inProcess ? '' : `; see ${join(stage.logs, 'cloud.log')}`;
    const late = clock.machine.after(READY_MS, () =>
      ready.reject(new Error(`the cloud did not start within ${READY_MS / 60_000} min${where}`)),
    );
    return Promise.race([ready.promise, failed.promise]).finally(() => late.cancel());
  });
  await terminal.step(`${stage.gateways.length} gateways and the plant`, async (report) => {
    for (const { id, config } of stage.gateways) {
      parts.start({
        name: id,
        role: 'edge',
        config,
        logFile: join(stage.logs, `${id}.log`),
      });
    }
    await host.start();
    const { length: count } = stage.gateways;
    await Promise.race([allRunning(host, clock.machine, { count, report }), failed.promise]);
    await allReporting(url, clock.machine, { count, report });
    host.ask(options.speed);
  });

  const timers = [
    every(clock.machine, SAVE_MS, () => save(stage, plant)),
    every(clock.machine, STATUS_MS, () => {
      const { decision } = host;
      if (decision === undefined) return;
      const { speed, reached } = decision;
      parts.send(CLOUD, { type: 'pace', asked: host.asked, speed, reached });
      const busy = reached < 0.9 * speed ? 'this machine is busy: plant time runs slower than requested' : note;
      const remark = speed < host.asked ? 'spike: slowed down for two minutes' : busy;
      terminal.status({
        plantTime: clock.plant.now(),
        speed: host.asked,
        speedReached: reached,
        gatewaysUp: host.gatewaysUp,
        gateways: stage.gateways.length,
        note: remark,
      });
    }),
  ];
  return {
    url,
    token,
    operator,
    spike: (feeder) => {
      const outcome = host.spike({ feeder, percent: 30, durationS: 300 });
      terminal.say(
        outcome.ok
          ? `  spike: 30 % more load on ${feeder} for five minutes; watch ${url}/feeders/${feeder}`
          : `  ${outcome.fault.detail}`,
      );
    },
    get speed() {
      return host.asked;
    },
    ask: (speed) => host.ask(speed),
    stop: async () => {
      for (const timer of timers) timer.cancel();
      terminal.close();
      // Stopped together, so that a child that Ctrl-C has ended too is not restarted.
      await Promise.all([parts.stop(), host.stop()]);
      save(stage, plant);
      lock.release();
    },
  };
}

function chargingAt(
  ocpp: OnOcpp | undefined,
  { plant, spec, machine }: { readonly plant: Plant; readonly spec: PlantSpec; readonly machine: TimeBase },
): Pick<HostedGateway, 'charging'> {
  const own = spec.devices.find(({ id }) => id === ocpp?.device);
  const site = own === undefined ? undefined : plant.chargingSite(own.id);
  if (ocpp === undefined || own?.type !== 'ev-site' || site === undefined) return {};
  const endpoint = `ws://127.0.0.1:${ocpp.port}`;
  const stations = new ChargingStations({ site, spec: own, endpoint, now: () => plant.timeMs, machine });
  return { charging: { device: ocpp.device, stations } };
}

async function assertPorts(options: DemoOptions, gateways: number): Promise<void> {
  await assertFree(options.apiPort, 'page and API; choose another with --port');
  await assertFree(options.uplinkPort, 'uplinks; choose another with --uplink-port');
  // The two ports after them are for Modbus devices and chargers.
  for (let index = 0; index <= gateways + 1; index++)
    await assertFree(options.localPort + index, 'local brokers and field devices; choose others with --local-port');
}

/** The plant as saved, or at its start. Throws LS-CONFIG-002 if the saved plant has another region, seed or version. */
function takeUp(file: string, specs: ReturnType<typeof plantSpecs>, seed: number): RegionPlant {
  if (!existsSync(file)) return startedRegion(specs, { seed, startMs: plantStartMs });
  const region = new RegionPlant(specs, { seed, startMs: plantStartMs });
  try {
    region.restore(JSON.parse(readFileSync(file, 'utf8')) as RegionPlantSnapshot);
  } catch (error) {
    const why = messageOf(error);
    throw new LoadstoneError('LS-CONFIG-002', `${file} does not fit this run: ${why}; start over with --fresh`);
  }
  return region;
}

function save(stage: Stage, plant: RegionPlant): void {
  writeFileSync(`${stage.plantFile}.part`, JSON.stringify(plant.snapshot()));
  renameSync(`${stage.plantFile}.part`, stage.plantFile);
}

async function importOnce(
  stage: Stage,
  { terminal, seed, specs }: { terminal: Terminal; seed: number; specs: ReturnType<typeof plantSpecs> },
): Promise<void> {
  const marker = join(stage.cloudData, 'history-imported');
  if (existsSync(marker)) return;
  const lock = lockFolder(stage.cloudData, new SystemClock(() => undefined).machine.now());
  const ledger = new Ledger(new LedgerFile(dataFiles(stage.cloudData).state));
  const store = new WorkerStore({ path: join(stage.cloudData, 'telemetry.sqlite'), receivedAt: ledger });
  try {
    await terminal.step('eight weeks of history', async (report) => {
      await ledger.open();
      await store.open();
      await importHistory({ specs, seed, store, ledger, onProgress: (at) => report(`${Math.round(100 * at)} %`) });
    });
  } finally {
    await store.close();
    ledger.close();
    lock.release();
  }
  writeFileSync(marker, '');
}
