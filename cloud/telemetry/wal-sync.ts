import { open } from 'node:fs/promises';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';

/** A file that can be brought onto the medium. */
export interface Syncable {
  datasync(): Promise<void>;
  close(): Promise<void>;
}

export interface WalSyncOptions {
  readonly openLog?: (path: string) => Promise<Syncable>;
  /** Called once, as the medium refuses the log. */
  readonly onRefused?: () => unknown;
}

/**
 * Syncs committed data of a SQLite file in WAL mode to disk without blocking the committing thread. At `synchronous = NORMAL` the log is
 * synced only before checkpoints; `FULL` syncs in each commit (https://www.sqlite.org/pragma.html#pragma_synchronous). This does it behind
 * the commit: whoever promises durability, such as an acknowledgement, awaits `synced` first. A torn end of the log is dropped commit by
 * commit.
 */
export class WalSync {
  readonly #path: string;
  readonly #open: (path: string) => Promise<Syncable>;
  readonly #onRefused: () => unknown;
  #file: Promise<Syncable> | undefined;
  /** A commit that no synchronisation has begun after. */
  #waits = false;
  #running: Promise<void> | undefined;
  /** Begins once the running one is over: what is committed meanwhile waits for it. */
  #next: Promise<void> | undefined;
  #failure: LoadstoneError | undefined;

  /** `path` of the database; nothing is to be done for `:memory:`. */
  constructor(path: string, { openLog = (log) => open(log, 'r+'), onRefused = () => undefined }: WalSyncOptions = {}) {
    this.#path = path;
    this.#open = openLog;
    this.#onRefused = onRefused;
  }

  /**
   * Something was committed. Throws LS-STORE-001 where the medium has refused what was committed before: from then on, as the system
   * may have dropped what it could not write, and a later success would tell nothing of it (Rebello et al., Can Applications Recover
   * from fsync Failures?, USENIX ATC 2020).
   */
  committed(): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#waits = this.#path !== ':memory:';
  }

  /** Resolves once all that was committed before the call is on the medium, and rejects as `committed` throws. Calls share the wait. */
  async synced(): Promise<void> {
    if (this.#waits) {
      // It is awaited below.
      if (this.#running === undefined) this.#begin().catch(() => undefined);
      else this.#next ??= this.#running.catch(() => undefined).then(() => this.#begin());
    }
    await (this.#next ?? this.#running);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Waits for what is under way and lets the log go. */
  async close(): Promise<void> {
    await (this.#next ?? this.#running)?.catch(() => undefined);
    await this.#file?.then((file) => file.close()).catch(() => undefined);
    this.#file = undefined;
  }

  #begin(): Promise<void> {
    this.#next = undefined;
    this.#waits = false;
    const running = this.#sync().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    return (this.#running = running);
  }

  async #sync(): Promise<void> {
    try {
      this.#file ??= this.#open(`${this.#path}-wal`);
      await (await this.#file).datasync();
    } catch (error) {
      const isFirst = this.#failure === undefined;
      this.#failure ??= new LoadstoneError('LS-STORE-001', `${this.#path} cannot be kept: ${String(error)}`);
      if (isFirst) this.#onRefused();
      throw this.#failure;
    }
  }
}
