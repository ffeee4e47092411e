import type { TimeBounds } from './frame-reader.ts';

/** A gateway counts for this long after its last live frame, ms. */
const COUNTS_MS = 300_000;
const LOOK_MS = 1000;
/** A gateway alone may have the wrong clock itself. */
const LEAST = 2;

type Side = 'early' | 'late' | 'within';

/**
 * Tells a wrong clock of the cloud from a wrong clock of a gateway: the cloud's is in doubt while at least half of the gateways that send
 * live frames, and at least two, have times beyond the bounds on the same side.
 */
export class ClockDoubt {
  readonly #sides = new Map<string, { side: Side; at: number }>();
  readonly #onChange: (isDoubted: boolean) => void;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #isDoubted = false;

  constructor(onChange: (isDoubted: boolean) => void) {
    this.#onChange = onChange;
  }

  get isDoubted(): boolean {
    return this.#isDoubted;
  }

  /** A live frame of a gateway with this source time, ms UTC; `at`: machine time, ms. */
  saw(gateway: string, time: number, { earliest, latest }: TimeBounds, at: number): void {
    const side = time > latest ? 'late' : time < earliest ? 'early' : 'within';
    const isNew = this.#sides.get(gateway)?.side !== side;
    this.#sides.set(gateway, { side, at });
    if (!isNew && at - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = at;
    const counts = { early: 0, late: 0, within: 0 };
    for (const [id, each] of this.#sides)
      if (at - each.at > COUNTS_MS) this.#sides.delete(id);
      else counts[each.side]++;
    const most = Math.max(counts.early, counts.late);
    const isDoubted = most >= LEAST && 2 * most >= this.#sides.size;
    if (isDoubted === this.#isDoubted) return;
    this.#isDoubted = isDoubted;
    this.#onChange(isDoubted);
  }
}
