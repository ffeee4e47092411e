import type { Plant } from '../plant/plant.ts';
import type { Course, CourseEvent } from './course.ts';

/** Receives events that affect more than a plant, at their begin and end. */
export type Touch = (event: Extract<CourseEvent, { kind: 'wan' | 'access' | 'gateway' }>, begins: boolean) => void;

interface Due {
  readonly atMs: number;
  readonly act: () => void;
}

/** Applies a run's events to its plants, regardless of the arm; crews close tripped feeder heads. */
export class Happenings {
  readonly #course: Course;
  readonly #plants: readonly Plant[];
  readonly #touch: Touch;
  readonly #due: Due[] = [];
  readonly #tripped = new Set<string>();

  constructor(course: Course, plants: readonly Plant[], touch: Touch) {
    this.#course = course;
    this.#plants = plants;
    this.#touch = touch;
    for (const event of course.events) this.#plan(event);
  }

  /** Runs after each step of the plants. */
  step(nowMs: number): void {
    while (this.#due.length > 0 && this.#due[0]!.atMs <= nowMs) this.#due.shift()!.act();
    for (const plant of this.#plants)
      for (const { id, tripped } of plant.truth().feeders) {
        if (!tripped || this.#tripped.has(id)) continue;
        this.#tripped.add(id);
        this.#at(nowMs + 60_000 * this.#course.crewMinutes[id]!, () => {
          this.#tripped.delete(id);
          plant.resetRelay(id);
        });
      }
  }

  #plan(event: CourseEvent): void {
    const beginMs = this.#course.startMs + 1000 * event.atS;
    const endMs = beginMs + 1000 * event.s;
    switch (event.kind) {
      case 'spike': {
        const { feeder, share, s } = event;
        this.#at(beginMs, () => void this.#plantOf(feeder)?.spike({ feeder, share, durationS: s }));
        break;
      }
      case 'dark':
        this.#at(beginMs, () => this.#head(event.feeder, false));
        this.#at(endMs, () => this.#head(event.feeder, true));
        break;
      default:
        this.#at(beginMs, () => this.#touch(event, true));
        this.#at(endMs, () => this.#touch(event, false));
    }
  }

  #at(atMs: number, act: () => void): void {
    const behind = this.#due.findIndex((each) => each.atMs > atMs);
    this.#due.splice(behind < 0 ? this.#due.length : behind, 0, { atMs, act });
  }

  #plantOf(feeder: string): Plant | undefined {
    return this.#plants.find(({ id }) => feeder.startsWith(`${id}-`));
  }

  /** Switches a feeder head; a feeder whose relay has tripped meanwhile waits for its crew. */
  #head(feeder: string, closed: boolean): void {
    if (closed && this.#tripped.has(feeder)) return;
    this.#plantOf(feeder)?.setSwitch(`${feeder}-l1`, closed);
  }
}
