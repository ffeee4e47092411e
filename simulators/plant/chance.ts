import { gaussian, SeededRandom, type Random } from '../../shared/ports/random.ts';

/** Random draws of one moment. Each plant time has its own generator, so a run resumes from its time alone. */
export const momentRandom = (seed: number, stream: string, timeMs: number): Random =>
  new SeededRandom((seed + Math.imul(Math.floor(timeMs / 1000), 0x9e3779b9)) >>> 0, stream);

/** Exact Ornstein-Uhlenbeck step of any length: mean 0, standard deviation 1, time constant `tauS`. */
export function drift(value: number, tauS: number, dtS: number, random: Random): number {
  const keep = Math.exp(-dtS / tauS);
  return value * keep + Math.sqrt(1 - keep * keep) * gaussian(random);
}

/** Uniform in [low, high). */
export const between = (random: Random, low: number, high: number): number => low + (high - low) * random.next();
