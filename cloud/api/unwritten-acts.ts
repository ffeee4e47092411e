import type { AuditFacts } from '../audit/audit-entry.ts';
import type { AuditList } from '../audit/audit-list.ts';
import type { GuardedOwner } from './owner-acts.ts';

/** The author of an act and its request: a warrant, or an operator. */
interface By {
  readonly name?: unknown;
  readonly request?: unknown;
}

/** An act of a request. */
interface Unwritten {
  readonly request: string;
  readonly facts: AuditFacts;
}

/** Calls by which a role writes an audit entry. */
const WRITES: readonly string[] = ['append', 'appendStop'] satisfies readonly (keyof AuditList)[];

/** Per person. Acts that were done but answered with an error stay in the list. */
const MOST_OF_ONE = 100;

/**
 * Acts that one api role has requested but not yet audited: the role writes the entry after the act and before its answer. If the role is
 * lost in between, the owner writes the entry instead.
 */
export class UnwrittenActs {
  readonly #audit: Pick<AuditList, 'append'>;
  readonly #onFailure: (error: unknown) => void;
  /** By person, oldest first. */
  readonly #acts = new Map<string, Unwritten[]>();
  #isLost = false;

  constructor(audit: Pick<AuditList, 'append'>, onFailure: (error: unknown) => void) {
    this.#audit = audit;
    this.#onFailure = onFailure;
  }

  /** The owner as this role calls it. */
  watched(owner: GuardedOwner): GuardedOwner {
    const groups = Object.entries(owner).map(([name, group]: [string, object]) => [name, this.#watched(name, group)]);
    return Object.fromEntries(groups) as GuardedOwner;
  }

  /** The role is lost: writes the entries of its acts, including those that finish later. */
  async giveUp(): Promise<void> {
    this.#isLost = true;
    for (const act of [...this.#acts.values()].flat()) await this.#write(act);
  }

  #watched(name: string, group: object): object {
    return new Proxy(group, {
      get: (of, what) => {
        const found: unknown = Reflect.get(of, what);
        if (typeof found !== 'function' || typeof what !== 'string') return found;
        return async (...args: readonly unknown[]): Promise<unknown> => {
          const done: unknown = await Reflect.apply(found, of, args);
          if (name === 'audit' && WRITES.includes(what)) this.#written(args[0] as AuditFacts, args[1]);
          else await this.#note(`${name}.${what}`, args[0]);
          return done;
        };
      },
    });
  }

  /** An audited refusal does not account for an act that was done. */
  #written({ who, outcome }: AuditFacts, request: unknown): void {
    if (outcome === 'done') this.#forget(who, (act) => act.request === request);
  }

  async #note(what: string, by: unknown): Promise<void> {
    const { name, request } = (typeof by === 'object' && by !== null ? by : {}) as By;
    if (typeof name !== 'string' || typeof request !== 'string') return;
    const why = 'the api role that requested it was lost before recording it';
    const act = { request, facts: { who: name, what, why, outcome: 'done' } };
    this.#acts.set(name, [...(this.#acts.get(name) ?? []), act].slice(-MOST_OF_ONE));
    if (this.#isLost) await this.#write(act);
  }

  async #write(act: Unwritten): Promise<void> {
    try {
      await this.#audit.append(act.facts);
      this.#forget(act.facts.who, (each) => each === act);
    } catch (error) {
      this.#onFailure(error);
    }
  }

  #forget(who: string, isWritten: (act: Unwritten) => boolean): void {
    const left = (this.#acts.get(who) ?? []).filter((act) => !isWritten(act));
    if (left.length > 0) this.#acts.set(who, left);
    else this.#acts.delete(who);
  }
}
