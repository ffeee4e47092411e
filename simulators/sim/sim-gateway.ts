import { stringify } from 'yaml';
import { parseConfig } from '../../edge/config/load.ts';
import { inlineTrainer } from '../../edge/federated/inline-trainer.ts';
import { LocalForecaster } from '../../edge/forecast/local-forecaster.ts';
import { inlineInference } from '../../shared/inference/inline-inference.ts';
import { Gateway } from '../../edge/gateway.ts';
import { UplinkCore } from '../../edge/uplink/uplink-core.ts';
import { publicHalf, type SigningKey } from '../../shared/codec/signed-document.ts';
import type { LoadSeries } from '../../shared/forecast/series.ts';
import { uncontrolledLoad } from '../../shared/forecast/uncontrolled.ts';
import type { RegionSubstation } from '../../shared/contracts/region.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import type { Link } from '../../shared/ports/link.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { AccessOptions } from '../faces/access-network.ts';
import { DeviceFaces } from '../faces/device-faces.ts';
import type { Plant } from '../plant/plant.ts';
import { gatewayConfig, type GatewaySettings } from '../region/gateway-config.ts';
import { gatewayOf, type SubstationId } from '../data/names.ts';
import { SimDisk } from './sim-disk.ts';
import { SimNetwork, type NetworkFaults } from './sim-network.ts';
import { SimProcess, type Stall } from './sim-process.ts';
import { nameOf, type Trace } from './trace.ts';
import { TracedLink } from './traced-link.ts';

export interface SimGatewayOptions {
  readonly plant: Plant;
  readonly clock: Clock;
  /** The uplink network. */
  readonly uplinks: SimNetwork;
  readonly key: SigningKey;
  readonly seed: number;
  readonly cyclePeriodMs: number;
  readonly trace: Trace;
  /** Default: the region's substation, with all its devices. */
  readonly substation?: RegionSubstation | undefined;
  readonly watch?: GatewayWatch | undefined;
  /** Takes part in federated learning with these means as its history. */
  readonly learnsFrom?: LoadSeries | undefined;
  readonly reports?: SimReports | undefined;
  /** Wraps its uplink in a meter. */
  readonly meter?: ((link: Link) => Link) | undefined;
  readonly field?: SimField | undefined;
}

/** The field between a gateway and its plant, and the gateway's settings for it. */
export interface SimField {
  /** Access network to the devices; absent: wired. */
  readonly access?: AccessOptions;
  /** Faults of messages by topic; undefined: wired. */
  readonly faultsOf?: (topic: string) => NetworkFaults | undefined;
  readonly settings?: GatewaySettings;
  /** False: the gateway makes no forecast of its own. */
  readonly forecasts?: boolean;
}

/** Report intervals of gateways; the default suits long runs. */
export interface SimReports {
  readonly deadbandPct: number;
  readonly minIntervalS: number;
  readonly maxIntervalS: number;
  readonly healthMs: number;
}

/** Observes a gateway, for the invariants of a simulation. */
export interface GatewayWatch {
  /** A cycle has ended. */
  cycled(gateway: string): void;
  /** A message has reached a device, in wire format. */
  commanded(gateway: string, topic: string, payload: Uint8Array): void;
  /** A task of the process has thrown. */
  failed(process: string, error: unknown): void;
  /** A message was sent to the cloud or received from it. */
  uplink(gateway: string, direction: 'out' | 'in', topic: string, payload: Uint8Array): void;
}

const REPORTS: SimReports = { deadbandPct: 2, minIntervalS: 20, maxIntervalS: 60, healthMs: 60_000 };

/** One gateway with its devices on virtual time: everything real but broker, network and disk. It can be killed and restarted. */
export class SimGateway {
  readonly id: string;
  readonly disk = new SimDisk();
  readonly #options: SimGatewayOptions;
  readonly #devices: SimNetwork;
  readonly #faces: DeviceFaces;
  readonly #silent = new Set<string>();
  readonly #deaf = new Set<string>();
  #process: SimProcess | undefined;
  #gateway: Gateway | undefined;
  #starts = 0;
  #offsetMs = 0;

