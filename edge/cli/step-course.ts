import type { Random } from '../../shared/ports/random.ts';

/** How long a step test looks, in looks of one second: at first the device is left alone, then it is switched on and off. */
export interface Course {
  readonly quietLooks: number;
  readonly stepLooks: number;
  /** The least and the most that the device stays on or off. */
  readonly dwell: readonly [least: number, most: number];
}

/** When the device is on (1) and off (0), a look each: switched at times that nothing else can follow. */
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
