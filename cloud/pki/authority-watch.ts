import { stat } from 'node:fs/promises';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { ChangeNotice } from '../../shared/files/change-notice.ts';
import { every } from '../../shared/time/every.ts';
import { pkiFiles } from './authority-files.ts';
import { readStandings, type Standings } from './standing.ts';

export interface AuthorityWatchOptions {
  readonly data: string;
  readonly time: TimeBase;
  /** An admin said something of a gateway. */
  readonly onStandings: (standings: Standings) => void;
  /** There is another issuer or root, or an hour has passed. */
  readonly onAuthority: () => Promise<void>;
  readonly onTick: () => void;
  readonly onFault: (error: unknown) => void;
}

/** A revocation is to count within a second. Files are replaced in one go, so a single look is enough. */
const EACH_MS = 250;
const LOOKS_AN_HOUR = 3_600_000 / EACH_MS;
/** Without a notice it looks each ten seconds: another machine may have written. */
const LOOKS_UNASKED = 10_000 / EACH_MS;

/**
 * Follows what "loadstone pki" says while the cloud runs. What cannot be read leaves the last word in force, is told once, and is tried
 * again at each look.
 */
export class AuthorityWatch {
  readonly #options: AuthorityWatchOptions;
  /** How the files stood when they were last taken in, by the first of them. */
  readonly #taken = new Map<string, string>();
  readonly #said = new Map<string, string>();
  readonly #notice: ChangeNotice;
  #looks = 0;
  #timer: Timer | undefined;

  constructor(options: AuthorityWatchOptions) {
    this.#options = options;
    this.#notice = new ChangeNotice(pkiFiles(options.data).folder);
  }

  start(): void {
    this.#timer = every(this.#options.time, EACH_MS, () => this.#look());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#notice.stop();
  }

  async #look(): Promise<void> {
    const { data, onStandings, onAuthority, onTick } = this.#options;
    const { standing, issuer, roots } = pkiFiles(data);
    const isFirst = this.#looks++ === 0;
    const isHour = this.#looks % LOOKS_AN_HOUR === 0;
    if (isHour) this.#taken.delete(issuer);
    const isAsked = this.#notice.take() || this.#said.size > 0;
    if (isAsked || isHour || this.#looks % LOOKS_UNASKED === 0) {
      await this.#follow([standing], () => onStandings(readStandings(data)));
      await this.#follow([issuer, roots], isFirst ? () => undefined : onAuthority);
    }
    onTick();
  }

  /** Files count as taken in once that is done: a look may fall into the middle of a write. */
  async #follow(files: readonly string[], takeIn: () => void | Promise<void>): Promise<void> {
    const [first = ''] = files;
    const marks = (await Promise.all(files.map(markOf))).join('\n');
    if (this.#taken.get(first) === marks) return;
    try {
      await takeIn();
      this.#taken.set(first, marks);
      this.#said.delete(first);
    } catch (error) {
      const why = String(error);
      if (this.#said.get(first) !== why) this.#options.onFault(error);
      this.#said.set(first, why);
    }
  }
}

const markOf = (file: string): Promise<string> =>
  stat(file, { bigint: true }).then(
    ({ ino, size, mtimeNs }) => [ino, size, mtimeNs].join(' '),
    (error: NodeJS.ErrnoException) => String(error.code),
  );