  constructor(options: SimGatewayOptions) {
    const { plant, clock, seed, trace, watch, field = {} } = options;
    this.#options = options;
    this.id = gatewayOf(plant.id);
    const random = new SeededRandom(seed, `devices/${this.id}`);
    this.#devices = new SimNetwork({ clock, random, faultsOf: field.faultsOf });
    const link = new TracedLink(this.#devices.link(), (direction, topic, payload) => {
      if (direction === 'out') return;
      watch?.commanded(this.id, topic, payload);
      if (!trace.wanted) return;
      trace.note(clock.plant.now(), 'command', `${this.id} ${topic} ${new TextDecoder().decode(payload)}`);
    });
    this.#faces = new DeviceFaces({
      plant,
      link,
      clientId: `plant-${this.id}`,
      ...(field.access === undefined ? {} : { access: field.access }),
      elsewhere: (device) => this.#silent.has(device),
      deaf: (device) => this.#deaf.has(device),
    });
  }

  async start(): Promise<void> {
    if (this.#starts === 0) this.#faces.start();
    const { clock, uplinks, key, seed, plant, cyclePeriodMs, trace, substation, watch, learnsFrom } = this.#options;
    const { healthMs, ...report } = this.#options.reports ?? REPORTS;
    const process = new SimProcess(clock, {
      offsetMs: this.#offsetMs,
      ...(watch === undefined ? {} : { onFailure: (error) => watch.failed(this.id, error) }),
    });
    const random = new SeededRandom(seed, `${this.id}/${this.#starts++}`);
    const config = parseConfig(
      stringify(
        gatewayConfig(plant.id as SubstationId, {
          uplinkUrl: 'mqtt://cloud',
          localListen: '127.0.0.1:18830',
          journalPath: 'journal',
          mode: 'automatic',
          cyclePeriodMs,
          // Readings arrive once per plant step, which equals the cycle.
          staleFactor: Math.max(1, cyclePeriodMs / 1000),
          report,
          ...(substation === undefined ? {} : { substation }),
          ...this.#options.field?.settings,
        }),
      ),
      `${this.id}.yaml`,
    );
    const uplinkLink = uplinks.link(process);
    const link = new TracedLink(this.#options.meter?.(uplinkLink) ?? uplinkLink, (direction, topic, payload) => {
      watch?.uplink(this.id, direction, topic, payload);
      if (!trace.wanted) return;
      trace.note(clock.plant.now(), direction === 'out' ? 'up' : 'down', `${this.id} ${topic} ${nameOf(payload)}`);
    });
    const uplink = new UplinkCore(
      {
        gateway: this.id,
        group: config.gateway.group,
        hostId: 'loadstone-cloud',
        url: 'mqtt://cloud',
        keepAliveS: 60,
        journal: { path: 'journal', maxMb: 200, maxAgeMs: 7 * 86_400_000, syncMs: 1000 },
        trustedKeys: { keys: [publicHalf(key)] },
        software: 'loadstone-edge sim',
        ...(learnsFrom === undefined
          ? {}
          : {
              federated: {
                load: uncontrolledLoad(['transformer'], config.devices),
                zone: config.gateway.timezone,
                seed: learnsFrom,
              },
            }),
      },
      { clock: process, link, disk: this.disk, random, trainer: inlineTrainer(random) },
    );
    const forecaster = new LocalForecaster({
      clock: process,
      inference: inlineInference(process.machine),
      load: uncontrolledLoad(['transformer'], config.devices),
      zone: config.gateway.timezone,
      onEvent: (event) => this.#gateway?.tell(event),
    });
    this.#process = process;
    this.#gateway = new Gateway({
      config,
      clock: process,
      uplink,
      deviceLink: this.#devices.link(process),
      random: new SeededRandom(seed, `${this.id}/cycle/${this.#starts}`),
      ...(this.#options.field?.forecasts === false ? {} : { forecaster }),
      stateMs: 60_000,
      healthMs,
      ...(watch === undefined ? {} : { onCycle: () => watch.cycled(this.id) }),
    });
    await this.#gateway.start();
  }

  /** Like kill -9: timers stop, links end without a DISCONNECT; written data stays. */
  kill(): void {
    this.#process?.kill();
    this.#options.uplinks.kill(this.id);
    this.#devices.kill(this.id);
    this.disk.kill();
    this.#gateway = undefined;
  }

  get alive(): boolean {
    return this.#gateway !== undefined;
  }

  /** Sets the offset of the machine's wall clock; it persists over a restart. */
  setClock(offsetMs: number): void {
    this.#offsetMs = offsetMs;
    this.#process?.setOffset(offsetMs);
  }

  /** Sets the devices and meters that no longer answer. */
  setSilent(devices: readonly string[]): void {
    this.#silent.clear();
    for (const device of devices) this.#silent.add(device);
  }

  /** Sets the devices that report but take no commands. */
  setDeaf(devices: readonly string[]): void {
    this.#deaf.clear();
    for (const device of devices) this.#deaf.add(device);
  }

  /** Starves the process of CPU, or ends that. */
  setStall(stall: Stall | undefined): void {
    this.#process?.setStall(stall);
  }

  /** The network between the gateway and its devices. */
  get devices(): SimNetwork {
    return this.#devices;
  }

  async stop(): Promise<void> {
    await this.#gateway?.stop();
    await this.#faces.stop();
  }

  /** Runs after each step of the plant: delivers the meters' readings to the gateway. */
  publish(): Promise<void> {
    return this.#faces.publish();
  }
}
