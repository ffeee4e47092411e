import type { Random } from '../../shared/ports/random.ts';

/** Durations of a step test, in looks of one second: first the device is left alone, then it is switched on and off. */
export interface Course {
  readonly quietLooks: number;
  readonly stepLooks: number;
  /** Shortest and longest time that the device stays on or off. */
  readonly dwell: readonly [least: number, most: number];
}

/** Draws when the device is on (1) and off (0), one entry a look, at random times that nothing unrelated can match. */
export function drawCourse(random: Random, { quietLooks, stepLooks, dwell: [least, most] }: Course): Uint8Array {
  const on = new Uint8Array(quietLooks + stepLooks);
  let at = quietLooks + Math.floor(random.next() * (most - least + 1));
  for (let state = 1; at < on.length; state = 1 - state) {
    const until = at + least + Math.floor(random.next() * (most - least + 1));
    if (state === 1) on.fill(1, at, until);
    at = until;
  }
  return on;
}
