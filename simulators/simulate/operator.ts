import type { CommandBody } from '../../shared/contracts/document.ts';
import type { RegionSim } from '../sim/region-sim.ts';
import type { Fault } from './faults.ts';

/** An override as requested. */
export interface GivenOverride {
  readonly id: string;
  readonly gateway: string;
  readonly device: string;
  /** An unusual value on purpose, which no control law produces. */
  readonly activePowerKw: number;
  readonly givenAt: number;
  readonly expiresAt: number;
  /** The selection that it confirms; undefined if the override needs none, as from an older cloud. */
  readonly selection: string | undefined;
}

/** A cancelled selection. */
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

/** Delay of a resend, by the network or by an operator's second click. */
const AGAIN_MS = 7000;
/** Time from a selection to its confirmation or cancel, and from there to the next step. */
const CONFIRM_MS = 4000;
/** Number of the override whose selection is cancelled once before it is selected again. */
const GIVEN_UP_FIRST = 2;
/** Duration in a selection, s: longer than any override. */
const LONGEST_S = 600;

/** A command for a gateway and how often it is sent. */
interface Order {
  readonly gateway: number;
  readonly body: CommandBody;
  readonly sends: number;
}

/** Issues overrides as operators do, and as they should not. */
export class Operator {
  readonly #options: OperatorOptions;

  constructor(options: OperatorOptions) {
    this.#options = options;
  }

  /**
   * The first override has no selection. The others are selected first and confirmed in time, then a second value is tried with the same
   * selection. The last is selected twice: the first selection is cancelled, then an override with it is tried anyway.
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

  /** The confirmation arrives after the cancel, as from a page that has not seen the cancel. */
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

  /** Selects an override; returns the command that confirms it. */
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
      // As many digits as the wire carries, so that no ramp or control law hits it by chance.
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

/** A recognisable power for overrides that must not act. */
const apart = ({ setpoint }: CommandBody, steps: number): { activePowerKw: number } => ({
  activePowerKw: setpoint!.activePowerKw! + steps * 3.100193,
});
