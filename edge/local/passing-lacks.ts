import type { TimeBase, Timer } from '../../shared/time/clock.ts';

const LISTED_MS = 600_000;
const MOST = 20;

/** Lines among what the site lacks that go away ten minutes after they were last reported. At most twenty at a time. */
export class PassingLacks {
  readonly #lacks: string[];
  readonly #time: TimeBase;
  readonly #timers = new Map<string, Timer>();

  constructor(lacks: string[], time: TimeBase) {
    this.#lacks = lacks;
    this.#time = time;
  }

  /** Returns whether the line is new. */
  add(line: string): boolean {
    const listed = this.#timers.get(line);
    if (listed === undefined && this.#timers.size >= MOST) return false;
    listed?.cancel();
    if (listed === undefined) this.#lacks.push(line);
    this.#timers.set(
      line,
      this.#time.after(LISTED_MS, () => {
        this.#timers.delete(line);
        this.#lacks.splice(this.#lacks.indexOf(line), 1);
      }),
    );
    return listed === undefined;
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer.cancel();
  }
}
