import { stat } from 'node:fs/promises';

/** Files that are replaced in one go, and taken in when they have changed. */
export class FollowedFiles {
  readonly #paths: readonly string[];
  readonly #onFault: (error: unknown) => void;
  #taken: string | undefined;
  #said: string | undefined;

  constructor(paths: readonly string[], onFault: (error: unknown) => void) {
    this.#paths = paths;
    this.#onFault = onFault;
  }

  /** What stands there could not be taken in: it is to be looked at again without a notice. */
  get isAtFault(): boolean {
    return this.#said !== undefined;
  }

  /** They count as changed at the next look. */
  forget(): void {
    this.#taken = undefined;
  }

  /**
   * Takes in what has changed. It counts as taken once that is done, since a look may fall into the middle of a write; what fails leaves
   * the last word in force, is told once, and is tried again at each look.
   */
  async look(takeIn: () => void | Promise<void>): Promise<void> {
    const marks = (await Promise.all(this.#paths.map(markOf))).join('\n');
    try {
      if (marks !== this.#taken) await takeIn();
      this.#taken = marks;
      this.#said = undefined;
    } catch (error) {
      const why = String(error);
      if (this.#said !== why) this.#onFault(error);
      this.#said = why;
    }
  }
}

const markOf = (path: string): Promise<string> =>
  stat(path, { bigint: true }).then(
    ({ ino, size, mtimeNs }) => [ino, size, mtimeNs].join(' '),
    (error: NodeJS.ErrnoException) => String(error.code),
  );
