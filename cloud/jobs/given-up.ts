import { LoadstoneError, type Fault, type Outcome } from '../../shared/outcome/outcome.ts';
import { Turns } from '../../shared/time/turns.ts';
import type { GivenUpJob, JobStore } from './job-store.ts';

/** Work of the cloud's own, which nobody submitted. */
export interface OwnWork {
  readonly kind: 'plan' | 'training';
  /** What is planned or trained: a substation or a target. */
  readonly subject: string;
}

interface GivenUpOptions {
  readonly store: JobStore;
  /** Machine time, ms UTC. */
  readonly now: () => number;
  readonly retry: (id: string) => Promise<boolean>;
  /** There is something in the list, or nothing any more; also called if nothing has changed. */
  readonly onAny: (isAny: boolean) => void;
  readonly onFailure: (error: unknown) => void;
}

const MOST_LISTED = 200;
const idOf = ({ kind, subject }: OwnWork): string => `${kind}.${subject}`;

/**
 * Work that failed for good: it was returned until the queue gave it up. It waits here until somebody tries it again or discards it. Plans
 * and trainings are tried again by themselves at their next turn too; a success takes them out.
 */
export class GivenUp {
  readonly #options: GivenUpOptions;
  readonly #turns = new Turns();
  #listed: readonly GivenUpJob[] = [];

  constructor(options: GivenUpOptions) {
    this.#options = options;
  }

  /** Latest first, as last read, because the page asks while the database does not answer, too. */
  get listed(): readonly GivenUpJob[] {
    return this.#listed;
  }

  async #load(): Promise<void> {
    this.#listed = await this.#options.store.givenUp(MOST_LISTED);
    this.#options.onAny(this.#listed.length > 0);
  }

  /** Own work was given up, for this reason, or is done (null). */
  note(work: OwnWork, why: Fault | null): void {
    const { store, now, onFailure } = this.#options;
    const id = idOf(work);
    this.#turns
      .take(async () => {
        if (why === null && !this.#listed.some(({ job }) => job.id === id)) return;
        if (why === null) await store.discard(id);
        else
          await store.giveUp(
            id,
            { kind: work.kind, owner: '', request: { subject: work.subject } },
            { at: now(), fault: why },
          );
        await this.#load();
      })
      .catch(onFailure);
  }

  /** A training has ended; one that was refused has not been given up. */
  trained(subject: string, outcome: Outcome<unknown>): void {
    if (outcome.ok) this.note({ kind: 'training', subject }, null);
    else if (outcome.fault.code === 'LS-NODE-002') this.note({ kind: 'training', subject }, outcome.fault);
  }

  /** The store is open, or a job has ended, perhaps for good: reads the list. */
  ended(): void {
    this.#turns.take(() => this.#load()).catch(this.#options.onFailure);
  }

  /** Runs it again. Without effect if that has happened already; an unknown id rejects with LS-API-004. */
  retry(id: string): Promise<void> {
    return this.#settle(id, () => this.#options.retry(id));
  }

  /** Takes it out of the list. Without effect if that has happened already; an unknown id rejects with LS-API-004. */
  discard(id: string): Promise<void> {
    return this.#settle(id, () => this.#options.store.discard(id));
  }

  async #settle(id: string, how: () => Promise<boolean>): Promise<void> {
    await this.#turns.take(async () => {
      if (!(await how()) && (await this.#options.store.get(id)) === undefined)
        throw new LoadstoneError('LS-API-004', `nothing of the id "${id}" was given up`, '/params/id');
      await this.#load();
    });
  }

  stop(): Promise<void> {
    return this.#turns.over();
  }
}
