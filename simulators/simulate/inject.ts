import type { CommandBody } from '../../shared/contracts/document.ts';
import { SeededRandom, type Random } from '../../shared/ports/random.ts';
import type { RegionSim } from '../sim/region-sim.ts';
import { goodNetwork } from '../sim/sim-network.ts';
import type { Fault } from './faults.ts';
import type { StoreFaults } from './faulty-store.ts';

/** An override as it was asked for. */
export interface GivenOverride {
  readonly id: string;
  readonly gateway: string;
  readonly device: string;
  /** Odd on purpose: no law arrives at the same number. */
  readonly activePowerKw: number;
  readonly givenAt: number;
  readonly expiresAt: number;
  /** The selection that it confirms; undefined: none was asked for, as by a cloud of before. */
  readonly selection: string | undefined;
}

export interface InjectorOptions {
  readonly seed: number;
  readonly sim: RegionSim;
  readonly store: StoreFaults;
  /** Before a gateway's machine dies: what its disk holds for certain. */
  onDies(gateway: number): Promise<void>;
  onOverride(override: GivenOverride): void;
}

/** Free bytes of a disk that is full: a record may still fit, a batch does not. */
const FULL_BYTES = 500;
/** A command is sent again by the network and by an operator's second click. */
const AGAIN_MS = 7000;
/** From a selection to what confirms it. */
const CONFIRM_MS = 4000;
/** For how long an override is selected, s: longer than any of them stands. */
const LONGEST_S = 600;

/** Brings the faults into the run and takes them away again. Faults of one kind may overlap: the last one counts. */
export class Injector {
  readonly #options: InjectorOptions;
  readonly #random: Random;

  constructor(options: InjectorOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed, 'torn');
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
        await this.#override(fault);
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

  /**
   * The first one names no selection. The others are selected before and confirmed within its time, and then somebody tries to confirm
   * another value by the same selection.
   */
  async #override(fault: Extract<Fault, { kind: 'override' }>): Promise<void> {
    const { number, gateway, untilS, atS, sends } = fault;
    const waitsMs = number === 0 ? 0 : CONFIRM_MS;
    const body = this.#commandOf(fault, Math.round(this.#plantNow()) + waitsMs + (untilS - atS) * 1000);
    if (number === 0) return this.#give({ gateway, body, sends });
    const { plant } = this.#options.sim.clock;
    const select = { ...body, id: `select-${number}-${this.#options.seed}`, kind: 'select' as const };
    await this.#send(gateway, { ...select, durationS: LONGEST_S });
    const confirming = { ...body, selection: select.id, durationS: LONGEST_S };
    const otherKw = body.setpoint!.activePowerKw! + 3.1;
    const again = { ...confirming, id: `${body.id}-again`, setpoint: { activePowerKw: otherKw } };
    plant.after(CONFIRM_MS, () => this.#give({ gateway, body: confirming, sends }));
    plant.after(2 * CONFIRM_MS, () => this.#give({ gateway, body: again, sends: 1 }));
  }

  #commandOf({ gateway, number }: Extract<Fault, { kind: 'override' }>, expiresAt: number): CommandBody {
    const battery = this.#options.sim.region.substations[gateway]!.devices.find(({ type }) => type === 'battery')!;
    return {
      id: `override-${number}-${this.#options.seed}`,
      kind: 'override',
      device: battery.id,
      // A fraction of its own: no ramp from another override passes it.
      setpoint: { activePowerKw: 20.123 + number * 10.217 },
      reason: 'simulation',
      user: 'simulation',
      expiresAt,
    };
  }

  async #give({ gateway, body, sends }: { gateway: number; body: CommandBody; sends: number }): Promise<void> {
    const { sim } = this.#options;
    this.#options.onOverride({
      id: body.id,
      gateway: sim.gateways[gateway]!.id,
      device: body.device!,
      activePowerKw: body.setpoint!.activePowerKw!,
      givenAt: this.#plantNow(),
      expiresAt: body.expiresAt,
      selection: body.selection,
    });
    await this.#send(gateway, body);
    for (let again = 1; again < sends; again++)
      sim.clock.plant.after(again * AGAIN_MS, () => this.#send(gateway, body));
  }

  async #send(gateway: number, body: CommandBody): Promise<void> {
    const { sim } = this.#options;
    await sim.cloud.dispatch.sendCommand(sim.gateways[gateway]!.id, body);
  }

  #plantNow(): number {
    return this.#options.sim.clock.plant.now();
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
