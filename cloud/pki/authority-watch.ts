import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { ChangeNotice } from '../../shared/files/change-notice.ts';
import { FollowedFiles } from './followed-files.ts';
import { every } from '../../shared/time/every.ts';
import { pkiFiles } from './authority-files.ts';
import { readStandings, type Standings } from './standing.ts';

export interface AuthorityWatchOptions {
  readonly data: string;
  readonly time: TimeBase;
  /** The standing of a gateway has changed. */
  readonly onStandings: (standings: Standings) => void;
  /** The issuer or a root has changed, or an hour has passed. */
  readonly onAuthority: () => Promise<void>;
  readonly onTick: () => void;
  readonly onFault: (error: unknown) => void;
}

/** A revocation must take effect within a second. Files are replaced atomically, so a single look is enough. */
const EACH_MS = 250;
const LOOKS_AN_HOUR = 3_600_000 / EACH_MS;
/** Looks every ten seconds even without a notification: another machine may have written. */
const LOOKS_UNASKED = 10_000 / EACH_MS;

/**
 * Follows changes by "loadstone pki" while the cloud runs. If a file cannot be read, its last content stays in force; the error is reported
 * once and the read is retried at each look.
 */
export class AuthorityWatch {
  readonly #options: AuthorityWatchOptions;
  readonly #standing: FollowedFiles;
  readonly #authority: FollowedFiles;
  readonly #notice: ChangeNotice;
  #looks = 0;
  #timer: Timer | undefined;

  constructor(options: AuthorityWatchOptions) {
    this.#options = options;
    const { folder, standing, issuer, roots } = pkiFiles(options.data);
    this.#standing = new FollowedFiles([standing], options.onFault);
    this.#authority = new FollowedFiles([issuer, roots], options.onFault);
    this.#notice = new ChangeNotice(folder);
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
    const isFirst = this.#looks++ === 0;
    const isHour = this.#looks % LOOKS_AN_HOUR === 0;
    if (isHour) this.#authority.forget();
    const isAsked = this.#notice.take() || this.#standing.isAtFault || this.#authority.isAtFault;
    if (isAsked || isHour || this.#looks % LOOKS_UNASKED === 0) {
      await this.#standing.look(() => onStandings(readStandings(data)));
      await this.#authority.look(isFirst ? () => undefined : onAuthority);
    }
    onTick();
  }
}
