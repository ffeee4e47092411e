import { oneKey } from '../../shared/pki/key-list.ts';
import { createHash } from 'node:crypto';
import { OwnerRole } from '../../cloud/compose/owner-role.ts';
import { prunesOf } from '../../cloud/compose/retention.ts';
import { makeStores, openStores } from '../../cloud/compose/stores.ts';
import { memoryFiles } from '../../cloud/telemetry/data-files.ts';
import { CloudConfig } from '../../cloud/config.ts';
import { dispatchInline } from '../../cloud/plan/compose-compute.ts';
import type { WeatherSource } from '../../cloud/forecast/serve/inputs.ts';
import { forecastTasks, type ForecastTasks } from '../../cloud/forecast/serve/forecast-tasks.ts';
import { estimateInline } from '../../cloud/estimate/compose-compute.ts';
import type { EstimateTasks } from '../../cloud/estimate/tasks.ts';
import type { DispatchTasks } from '../../cloud/plan/tasks.ts';
import { inlineCompute } from '../../cloud/compute/inline-compute.ts';
import { inlineInference } from '../../shared/inference/inline-inference.ts';
import { composeRules } from '../../cloud/alarms/compose-rules.ts';
import type { ModelRegistry } from '../../cloud/forecast/registry/registry.ts';
import { SqliteStore } from '../../cloud/telemetry/sqlite-store.ts';
import type { TelemetryStore } from '../../cloud/telemetry/store.ts';
import type { Tell } from '../../cloud/tracing/span.ts';
import { readConfig } from '../../shared/config/read-config.ts';
import { metrics } from '../../shared/contracts/frame.ts';
import type { Region } from '../../shared/contracts/region.ts';
import type { LoadSeries } from '../../shared/forecast/series.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Compute } from '../../shared/ports/compute.ts';
import type { Link } from '../../shared/ports/link.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import type { Timer } from '../../shared/time/clock.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { importHistory } from '../demo/import-history.ts';
import type { HistoryBatch } from '../history/history.ts';
import { plantStartMs, startedRegion, type RegionPlant } from '../plant/region-plant.ts';
import type { PlantOptions, PlantSpec } from '../plant/spec.ts';
import { plantSpecs } from '../region/inputs.ts';
import { buildRegion } from '../region/region.ts';
import { seededKey } from './seeded-key.ts';
import { SimGateway, type GatewayWatch, type SimField, type SimReports } from './sim-gateway.ts';
import { SimNetwork, type NetworkFaults } from './sim-network.ts';
import { SimProcess } from './sim-process.ts';
import { nameOf, type Trace } from './trace.ts';

/** The truth, and the cloud's knowledge of it. */
export interface World {
  readonly specs: readonly PlantSpec[];
  readonly region: Region;
}

export interface RegionSimOptions {
  readonly seed: number;
  readonly trace: Trace;
  /** Default: the region of ten substations. */
  readonly world?: World;
  /** Plant time of the start, ms UTC; default: after the eight weeks of history. */
  readonly startMs?: number;
  readonly differs?: PlantOptions['differs'];
  readonly bites?: PlantOptions['bites'];
  /** Wraps the real store in a faulty one. */
  readonly faultyStore?: (store: TelemetryStore) => TelemetryStore;
  readonly watch?: GatewayWatch;
  /** Called when an event cannot be stored; by default the error is thrown. */
  readonly onStoreFailure?: (error: unknown) => void;
  readonly reports?: SimReports;
  /** Wraps the uplink of each gateway in a meter. */
  readonly meter?: (link: Link) => Link;
  /** Called after each step of the plant and its readings. */
  readonly onStep?: () => void;
  /** Control period and plant step, seconds. */
  readonly stepS: number;
  readonly estimateEveryS: number;
  /** Plant time between plans, s, and the steps of their horizon. */
  readonly dispatchEveryS: number;
  readonly planStepsS: readonly number[];
  /** Targets to train at the start. */
  readonly train: readonly string[];
  /** Rounds of federated learning, and the load history of each gateway by substation. */
  readonly federated?: { readonly rounds: number; readonly loads: ReadonlyMap<string, LoadSeries> };
  /** Imports the eight weeks before the start, or these batches. */
  readonly history: boolean | readonly HistoryBatch[];
  /** Absent: forecasts without weather. */
  readonly weather?: WeatherSource;
  /** Compute for training, plans and estimates; by default new instances in this thread. */
  readonly training?: Compute<ForecastTasks>;
  readonly optimising?: Compute<DispatchTasks>;
  readonly estimating?: Compute<EstimateTasks>;
  /** Field between a substation's gateway and its plant. */
  readonly field?: (substation: string) => SimField;
  /** Faults of the uplinks. */
  readonly uplinks?: NetworkFaults;
  /** Receives the spans of frames and plans. */
  readonly tellSpan?: Tell;
}

