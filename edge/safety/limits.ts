import type { PowerRange } from '../../shared/contracts/plan.ts';

/** The limits by rank: where they leave no room, the earlier wins and the later is named as the loser. */
export const limitOrder = [
  'rating',
  'contract',
  'state-of-charge',
  'run-time',
  'floor',
  'guard',
  'grid-limit',
  'envelope',
] as const;
export type LimitName = (typeof limitOrder)[number];

export interface Layer {
  readonly name: LimitName;
  readonly range: PowerRange;
  /** The reason in words. */
  readonly reason: string;
}

export interface Intersection {
  readonly range: PowerRange;
  /** The layer that set each end. */
  readonly minBy: Layer | null;
  readonly maxBy: Layer | null;
  /** Layers that could not be kept because an earlier one left them nothing. */
  readonly losers: readonly Layer[];
}

const usable = (value: number, fallback: number): number => (Number.isNaN(value) ? fallback : value);

/**
 * Intersects the layers in the order given. A layer that would leave nothing moves the range to its nearest end and is listed as a
 * loser. A bound that is not a number counts as no bound; the first layer (the rating) must be finite.
 */
export function intersect(layers: readonly Layer[]): Intersection {
  let [minKw, maxKw] = [-Infinity, Infinity];
  let [minBy, maxBy]: [Layer | null, Layer | null] = [null, null];
  const losers: Layer[] = [];
  for (const layer of layers) {
    const low = usable(layer.range.minKw, -Infinity);
    const high = usable(layer.range.maxKw, Infinity);
    const lost = low > maxKw || high < minKw || low > high;
    if (lost) losers.push(layer);
    const nextMin = Math.min(Math.max(minKw, low), maxKw);
    const nextMax = Math.max(Math.min(maxKw, high), minKw);
    if (nextMin > nextMax) continue;
    if (nextMin > minKw) [minKw, minBy] = [nextMin, layer];
    if (nextMax < maxKw) [maxKw, maxBy] = [nextMax, layer];
  }
  return { range: { minKw, maxKw }, minBy, maxBy, losers };
}
