import { stat } from 'node:fs/promises';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
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

/** Follows what "loadstone pki" says while the cloud runs. What cannot be read leaves the last word in force, and is told once. */
export class AuthorityWatch {
  readonly #options: AuthorityWatchOptions;
  readonly #seen = new Map<string, string>();
  #looks = 0;
  #timer: Timer | undefined;

  constructor(options: AuthorityWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = every(this.#options.time, EACH_MS, () => this.#look());
  }

  stop(): void {
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    const { data, onStandings, onAuthority, onTick, onFault } = this.#options;
    const { standing, issuer, roots } = pkiFiles(data);
    const isFirst = this.#looks++ === 0;
    try {
      if (await this.#changed(standing)) onStandings(readStandings(data));
      const isOther = (await Promise.all([this.#changed(issuer), this.#changed(roots)])).includes(true);
      if ((isOther && !isFirst) || this.#looks % LOOKS_AN_HOUR === 0) await onAuthority();
      onTick();
    } catch (error) {
      onFault(error);
    }
  }

  async #changed(file: string): Promise<boolean> {
    const mark = await stat(file, { bigint: true }).then(
      ({ ino, size, mtimeNs }) => [ino, size, mtimeNs].join(' '),
      (error: NodeJS.ErrnoException) => String(error.code),
    );
    const before = this.#seen.get(file);
    this.#seen.set(file, mark);
    return before !== mark;
  }
}
