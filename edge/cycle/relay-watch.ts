import { finite, type Image } from '../control/image.ts';
import type { Site } from './step-types.ts';

/** IEC 60255-151 standard inverse: the time to trip is the multiplier x 0.14 / ((current / pick-up)^0.02 - 1), s. */
const INVERSE = { factor: 0.14, exponent: 0.02 } as const;

interface PickedUp {
  /** Progress towards the trip; 1: it trips. */
  readonly share: number;
  /** Last measured current, A. */
  readonly currentA: number;
  readonly pickUpA: number;
}

/**
 * Models the overcurrent relays of elements from the measured current: it integrates like they do, resets at once below the
 * pick-up, and holds its value while the meter is silent.
 */
export class RelayWatch {
  readonly #travelled = new Map<string, PickedUp>();

  /** Returns the elements whose relay has picked up. */
  update({ elements, stepS }: Image, guarded: Site['elements']): ReadonlyMap<string, PickedUp> {
    for (const { id, relay } of guarded) {
      const { fresh = false, currentA = null } = elements.get(id) ?? {};
      if (relay === undefined || !fresh || !finite(currentA)) continue;
      const multiple = currentA / relay.pickUpA;
      if (!(multiple > 1)) {
        this.#travelled.delete(id);
        continue;
      }
      const tripS = (relay.timeMultiplier * INVERSE.factor) / (multiple ** INVERSE.exponent - 1);
      const share = Math.min(1, (this.#travelled.get(id)?.share ?? 0) + stepS / tripS);
      this.#travelled.set(id, { share, currentA, pickUpA: relay.pickUpA });
    }
    return this.#travelled;
  }
}
