import type { LoadSeries } from '../../../shared/forecast/series.ts';
import { SeededRandom } from '../../../shared/ports/random.ts';

const STEP_S = 900;
const STEP_MS = STEP_S * 1000;
const STEPS_A_DAY = 96;
const DAYS_BEFORE = 56;
const DAYS = 90;

/** Eight weeks of the load lie before this time and five after it; ms UTC. */
export const T0 = Date.UTC(2021, 8, 25);

const random = new SeededRandom(3);
const noise = Array.from({ length: DAYS * STEPS_A_DAY }, () => random.next());

/** A daily wave with noise, around a level that differs from day to day, kW. */
export function loadAt(time: number): number {
  const i = (time - T0) / STEP_MS + DAYS_BEFORE * STEPS_A_DAY;
  const day = Math.sin(Math.floor(i / STEPS_A_DAY) * 1.7) * 150;
  return 1200 + day + 600 * Math.sin((i / STEPS_A_DAY) * 2 * Math.PI) + 120 * noise[Math.floor(i)]!;
}

/** The days up to T0. */
export function history(days: number): LoadSeries {
  const start = T0 - days * STEPS_A_DAY * STEP_MS;
  const values = Float64Array.from({ length: days * STEPS_A_DAY }, (_, i) => loadAt(start + i * STEP_MS));
  return { start, stepS: STEP_S, values };
}
