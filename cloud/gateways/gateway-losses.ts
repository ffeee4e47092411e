import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { eventSays, type EventForm } from '../../shared/sentences/event-forms.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';

export interface GatewayLossesOptions {
  readonly plant: TimeBase;
  report(gateway: string, event: LoadstoneEvent): void;
  /** Whether a gateway is reported as lost, by this run or an earlier one. */
  isLost(gateway: string): boolean;
}

/** After a start of the cloud, each known gateway must be born again within this time, ms of plant time. */
const FIRST_BIRTH_MS = 5 * 60_000;

const BACK = 'Gateway {gateway} is back.';

/** Reports that a gateway is lost or back: one condition, whatever the number of its devices. */
export class GatewayLosses {
  readonly #options: GatewayLossesOptions;
  readonly #back = new Set<string>();
  #timer: Timer | undefined;

  constructor(options: GatewayLossesOptions) {
    this.#options = options;
  }

  /** `known`: gateways that were ever born. */
  start(known: readonly string[]): void {
    this.#timer = this.#options.plant.after(FIRST_BIRTH_MS, () => {
      for (const gateway of known)
        if (!this.#back.has(gateway))
          this.#tell(gateway, 'Gateway {gateway} has not been heard since the cloud started.');
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  gone(gateway: string): void {
    if (!this.#options.isLost(gateway))
      this.#tell(gateway, 'Gateway {gateway} is lost; it goes on by its plan, then by itself.');
  }

  back(gateway: string): void {
    this.#back.add(gateway);
    if (this.#options.isLost(gateway)) this.#tell(gateway, BACK);
  }

  #tell(gateway: string, what: EventForm<'LS-GATEWAY-001'>): void {
    this.#options.report(gateway, {
      time: this.#options.plant.now(),
      kind: 'alarm',
      severity: what === BACK ? 'info' : 'medium',
      ...eventSays('LS-GATEWAY-001', what, { gateway }),
      active: what !== BACK,
    });
  }
}
