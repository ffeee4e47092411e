import { Type, type Static } from 'typebox';
import { Origin, Quality } from './ids.ts';
import type { Immutable } from './immutable.ts';

/** A measurement at one moment, from driver to page: value, quality, origin and source time. */
export const Sample = Type.Object({
  value: Type.Number(),
  quality: Quality,
  origin: Origin,
  /** Source time, plant time, ms UTC. */
  time: Type.Number(),
});
export type Sample = Immutable<Static<typeof Sample>>;

/** Quality of a value that other evidence contradicts: good becomes uncertain. */
export const doubted = (quality: Quality): Quality => (quality === 'good' ? 'uncertain' : quality);
