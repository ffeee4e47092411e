import { stat } from 'node:fs/promises';

/** Follows files that are replaced atomically, and loads them after a change. */
export class FollowedFiles {
  readonly #paths: readonly string[];
  readonly #onFault: (error: unknown) => void;
  #taken: string | undefined;
  #said: string | undefined;

  constructor(paths: readonly string[], onFault: (error: unknown) => void) {
    this.#paths = paths;
    this.#onFault = onFault;
  }

  /** The current content could not be loaded; look again even without a notification. */
  get isAtFault(): boolean {
    return this.#said !== undefined;
  }

  /** Treats the files as changed at the next look. */
  forget(): void {
    this.#taken = undefined;
  }

  /**
   * Loads changed files. They count as loaded only after success, since a look may fall into the middle of a write. After a failure the
   * last content stays in force; the error is reported once and loading is retried at each look.
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
