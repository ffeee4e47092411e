import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import type { GatewayBook } from './gateway-book.ts';

export interface UnheardGatewaysOptions {
  readonly plant: TimeBase;
  readonly gateways: Pick<GatewayBook, 'upAndUnheard'>;
  readonly onLost: (gateway: string) => void | Promise<void> | undefined;
}

/** A gateway reports its health at least every 120 s. */
const PATIENCE_MS = 5 * 60_000;

/**
 * A broker that was down has not reported any gateway's death. A gateway that was up before and stays silent for five minutes of plant time
 * after the broker is back counts as lost.
 */
export class UnheardGateways {
  readonly #options: UnheardGatewaysOptions;
  #timer: Timer | undefined;

  constructor(options: UnheardGatewaysOptions) {
    this.#options = options;
  }

  /** To be called when the broker is back. */
  look(): void {
    const { plant, gateways, onLost } = this.#options;
    const since = plant.now();
    this.#timer?.cancel();
    this.#timer = plant.after(PATIENCE_MS, async () => {
      for (const gateway of gateways.upAndUnheard(since)) await onLost(gateway);
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }
}
