/** A command that is not accepted within these no longer counts, plant time and machine time. */
const PLANT_MS = 2 * 60_000;
const MACHINE_MS = 15_000;

/** How long a command may be accepted, ms of plant time; if plant time runs fast, at least what passes in transit. */
export const acceptWindowMs = (speed: number): number => Math.max(PLANT_MS, MACHINE_MS * speed);
