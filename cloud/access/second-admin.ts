import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { personOf, type Caller } from './caller.ts';
import type { AccessRequest, PeopleStore, Rights, User } from './people-store.ts';
import { clashOf, type Role } from './roles.ts';

export interface SecondAdminOptions {
  readonly store: Pick<PeopleStore, 'requests' | 'putRequest' | 'takeRequest'>;
  /** False beside a simulated plant. */
  readonly takesTwo: boolean;
  /** Machine time, ms UTC. */
  readonly now: () => number;
  /** The person or token with this name, with current rights. */
  readonly callerNamed: (name: string) => Caller | undefined;
}

/** How long a request waits for its second admin. */
const WAIT_MS = 24 * 3_600_000;

/** Throws LS-API-014 for roles that exclude each other; a person who held them together before keeps them. */
export function assertApart(roles: readonly Role[], held: readonly Role[]): void {
  const clash = clashOf(roles);
  if (clash !== undefined && !clash.every((role) => held.includes(role)))
    throw new LoadstoneError('LS-API-014', `one person cannot be both ${clash.join(' and ')}`, '/body/roles');
}

/** Whether these rights allow more than the current ones. */
export function raises(known: User | undefined, { roles, areas, disabled }: Rights): boolean {
  if (known === undefined || (known.disabled && !disabled)) return true;
  if (roles.some((role) => !known.roles.includes(role))) return true;
  return known.areas !== '*' && (areas === '*' || areas.some((area) => !known.areas.includes(area)));
}

/** Raising rights takes two admins: one requests it, and another confirms by requesting the same. Requests survive restarts. */
export class SecondAdmin {
  readonly #options: SecondAdminOptions;

  constructor(options: SecondAdminOptions) {
    this.#options = options;
  }

  /** Pending requests, oldest first. */
  requests(): Promise<readonly AccessRequest[]> {
    const { store, now } = this.#options;
    return store.requests(now());
  }

  /** Withdraws a request. LS-API-004: none of this kind is pending. */
  async drop(user: string, kind: AccessRequest['kind']): Promise<void> {
    if (!(await this.#options.store.takeRequest(user, kind)))
      throw new LoadstoneError('LS-API-004', `no request for ${user} waits for a second person`);
  }

  /**
   * Returns the admin who requested the same before, if it is another one who still may; undefined if two are not needed: without `by`, the
   * request comes from the machine itself. Otherwise stores the request and throws LS-DESK-005. Only a person at the page can confirm; a
   * token can only request.
   */
  async consented(
    wish: Pick<AccessRequest, 'user' | 'kind' | 'rights'>,
    by: string | undefined,
  ): Promise<string | undefined> {
    const { store, now, takesTwo } = this.#options;
    if (by === undefined || !takesTwo) return undefined;
    const who = personOf(by);
    const first = (await this.requests()).find(({ user, kind }) => user === wish.user && kind === wish.kind);
    if (first !== undefined && by === who && this.#mayConfirm(who, wish, first)) {
      if (await store.takeRequest(wish.user, wish.kind)) return first.by;
    }
    if (this.#isAdmin(who)) await store.putRequest({ ...wish, by: who, askedAt: now(), expiresAt: now() + WAIT_MS });
    throw new LoadstoneError(
      'LS-DESK-005',
      `this takes two persons: another admin must request the same within ${WAIT_MS / 3_600_000} h. If there is no other admin, use "loadstone cloud people" on the machine itself`,
    );
  }

  #mayConfirm(who: string, { rights }: Pick<AccessRequest, 'rights'>, first: AccessRequest): boolean {
    const isSame = wordsOf(first.rights) === wordsOf(rights);
    return isSame && first.by !== who && this.#isAdmin(who) && this.#isAdmin(first.by);
  }

  #isAdmin(name: string): boolean {
    return this.#options.callerNamed(name)?.scopes.includes('access:write') === true;
  }
}

/** Equal for equal rights, whatever their order. */
function wordsOf(rights: Rights | null): string {
  if (rights === null) return '';
  const { roles, areas, disabled } = rights;
  return JSON.stringify([roles.toSorted(), areas === '*' ? areas : areas.toSorted(), disabled]);
}
