import { Type, type Static } from 'typebox';
import { Origin, Quality } from './ids.ts';
import type { Immutable } from './immutable.ts';

/** A measurement at one moment, from driver to page: how much, how far to trust it, where it comes from, and when it was so. */
export const Sample = Type.Object({
  value: Type.Number(),
  quality: Quality,
  origin: Origin,
  /** Source time, plant time, ms UTC. */
  time: Type.Number(),
});
export type Sample = Immutable<Static<typeof Sample>>;

/** What something speaks against is no longer good. */
export const doubted = (quality: Quality): Quality => (quality === 'good' ? 'uncertain' : quality);
