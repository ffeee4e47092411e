import { open } from 'node:fs/promises';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';

/** A file that can be synced to the medium. */
export interface Syncable {
  datasync(): Promise<void>;
  close(): Promise<void>;
}

export interface WalSyncOptions {
  readonly openLog?: (path: string) => Promise<Syncable>;
  /** Called once, when the medium refuses the log. */
  readonly onRefused?: () => unknown;
}

/**
 * Syncs committed data of a SQLite file in WAL mode to disk without blocking the committing thread. At `synchronous = NORMAL` the log is
 * synced only before checkpoints; `FULL` syncs in each commit (https://www.sqlite.org/pragma.html#pragma_synchronous). This syncs after the
 * commit: a caller that promises durability, such as an acknowledgement, awaits `synced` first. SQLite drops a torn end of the log commit
 * by commit.
 */
export class WalSync {
  readonly #path: string;
  readonly #open: (path: string) => Promise<Syncable>;
  readonly #onRefused: () => unknown;
  #file: Promise<Syncable> | undefined;
  /** There is a commit that no sync has started after. */
  #waits = false;
  #running: Promise<void> | undefined;
  /** Starts after the running sync; commits made meanwhile wait for it. */
  #next: Promise<void> | undefined;
  #failure: LoadstoneError | undefined;

  /** `path` of the database; `:memory:` needs no sync. */
  constructor(path: string, { openLog = (log) => open(log, 'r+'), onRefused = () => undefined }: WalSyncOptions = {}) {
    this.#path = path;
    this.#open = openLog;
    this.#onRefused = onRefused;
  }

  /**
   * Records a commit. Throws LS-STORE-001 for good once the medium has refused an earlier one: the system may have dropped what it could
   * not write, and a later success would not reveal that (Rebello et al., Can Applications Recover from fsync Failures?, USENIX ATC 2020).
   */
  committed(): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#waits = this.#path !== ':memory:';
  }

  /** Resolves once everything committed before the call is on the medium; rejects as `committed` throws. Calls share the wait. */
  async synced(): Promise<void> {
    if (this.#waits) {
      // Awaited below.
      if (this.#running === undefined) this.#begin().catch(() => undefined);
      else this.#next ??= this.#running.catch(() => undefined).then(() => this.#begin());
    }
    await (this.#next ?? this.#running);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Waits for a running sync and closes the log. */
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
      this.#failure ??= new LoadstoneError('LS-STORE-001', `${this.#path} cannot be stored: ${String(error)}`);
      if (isFirst) this.#onRefused();
      throw this.#failure;
    }
  }
}
