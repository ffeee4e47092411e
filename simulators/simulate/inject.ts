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

/** Applies the faults to the run and reverts them. Where faults of one kind and target overlap, the effect lasts until the last one ends. */
export class Injector {
  readonly #options: InjectorOptions;
  readonly #random: Random;
  readonly #operator: Operator;
  /** Faults under way, in the order in which they began. */
  #active: readonly Fault[] = [];

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
    this.#active = [...this.#active, fault];
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
    this.#active = this.#active.filter((each) => each !== fault);
    switch (fault.kind) {
      case 'bad-network':
        sim.network.faults = this.#lasting(fault)?.faults ?? goodNetwork;
        break;
      case 'partition':
        if (this.#lasting(fault) !== undefined) break;
        sim.network.heal(this.#client(fault.gateway));
        // The end of a partition of all leaves those of single gateways.
        for (const each of this.#active)
          if (each.kind === 'partition') await sim.network.partition(this.#client(each.gateway));
        break;
      case 'broker-gone':
        if (this.#lasting(fault) === undefined) sim.network.startBroker();
        break;
      case 'gateway-killed':
      case 'power-lost': {
        const { gateway } = fault;
        const lasts = (['gateway-killed', 'power-lost'] as const).some((kind) => this.#lasting({ ...fault, kind }));
        if (!lasts && !sim.gateways[gateway]!.alive) await sim.gateways[gateway]!.start();
        break;
      }
      case 'disk-full':
        if (this.#lasting(fault) === undefined) this.#disk(fault.gateway).capacity = Number.POSITIVE_INFINITY;
        break;
      case 'disk-failing':
        this.#disk(fault.gateway).failing = this.#lasting(fault) !== undefined;
        break;
      case 'sync-failing':
        this.#disk(fault.gateway).syncFails = this.#lasting(fault) !== undefined;
        break;
      case 'clock-off':
        sim.gateways[fault.gateway]!.setClock(this.#lasting(fault)?.byMs ?? 0);
        break;
      case 'store-down':
        store.down = this.#lasting(fault) !== undefined;
        break;
      case 'store-flaky':
        store.flakyShare = this.#lasting(fault)?.share ?? 0;
        break;
      case 'cloud-killed':
        if (this.#lasting(fault) === undefined) await sim.restartCloud();
        break;
      case 'bad-devices':
        sim.gateways[fault.gateway]!.devices.faults = this.#lasting(fault)?.faults ?? goodNetwork;
        break;
      case 'spike':
      case 'override':
        break;
    }
  }

  /** The latest fault under way of this kind and target. */
  #lasting<F extends Fault>({ kind, ...fault }: F): F | undefined {
    const target = (of: object): unknown => ('gateway' in of ? of.gateway : undefined);
    return this.#active.findLast((each): each is F => each.kind === kind && target(each) === target(fault));
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
