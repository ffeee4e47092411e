import type { CommandBody } from '../../shared/contracts/document.ts';
import type { RegionSim } from '../sim/region-sim.ts';
import type { Fault } from './faults.ts';

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

/** A selection that was to be given up. */
export interface GivenCancel {
  readonly id: string;
  readonly selection: string;
}

export interface OperatorOptions {
  readonly seed: number;
  readonly sim: RegionSim;
  onOverride(override: GivenOverride): void;
  onCancel(cancel: GivenCancel): void;
}

/** A command is sent again by the network and by an operator's second click. */
const AGAIN_MS = 7000;
/** From a selection to what confirms it, or gives it up, and from that to what comes after. */
const CONFIRM_MS = 4000;
/** The override whose selection is given up once before it is selected anew. */
const GIVEN_UP_FIRST = 2;
/** For how long an override is selected, s: longer than any of them stands. */
const LONGEST_S = 600;

/** A command for a gateway, which is sent so many times. */
interface Order {
  readonly gateway: number;
  readonly body: CommandBody;
  readonly sends: number;
}

/** Gives overrides as people at the desk do, and as they should not. */
export class Operator {
  readonly #options: OperatorOptions;

  constructor(options: OperatorOptions) {
    this.#options = options;
  }

  /**
   * The first one names no selection. The others are selected before and confirmed within its time, and then somebody tries to confirm
   * another value by the same selection. The last is selected twice: the first time that is given up, and then tried all the same.
   */
  async override(fault: Extract<Fault, { kind: 'override' }>): Promise<void> {
    const { number, gateway, untilS, atS, sends } = fault;
    const waitsMs = number === 0 ? 0 : number === GIVEN_UP_FIRST ? 3 * CONFIRM_MS : CONFIRM_MS;
    const body = this.#commandOf(fault, Math.round(this.#plantNow()) + waitsMs + (untilS - atS) * 1000);
    if (number === 0) return this.#give({ gateway, body, sends });
    if (number !== GIVEN_UP_FIRST) return this.#selectAndConfirm({ gateway, body, sends });
    await this.#selectAndGiveUp(gateway, { ...body, id: `${body.id}-late` });
    this.#options.sim.clock.plant.after(2 * CONFIRM_MS, () => this.#selectAndConfirm({ gateway, body, sends }));
  }

  async #selectAndConfirm({ gateway, body, sends }: Order): Promise<void> {
    const { plant } = this.#options.sim.clock;
    const confirming = await this.#select(gateway, body);
    const again = { ...confirming, id: `${body.id}-again`, setpoint: apart(body, 1) };
    plant.after(CONFIRM_MS, () => this.#give({ gateway, body: confirming, sends }));
    plant.after(2 * CONFIRM_MS, () => this.#give({ gateway, body: again, sends: 1 }));
  }

  /** What would confirm it comes after the cancel, as from a page that has not heard of that. */
  async #selectAndGiveUp(gateway: number, body: CommandBody): Promise<void> {
    const { plant } = this.#options.sim.clock;
    const late = await this.#select(gateway, { ...body, setpoint: apart(body, 2) });
    const { device, reason, user, expiresAt } = late;
    const cancel = { id: `cancel-of-${late.selection}`, selection: late.selection };
    plant.after(CONFIRM_MS, async () => {
      this.#options.onCancel(cancel);
      await this.#send(gateway, { ...cancel, kind: 'cancel', device: device!, reason, user, expiresAt });
      await this.#give({ gateway, body: late, sends: 1 });
    });
  }

  /** Selects what an override is to do; answers what confirms it. */
  async #select(gateway: number, body: CommandBody): Promise<CommandBody & { selection: string }> {
    const selection = body.id.replace('override', 'select');
    await this.#send(gateway, { ...body, id: selection, kind: 'select', durationS: LONGEST_S });
    return { ...body, selection, durationS: LONGEST_S };
  }

  #commandOf({ gateway, number }: Extract<Fault, { kind: 'override' }>, expiresAt: number): CommandBody {
    const battery = this.#options.sim.region.substations[gateway]!.devices.find(({ type }) => type === 'battery')!;
    return {
      id: `override-${number}-${this.#options.seed}`,
      kind: 'override',
      device: battery.id,
      // As many digits as its wire carries: no ramp and no law passes it by chance.
      setpoint: { activePowerKw: 20.123457 + number * 10.217643 },
      reason: 'simulation',
      user: 'simulation',
      expiresAt,
    };
  }

  async #give({ gateway, body, sends }: Order): Promise<void> {
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
    await sim.cloud.dispatch.documents.sendCommand(sim.gateways[gateway]!.id, body);
  }

  #plantNow(): number {
    return this.#options.sim.clock.plant.now();
  }
}

/** A power of its own, so that it is known again, for what is not to act. */
const apart = ({ setpoint }: CommandBody, steps: number): { activePowerKw: number } => ({
  activePowerKw: setpoint!.activePowerKw! + steps * 3.100193,
});
