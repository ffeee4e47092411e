import { SeededRandom, type Random } from '../../shared/ports/random.ts';
import type { RegionSim } from '../sim/region-sim.ts';
import { goodNetwork } from '../sim/sim-network.ts';
import type { Fault } from './faults.ts';
import type { StoreFaults } from './faulty-store.ts';
import { Operator, type OperatorOptions } from './operator.ts';

export interface InjectorOptions extends OperatorOptions {
  readonly store: StoreFaults;
  /** Called before a gateway's machine dies, to record what its disk holds. */
  onDies(gateway: number): Promise<void>;
}

/** Free bytes of a full disk: a record may still fit, a batch does not. */
const FULL_BYTES = 500;

/** Applies the faults to the run and reverts them. If faults of one kind overlap, the first to end reverts them all. */
export class Injector {
  readonly #options: InjectorOptions;
  readonly #random: Random;
  readonly #operator: Operator;

  constructor(options: InjectorOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed, 'torn');
    this.#operator = new Operator(options);
  }

  schedule(faults: readonly Fault[]): void {
    const { plant } = this.#options.sim.clock;
    for (const fault of faults) {
      plant.after(fault.atS * 1000, () => this.#begin(fault));
      plant.after(fault.untilS * 1000, () => this.#end(fault));
    }
  }

  async #begin(fault: Fault): Promise<void> {
    const { sim, store } = this.#options;
    switch (fault.kind) {
      case 'bad-network':
        sim.network.faults = fault.faults;
        break;
      case 'partition':
        await sim.network.partition(this.#client(fault.gateway));
        break;
      case 'broker-gone':
        await sim.network.stopBroker();
        break;
      case 'gateway-killed':
      case 'power-lost':
        await this.#kill(fault.gateway, fault.kind === 'power-lost');
        break;
      case 'disk-full':
        this.#disk(fault.gateway).capacity = this.#disk(fault.gateway).used() + FULL_BYTES;
        break;
      case 'disk-failing':
        this.#disk(fault.gateway).failing = true;
        break;
      case 'sync-failing':
        this.#disk(fault.gateway).syncFails = true;
        break;
      case 'clock-off':
        sim.gateways[fault.gateway]!.setClock(fault.byMs);
        break;
      case 'store-down':
        store.down = true;
        break;
      case 'store-flaky':
        store.flakyShare = fault.share;
        break;
      case 'cloud-killed':
        sim.killCloud();
        break;
      case 'bad-devices':
        sim.gateways[fault.gateway]!.devices.faults = fault.faults;
        break;
      case 'spike': {
        const { plant } = this.#place(fault.gateway);
        const feeder = `${plant.id}-${fault.feeder}`;
        plant.spike({ feeder, share: fault.share, durationS: fault.untilS - fault.atS });
        break;
      }
      case 'override':
        await this.#operator.override(fault);
        break;
    }
  }

  async #end(fault: Fault): Promise<void> {
    const { sim, store } = this.#options;
    switch (fault.kind) {
      case 'bad-network':
        sim.network.faults = goodNetwork;
        break;
      case 'partition':
        sim.network.heal(this.#client(fault.gateway));
        break;
      case 'broker-gone':
        sim.network.startBroker();
        break;
      case 'gateway-killed':
      case 'power-lost':
        if (!sim.gateways[fault.gateway]!.alive) await sim.gateways[fault.gateway]!.start();
        break;
      case 'disk-full':
        this.#disk(fault.gateway).capacity = Number.POSITIVE_INFINITY;
        break;
      case 'disk-failing':
        this.#disk(fault.gateway).failing = false;
        break;
      case 'sync-failing':
        this.#disk(fault.gateway).syncFails = false;
        break;
      case 'clock-off':
        sim.gateways[fault.gateway]!.setClock(0);
        break;
      case 'store-down':
        store.down = false;
        break;
      case 'store-flaky':
        store.flakyShare = 0;
        break;
      case 'cloud-killed':
        await sim.restartCloud();
        break;
      case 'bad-devices':
        sim.gateways[fault.gateway]!.devices.faults = goodNetwork;
        break;
      case 'spike':
      case 'override':
        break;
    }
  }

  async #kill(index: number, powerLost: boolean): Promise<void> {
    const gateway = this.#options.sim.gateways[index]!;
    if (!gateway.alive) return;
    if (powerLost) gateway.disk.crash(this.#random);
    gateway.kill();
    await this.#options.onDies(index);
  }

  #client(gateway: number | 'all'): string | undefined {
    return gateway === 'all' ? undefined : this.#options.sim.gateways[gateway]!.id;
  }

  #disk(gateway: number): RegionSim['gateways'][number]['disk'] {
    return this.#options.sim.gateways[gateway]!.disk;
  }

  #place(gateway: number): { plant: RegionSim['plant']['plants'][number] } {
    return { plant: this.#options.sim.plant.plants[gateway]! };
  }
}
