import { createHash } from 'node:crypto';
import { Cloud } from '../../cloud/app.ts';
import { EventLog } from '../../cloud/audit/event-log.ts';
import { CloudConfig } from '../../cloud/config.ts';
import { dispatchInline } from '../../cloud/dispatch/compose-compute.ts';
import { DocumentStore } from '../../cloud/dispatch/document-store.ts';
import { ForecastStore } from '../../cloud/forecast/forecast-store.ts';
import { forecastTasks } from '../../cloud/forecast/forecast-tasks.ts';
import { inlineCompute } from '../../cloud/forecast/inline-compute.ts';
import { inlineInference } from '../../cloud/forecast/inline-inference.ts';
import { BirthFile } from '../../cloud/ingest/birth-file.ts';
import { Ledger } from '../../cloud/ingest/ledger.ts';
import { ModelRegistry } from '../../cloud/models/registry.ts';
import { SqliteStore } from '../../cloud/telemetry/sqlite-store.ts';
import { readConfig } from '../../shared/config/read-config.ts';
import { metrics } from '../../shared/contracts/frame.ts';
import type { Region } from '../../shared/contracts/region.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { importHistory } from '../demo/import-history.ts';
import { plantStartMs, startedRegion, type RegionPlant } from '../plant/region-plant.ts';
import { plantSpecs } from '../region/inputs.ts';
import type { SubstationId } from '../region/names.ts';
import { buildRegion } from '../region/region.ts';
import { seededKey } from './seeded-key.ts';
import { SimGateway } from './sim-gateway.ts';
import { SimNetwork } from './sim-network.ts';
import { nameOf, type Trace } from './trace.ts';

export interface RegionSimOptions {
  readonly seed: number;
  readonly trace: Trace;
  /** Default: all ten. */
  readonly substations?: readonly SubstationId[];
  /** Control period and step of the plant, seconds. */
  readonly stepS: number;
  readonly estimateEveryS: number;
  /** Seconds of plant time between plans, and the steps of their horizon. */
  readonly dispatchEveryS: number;
  readonly planStepsS: readonly number[];
  /** Targets to train at the start. */
  readonly train: readonly string[];
  /** Import the eight weeks before the start. */
  readonly history: boolean;
}

/**
 * The whole system in one process on virtual time: plant, control, journal format, codec, uplink, ingest, ledger, estimate, forecast
 * (real ONNX), dispatch (real HiGHS), signatures. Brokers, networks and disks are simulated; everything by chance comes from the seed.
 */
export class RegionSim {
  readonly clock = new VirtualClock(plantStartMs);
  readonly plant: RegionPlant;
  readonly gateways: readonly SimGateway[];
  readonly network: SimNetwork;
  readonly cloud: Cloud;
  readonly ledger = new Ledger(':memory:');
  readonly events = new EventLog(':memory:');
  readonly store: SqliteStore;
  readonly region: Region;
  readonly #options: RegionSimOptions;
  readonly #kept;
  readonly #specs;

  constructor(options: RegionSimOptions) {
    const { seed, trace } = options;
    this.#options = options;
    const chosen = (id: string): boolean => options.substations?.some((each) => each === id) ?? true;
    this.#specs = plantSpecs().filter(({ id }) => chosen(id));
    const whole = buildRegion();
    this.region = { ...whole, substations: whole.substations.filter(({ id }) => chosen(id)) };
    this.plant = startedRegion(this.#specs, { seed, startMs: plantStartMs });
    const { clock } = this;
    this.network = new SimNetwork({ clock, random: new SeededRandom(seed, 'uplinks') });
    const key = seededKey(seed);
    this.gateways = this.plant.plants.map(
      (plant) =>
        new SimGateway({ plant, clock, uplinks: this.network, key, seed, cyclePeriodMs: options.stepS * 1000, trace }),
    );
    this.store = new SqliteStore({ path: ':memory:', receivedAt: this.ledger });
    this.#kept = {
      births: new BirthFile(':memory:'),
      forecasts: new ForecastStore(':memory:'),
      models: new ModelRegistry(':memory:'),
      documents: new DocumentStore(':memory:'),
    };
    const lastRuns = new Map<string, number>();
    this.cloud = new Cloud({
      config: readConfig(CloudConfig, {
        file: 'sim',
        text: `dispatch: { everyS: ${options.dispatchEveryS} }\nestimate: { everyS: ${options.estimateEveryS} }\n`,
      }),
      region: this.region,
      clock,
      link: this.network.link(),
      store: this.store,
      ledger: this.ledger,
      events: this.events,
      ...this.#kept,
      signingKey: key,
      training: inlineCompute(forecastTasks),
      optimising: dispatchInline(),
      inference: inlineInference(clock.machine),
      lastRuns: { get: (job) => lastRuns.get(job), set: (job, at) => void lastRuns.set(job, at) },
      planStepsS: () => options.planStepsS,
    });
  }

  async start(): Promise<void> {
    for (const each of [this.ledger, this.events, ...Object.values(this.#kept)]) each.open();
    await this.store.open();
    const { seed, history, train, stepS } = this.#options;
    if (history) await importHistory({ specs: this.#specs, seed, store: this.store, ledger: this.ledger });
    await this.cloud.start();
    for (const gateway of this.gateways) await gateway.start();
    this.#step(stepS);
    if (train.length > 0) await this.cloud.forecasts.train(train);
  }

  /** Runs so many seconds of plant time. */
  async run(seconds: number): Promise<void> {
    await this.clock.advance(seconds * 1000);
  }

  async stop(): Promise<void> {
    for (const gateway of this.gateways) await gateway.stop();
    await this.cloud.stop();
    await this.store.close();
  }

  /** Digest of every stored sample of the run, and of the events. */
  async contents(): Promise<string> {
    const hash = createHash('sha256');
    const end = this.clock.plant.now() + 1;
    for (const { gateway, meters, devices } of this.region.substations) {
      const names = [...new Set([...meters.map(({ device }) => device), ...devices.map(({ id }) => id)])];
      const series = names.flatMap((device) => Object.keys(metrics).map((metric) => ({ gateway, device, metric })));
      const samples = await this.store.read({ series, start: plantStartMs, end });
      for (const [at, list] of samples.entries())
        hash.update(`${JSON.stringify(series[at])} ${JSON.stringify(list)}\n`);
    }
    hash.update(JSON.stringify(this.events.list({ limit: 1_000_000 })));
    return hash.digest('hex');
  }

  #step(stepS: number): void {
    this.clock.plant.after(stepS * 1000, async () => {
      this.#step(stepS);
      this.plant.step(stepS);
      for (const gateway of this.gateways) await gateway.publish();
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
