import { SeededRandom } from '../../../shared/ports/random.ts';
import type { SigningKey } from '../../../shared/codec/signed-document.ts';
import type { PinnedKeys } from '../../../shared/pki/key-list.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { SimDisk } from '../../../simulators/sim/sim-disk.ts';
import { SimNetwork, type NetworkFaults } from '../../../simulators/sim/sim-network.ts';
import { SimProcess } from '../../../simulators/sim/sim-process.ts';
import { inlineTrainer } from '../../federated/inline-trainer.ts';
import type { JournalEntry } from '../../journal/record.ts';
import type { FromUplink, Restored } from '../channel.ts';
import type { UplinkConfig } from '../config.ts';
import { decodeFrameRecord } from '../frame-record.ts';
import { UplinkCore } from '../uplink-core.ts';
import { SimCloud } from './sim-cloud.ts';

export const START = Date.UTC(2021, 8, 25);

export const configFor = (trustedKeys: readonly SigningKey[] = [], maxMb = 10): UplinkConfig => ({
  gateway: 'owd-01',
  group: 'north',
  hostId: 'loadstone-cloud',
  url: 'mqtt://simulated',
  keepAliveS: 60,
  journal: { path: '.', maxMb, maxAgeMs: 7 * 86_400_000, syncMs: 200 },
  trustedKeys: { keys: trustedKeys },
  software: 'loadstone test',
});

export interface RunningGateway {
  readonly core: UplinkCore;
  readonly process: SimProcess;
  readonly heard: FromUplink[];
  readonly restored: Restored;
}

/** One gateway's uplink and a cloud on one virtual clock and network. */
export class UplinkBench {
  readonly clock = new VirtualClock(START);
  readonly disk = new SimDisk();
  readonly network: SimNetwork;
  readonly cloud: SimCloud;
  readonly random: SeededRandom;
  readonly config: UplinkConfig;
  /** Everything accepted in any run. */
  readonly accepted = new Map<string, JournalEntry>();
  #starts = 0;

  constructor(
    seed: number,
    options: {
      faults?: NetworkFaults;
      keys?: readonly SigningKey[];
      pinned?: PinnedKeys['pinned'];
      maxMb?: number;
      hostId?: string;
      federated?: NonNullable<UplinkConfig['federated']>;
    } = {},
  ) {
    this.random = new SeededRandom(seed);
    const { federated } = options;
    const config = configFor(options.keys, options.maxMb);
    this.config = {
      ...config,
      hostId: options.hostId ?? config.hostId,
      trustedKeys: { ...config.trustedKeys, pinned: options.pinned },
      ...(federated === undefined ? {} : { federated }),
    };
    this.network = new SimNetwork({
      clock: this.clock,
      random: new SeededRandom(seed, 'network'),
      reconnectMs: [500, 8000],
      ...(options.faults === undefined ? {} : { faults: options.faults }),
    });
    this.cloud = new SimCloud({ link: this.network.link(), clock: this.clock, gateway: this.config.gateway });
  }

  async startGateway(): Promise<RunningGateway> {
    const process = new SimProcess(this.clock);
    const random = new SeededRandom(this.random.uint32(), String(this.#starts++));
    const core = new UplinkCore(this.config, {
      clock: process,
      link: this.network.link(process),
      disk: this.disk,
      random,
      trainer: inlineTrainer(random),
    });
    const heard: FromUplink[] = [];
    const restored = await core.start((message) => heard.push(message));
    core.send({ kind: 'births', devices: [{ device: 'pv-1', type: 'pv-inverter', metrics: ['activePowerKw'] }] });
    return { core, process, heard, restored };
  }

  /** kill -9; with `power`, data that the disk had not synced is lost too. */
  killGateway(gateway: RunningGateway, power = false): void {
    gateway.process.kill();
    this.network.kill(this.config.gateway);
    if (power) this.disk.crash(this.random);
    else this.disk.kill();
  }

  /** Produces frames of three devices, one each second. */
  async produce(gateway: RunningGateway, seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      const time = this.clock.plant.now();
      gateway.core.send({
        kind: 'frames',
        frames: ['pv-1', 'battery-1', 'transformer'].map((device, index) => ({
          device,
          time,
          values: [
            { metric: 'activePowerKw', value: (time - START) / 1000 + index / 10, quality: 'good', origin: 'measured' },
          ],
        })),
      });
      await this.clock.advance(1000);
    }
  }

  /** Records what a run's journal holds as accepted and not yet accounted for. */
  async note(gateway: RunningGateway): Promise<void> {
    const query = { from: 0, limit: 1_000_000, skip: () => false };
    for (const entry of await gateway.core.journal.backlog('measurements', query)) {
      this.accepted.set(`${entry.run}/${entry.offset}`, entry);
    }
  }
}

export const frameOf = (entry: JournalEntry): unknown => decodeFrameRecord(entry.payload)?.frame;
