import { finite, type Image } from '../control/image.ts';
import type { Site } from './step-types.ts';

/** IEC 60255-151 standard inverse: the time to trip is the multiplier x 0.14 / ((current / pick-up)^0.02 - 1), s. */
const INVERSE = { factor: 0.14, exponent: 0.02 } as const;

/**
 * Follows the overcurrent relays of elements by the measured current: it integrates as they do, resets at once below the pick-up, and
 * keeps its value while the meter is silent.
 */
export class RelayWatch {
  readonly #travelled = new Map<string, number>();

  /** Of each element whose relay has picked up, the share of its way to the trip; 1: it trips. */
  update({ elements, stepS }: Image, guarded: Site['elements']): ReadonlyMap<string, number> {
    for (const { id, relay } of guarded) {
      const { fresh = false, currentA = null } = elements.get(id) ?? {};
      if (relay === undefined || !fresh || !finite(currentA)) continue;
      const multiple = currentA / relay.pickUpA;
      if (!(multiple > 1)) {
        this.#travelled.delete(id);
        continue;
      }
      const tripS = (relay.timeMultiplier * INVERSE.factor) / (multiple ** INVERSE.exponent - 1);
      this.#travelled.set(id, Math.min(1, (this.#travelled.get(id) ?? 0) + stepS / tripS));
    }
    return this.#travelled;
  }
}
