import type { AuditFacts } from '../audit/audit-entry.ts';
import type { AuditList } from '../audit/audit-list.ts';
import { isWrittenDown } from './audit-acts.ts';
import type { GuardedOwner } from './owner-acts.ts';

/** The author of an act: its warrant, or the operator. */
interface By {
  readonly name?: unknown;
  readonly right?: unknown;
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
  readonly #acts = new Map<string, AuditFacts[]>();
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
    for (const facts of [...this.#acts.values()].flat()) await this.#write(facts);
  }

  #watched(name: string, group: object): object {
    return new Proxy(group, {
      get: (of, what) => {
        const found: unknown = Reflect.get(of, what);
        if (typeof found !== 'function' || typeof what !== 'string') return found;
        return async (...args: readonly unknown[]): Promise<unknown> => {
          const done: unknown = await Reflect.apply(found, of, args);
          if (name === 'audit' && WRITES.includes(what)) this.#written(args[0] as AuditFacts);
          else await this.#note(`${name}.${what}`, name, args[0]);
          return done;
        };
      },
    });
  }

  /** An audited refusal does not account for an act that was done. */
  #written({ who, outcome }: AuditFacts): void {
    if (outcome === 'done') this.#forget(who);
  }

  async #note(what: string, group: string, by: unknown): Promise<void> {
    const { name, right } = (typeof by === 'object' && by !== null ? by : {}) as By;
    if (typeof name !== 'string' || !(group === 'operators' || isWrittenDown(right))) return;
    const why = 'the api role that asked for it was lost before it wrote it down';
    const facts: AuditFacts = { who: name, what, why, outcome: 'done' };
    this.#acts.set(name, [...(this.#acts.get(name) ?? []), facts].slice(-MOST_OF_ONE));
    if (this.#isLost) await this.#write(facts);
  }

  async #write(facts: AuditFacts): Promise<void> {
    try {
      await this.#audit.append(facts);
      this.#forget(facts.who, facts);
    } catch (error) {
      this.#onFailure(error);
    }
  }

  /** Without `facts`, forgets the oldest. */
  #forget(who: string, facts = this.#acts.get(who)?.[0]): void {
    const left = (this.#acts.get(who) ?? []).filter((each) => each !== facts);
    if (left.length > 0) this.#acts.set(who, left);
    else this.#acts.delete(who);
  }
}
