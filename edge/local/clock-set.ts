import type { Clock, TimeBase, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';

/** A clock before this date has not been set. */
const BUILT_MS = Date.UTC(2025, 0, 1);
const LOOK_MS = 5000;

/** What is wrong with a clock that is not set; undefined: it is set. Documents are checked against the time, so none is accepted before. */
export function clockFault(plant: Pick<TimeBase, 'now'>): string | undefined {
  const now = plant.now();
  if (now >= BUILT_MS) return undefined;
  const date = new Date(now).toISOString().slice(0, 10);
  return `clock: it shows ${date} and is not set, so plans are refused; set it, or use a time server`;
}

/** Keeps a line in `lacks` while the clock is not set. */
export function watchClock({ plant, machine }: Clock, lacks: string[]): Timer {
  let listed: string | undefined;
  const look = (): void => {
    const fault = clockFault(plant);
    if (fault === listed) return;
    const at = listed === undefined ? -1 : lacks.indexOf(listed);
    if (at >= 0) lacks.splice(at, 1);
    if (fault !== undefined) lacks.push(fault);
    listed = fault;
  };
  look();
  return every(machine, LOOK_MS, look);
}
