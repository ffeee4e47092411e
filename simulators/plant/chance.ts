import { gaussian, SeededRandom, type Random } from '../../shared/ports/random.ts';

/**
 * The draws of one moment: a generator of its own for each plant time, so that nothing but the time has to be kept to go on
 * where a run stood.
 */
export const momentRandom = (seed: number, stream: string, timeMs: number): Random =>
  new SeededRandom((seed + Math.imul(Math.floor(timeMs / 1000), 0x9e3779b9)) >>> 0, stream);

/** Ornstein-Uhlenbeck step, exact in its length: mean 0, standard deviation 1, time constant `tauS`. */
export function drift(value: number, tauS: number, dtS: number, random: Random): number {
  const keep = Math.exp(-dtS / tauS);
  return value * keep + Math.sqrt(1 - keep * keep) * gaussian(random);
}

/** Uniform in [low, high). */
export const between = (random: Random, low: number, high: number): number => low + (high - low) * random.next();
