import { gaussian, SeededRandom, type Random } from '../../../shared/ports/random.ts';
import { drawCourse, type Course } from '../step-course.ts';
import { followed } from '../step-fit.ts';
import { judgeSteps } from '../step-verdict.ts';

/** Unrelated load at a meter, of the given size, kW. */
export interface Noise {
  readonly name: string;
  readonly draw: (random: Random, looks: number, sizeKw: number) => number[];
}

const MEMORY_S = 20;

export const noises = {
  white: {
    name: 'white noise',
    draw: (random, looks, sizeKw) => Array.from({ length: looks }, () => sizeKw * gaussian(random)),
  },
  autocorrelated: {
    name: 'autocorrelated noise',
    draw: (random, looks, sizeKw) => {
      const share = Math.exp(-1 / MEMORY_S);
      let value = sizeKw * gaussian(random);
      return Array.from({ length: looks }, () => {
        value = share * value + Math.sqrt(1 - share * share) * sizeKw * gaussian(random);
        return value;
      });
    },
  },
  neighbour: {
    name: 'a neighbour that switches on and off',
    draw: (random, looks, sizeKw) => {
      const period = 10 + 80 * random.next();
      const phase = random.next();
      const share = 0.3 + 0.4 * random.next();
      return Array.from(
        { length: looks },
        (_, at) => ((at / period + phase) % 1 < share ? sizeKw : 0) + 0.1 * gaussian(random),
      );
    },
  },
} satisfies Record<string, Noise>;

const COURSE: Course = { quietLooks: 30, stepLooks: 260, dwell: [6, 24] };
const STEP_KW = 20;

/**
 * Share of step tests that end with PROVEN. A related meter sees the device, an unrelated one only the noise, which is as large as
 * the step.
 */
export function provenShare(
  { name, draw }: Noise,
  { trials, related }: { readonly trials: number; readonly related: boolean },
): number {
  let proven = 0;
  for (let trial = 0; trial < trials; trial++) {
    const random = new SeededRandom(trial, `${name} ${related}`);
    const on = drawCourse(random, COURSE);
    const noise = draw(random, on.length, STEP_KW);
    const steps = followed(on, { delay: 1 + Math.floor(4 * random.next()), lag: trial % 2 });
    const samples = Array.from(steps, (step, at) => ({
      deviceKw: STEP_KW * step + 0.1 * gaussian(random),
      meterKw: 300 + noise[at]! + (related ? STEP_KW * step : 0),
    }));
    const verdict = judgeSteps({ targetKw: STEP_KW, limit: false, course: COURSE, on, samples, random });
    if (verdict.proven) proven++;
  }
  return proven / trials;
}
