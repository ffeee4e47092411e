import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import type { GatewayBook } from './gateway-book.ts';

export interface UnheardGatewaysOptions {
  readonly plant: TimeBase;
  readonly gateways: Pick<GatewayBook, 'upAndUnheard'>;
  readonly onLost: (gateway: string) => void | Promise<void> | undefined;
}

/** A gateway tells of its health at least each 120 s. */
const PATIENCE_MS = 5 * 60_000;

/**
 * A broker that was away has told nobody's death. Who was up before and says nothing within five minutes of plant time after it is back
 * counts as lost.
 */
export class UnheardGateways {
  readonly #options: UnheardGatewaysOptions;
  #timer: Timer | undefined;

  constructor(options: UnheardGatewaysOptions) {
    this.#options = options;
  }

  /** The broker is back. */
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
