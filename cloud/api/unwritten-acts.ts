import type { AuditFacts } from '../audit/audit-entry.ts';
import type { AuditList } from '../audit/audit-list.ts';
import { isWrittenDown } from './audit-acts.ts';
import type { GuardedOwner } from './owner-acts.ts';

/** By whom an act is: its warrant, or the operator. */
interface By {
  readonly name?: unknown;
  readonly right?: unknown;
}

/** Ways in which a role writes an act down. */
const WRITES: readonly string[] = ['append', 'appendStop'] satisfies readonly (keyof AuditList)[];

/**
 * The acts that one api role has asked for and not yet written down: it writes behind the act and before its answer. Where the role is
 * lost in between, the owner writes in its place what it has done.
 */
export class UnwrittenActs {
  readonly #audit: Pick<AuditList, 'append'>;
  /** Of everybody the last one: a role writes each down before the next of the same caller, but for those at once. */
  readonly #acts = new Map<string, AuditFacts>();

  constructor(audit: Pick<AuditList, 'append'>) {
    this.#audit = audit;
  }

  /** The owner as this role reaches it. */
  watched(owner: GuardedOwner): GuardedOwner {
    const groups = Object.entries(owner).map(([name, group]: [string, object]) => [name, this.#watched(name, group)]);
    return Object.fromEntries(groups) as GuardedOwner;
  }

  /** The role is lost. */
  async giveUp(): Promise<void> {
    const acts = [...this.#acts.values()];
    this.#acts.clear();
    for (const facts of acts) await this.#audit.append(facts);
  }

  #watched(name: string, group: object): object {
    return new Proxy(group, {
      get: (of, what) => {
        const found: unknown = Reflect.get(of, what);
        if (typeof found !== 'function' || typeof what !== 'string') return found;
        return async (...args: readonly unknown[]): Promise<unknown> => {
          const done: unknown = await Reflect.apply(found, of, args);
          if (name === 'audit' && WRITES.includes(what)) this.#acts.delete((args[0] as AuditFacts).who);
          else this.#note(`${name}.${what}`, name, args[0]);
          return done;
        };
      },
    });
  }

  #note(what: string, group: string, by: unknown): void {
    const { name, right } = (typeof by === 'object' && by !== null ? by : {}) as By;
    if (typeof name !== 'string' || !(group === 'operators' || isWrittenDown(right))) return;
    const why = 'the api role that asked for it was lost before it wrote it down';
    this.#acts.set(name, { who: name, what, why, outcome: 'done' });
  }
}