const CLOUD_HOST = 'loadstone-cloud';
const SUPERVISOR_MS = 5000;

/**
 * The whole system in one process on virtual time: plant, control, journal format, codec, uplink, ingest, ledger, estimate, forecast (real
 * ONNX), dispatch (real HiGHS), signatures. Brokers, networks and disks are simulated; all randomness comes from the seed.
 */
export class RegionSim {
  readonly clock: VirtualClock;
  readonly plant: RegionPlant;
  readonly gateways: readonly SimGateway[];
  readonly network: SimNetwork;
  cloud: OwnerRole;
  readonly store: SqliteStore;
  readonly region: Region;
  readonly #options: RegionSimOptions;
  readonly files = memoryFiles();
  readonly stores = makeStores('', this.files, (error) => {
    if (this.#options.onStoreFailure === undefined) throw error;
    this.#options.onStoreFailure(error);
  });
  readonly #specs;
  readonly #key;
  #cloudProcess: SimProcess;
  #cloudAlive = true;
  #restart: Timer | undefined;

  constructor(options: RegionSimOptions) {
    const { seed, trace, watch, differs, bites, startMs = plantStartMs } = options;
    this.#options = options;
    this.clock = new VirtualClock(startMs);
    const { specs, region } = options.world ?? { specs: plantSpecs(), region: buildRegion() };
    this.#specs = specs;
    this.region = region;
    this.plant = startedRegion(specs, {
      seed,
      startMs,
      ...(differs === undefined ? {} : { differs }),
      ...(bites === undefined ? {} : { bites }),
    });
    const { clock } = this;
    const random = new SeededRandom(seed, 'uplinks');
    this.network = new SimNetwork({ clock, random, ...(options.uplinks && { faults: options.uplinks }) });
    this.#key = seededKey(seed);
    const common = { clock, uplinks: this.network, key: this.#key, seed, trace, watch };
    this.gateways = this.plant.plants.map((plant) => {
      const substation = region.substations.find(({ id }) => id === plant.id);
      return new SimGateway({
        ...common,
        plant,
        cyclePeriodMs: options.stepS * 1000,
        substation,
        reports: options.reports,
        meter: options.meter,
        learnsFrom: options.federated?.loads.get(plant.id),
        field: options.field?.(plant.id),
      });
    });
    this.store = new SqliteStore({ path: ':memory:', receivedAt: this.stores.ledger });
    this.#cloudProcess = this.#startProcess();
    this.cloud = this.#makeCloud();
  }

  #startProcess(): SimProcess {
    const { watch } = this.#options;
    return new SimProcess(
      this.clock,
      watch === undefined ? {} : { onFailure: (error) => watch.failed('cloud', error) },
    );
  }

  #makeCloud(): OwnerRole {
    const { dispatchEveryS, estimateEveryS, planStepsS, faultyStore, federated } = this.#options;
    const clock = this.#cloudProcess;
    return new OwnerRole({
      config: readConfig(CloudConfig, {
        file: 'sim',
        text: `dispatch: { everyS: ${dispatchEveryS} }\nestimate: { everyS: ${estimateEveryS} }\nmodels: { members: [ridge], federated: { enabled: ${federated !== undefined}, rounds: ${federated?.rounds ?? 1} } }\n`,
      }),
      region: this.region,
      clock,
      link: this.network.link(clock),
      store: faultyStore?.(this.store) ?? this.store,
      ...this.stores,
      alarmRules: composeRules(''),
      keys: oneKey(this.#key),
      training: this.#options.training ?? inlineCompute(forecastTasks),
      estimating: this.#options.estimating ?? estimateInline(this.region),
      optimising: this.#options.optimising ?? dispatchInline(),
      inference: inlineInference(clock.machine),
      prunes: prunesOf(this.stores, this.store),
      planStepsS: () => planStepsS,
      weather: this.#options.weather,
      tellSpan: this.#options.tellSpan,
    });
  }

  /** Like kill -9 of the cloud: its timers stop and its link dies; its files stay. */
  killCloud(): void {
    this.#restart?.cancel();
    this.#cloudProcess.kill();
    this.network.kill(CLOUD_HOST);
    this.#cloudAlive = false;
  }

  /** If the cloud cannot start, for example without its store, the supervisor restarts it later. */
  async restartCloud(): Promise<void> {
    if (this.#cloudAlive) return;
    this.#cloudProcess = this.#startProcess();
    this.#cloudAlive = true;
    this.cloud = this.#makeCloud();
    try {
      await this.cloud.start();
    } catch (error) {
      if (!(error instanceof LoadstoneError)) throw error;
      this.killCloud();
      this.#restart = this.clock.plant.after(SUPERVISOR_MS, () => this.restartCloud());
    }
  }

  async start(): Promise<void> {
    await openStores(this.stores);
    await this.store.open();
    const { seed, history, train, stepS } = this.#options;
    if (history !== false) {
      const batches = history === true ? {} : { batches: history };
      await importHistory({ specs: this.#specs, seed, store: this.store, ledger: this.stores.ledger, ...batches });
    }
    await this.cloud.start();
    for (const gateway of this.gateways) await gateway.start();
    this.#step(stepS);
    if (train.length > 0) await this.cloud.forecasts.train(train);
  }

  /** Runs for some seconds of plant time. */
  async run(seconds: number): Promise<void> {
    await this.clock.advance(seconds * 1000);
  }

  async stop(): Promise<void> {
    for (const gateway of this.gateways) await gateway.stop();
    await this.cloud.stop();
    await this.store.close();
  }

  get models(): ModelRegistry {
    return this.stores.models;
  }

  /** Digest of every stored sample of the run, and of the events. */
  async contents(): Promise<string> {
    const hash = createHash('sha256');
    const end = this.clock.plant.now() + 1;
    for (const { gateway, meters, devices } of this.region.substations) {
      const names = [...new Set([...meters.map(({ device }) => device), ...devices.map(({ id }) => id)])];
      const series = names.flatMap((device) => Object.keys(metrics).map((metric) => ({ gateway, device, metric })));
      const samples = await this.store.read({ series, start: this.#options.startMs ?? plantStartMs, end });
      for (const [at, list] of samples.entries())
        hash.update(`${JSON.stringify(series[at])} ${JSON.stringify(list)}\n`);
    }
    hash.update(JSON.stringify(await this.stores.events.list({ limit: 1_000_000 })));
    return hash.digest('hex');
  }

  #step(stepS: number): void {
    this.clock.plant.after(stepS * 1000, async () => {
      this.#step(stepS);
      this.plant.step(stepS);
      for (const gateway of this.gateways) await gateway.publish();
      this.#options.onStep?.();
      if (this.plant.timeMs % 60_000 === 0) this.#noteTruth();
    });
  }

  #noteTruth(): void {
    for (const plant of this.plant.plants) {
      const { sourceKw, voltagePu, tapPosition } = plant.truth();
      const voltages = nameOf(new Uint8Array(voltagePu.buffer, voltagePu.byteOffset, voltagePu.byteLength));
      this.#options.trace.note(plant.timeMs, 'truth', `${plant.id} ${sourceKw} ${tapPosition} ${voltages}`);
    }
  }
}
