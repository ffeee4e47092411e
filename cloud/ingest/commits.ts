import { messageOf } from '../../shared/outcome/message-of.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { LedgerChange, LedgerStore } from './ledger-store.ts';

/**
 * Writes ledger changes to the store, one commit at a time; changes that arrive meanwhile wait for the next commit. If a commit fails, the
 * waiting changes fail too, because they build on it; memory is then reloaded from the store.
 */
export class Commits {
  readonly #store: Pick<LedgerStore, 'commit'>;
  readonly #reload: () => Promise<void>;
  #waiting: LedgerChange[] = [];
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  /** A commit failed; memory is ahead of the store until it is reloaded. */
  #isAhead = false;
  #following: Promise<void> | undefined;

  constructor(store: Pick<LedgerStore, 'commit'>, reload: () => Promise<void>) {
    this.#store = store;
    this.#reload = reload;
  }

  /** Undefined if memory may be changed now; otherwise resolves once it may. */
  ready(): Promise<void> | undefined {
    return this.#isAhead ? this.#follow() : undefined;
  }

  add(change: LedgerChange): void {
    this.#waiting.push(change);
  }

  /** Resolves once everything added before the call is stored; rejects with LS-STORE-001 if it cannot be. Calls share the wait. */
  async stored(): Promise<void> {
    if (this.#isAhead) {
      await this.#follow();
      // The state that the caller relied on may be gone.
      throw new LoadstoneError('LS-STORE-001', 'ledger: the last changes could not be stored');
    }
    if (this.#waiting.length > 0) this.#next ??= this.#turn();
    await (this.#next ?? this.#running);
  }

  /** Commits what waits, after the commit in flight. */
  async #turn(): Promise<void> {
    try {
      await this.#running;
    } finally {
      this.#next = undefined;
    }
    const running = this.#commit();
    this.#running = running;
    try {
      await running;
    } finally {
      if (this.#running === running) this.#running = undefined;
    }
  }

  async #commit(): Promise<void> {
    const changes = this.#waiting;
    this.#waiting = [];
    try {
      await this.#store.commit(changes);
    } catch (error) {
      this.#isAhead = true;
      this.#waiting = [];
      await this.#follow().catch(() => undefined);
      throw away(error);
    }
  }

  #follow(): Promise<void> {
    return (this.#following ??= this.#readAgain().finally(() => {
      this.#following = undefined;
    }));
  }

  async #readAgain(): Promise<void> {
    try {
      await this.#reload();
      this.#isAhead = false;
    } catch (error) {
      throw away(error);
    }
  }
}

const away = (error: unknown): LoadstoneError => new LoadstoneError('LS-STORE-001', `ledger: ${messageOf(error)}`);
