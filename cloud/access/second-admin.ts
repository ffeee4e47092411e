import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Caller } from './caller.ts';
import type { AccessRequest, PeopleStore, Rights, User } from './people-store.ts';
import { clashOf, type Role } from './roles.ts';

export interface SecondAdminOptions {
  readonly store: Pick<PeopleStore, 'requests' | 'putRequest' | 'takeRequest'>;
  /** False beside a simulated plant. */
  readonly takesTwo: boolean;
  /** Machine time, ms UTC. */
  readonly now: () => number;
  /** Who has a name now. */
  readonly callerNamed: (name: string) => Caller | undefined;
}

/** So long a request waits for its second person. */
const WAIT_MS = 24 * 3_600_000;

/** LS-API-014 for roles that exclude each other; who held them together before keeps them. */
export function assertApart(roles: readonly Role[], held: readonly Role[]): void {
  const clash = clashOf(roles);
  if (clash !== undefined && !clash.every((role) => held.includes(role)))
    throw new LoadstoneError('LS-API-014', `one person is not ${clash.join(' and ')}`, '/body/roles');
}

/** Whether somebody may do more by these rights than by those that they have. */
export function raises(known: User | undefined, { roles, areas, disabled }: Rights): boolean {
  if (known === undefined || (known.disabled && !disabled)) return true;
  if (roles.some((role) => !known.roles.includes(role))) return true;
  return known.areas !== '*' && (areas === '*' || areas.some((area) => !known.areas.includes(area)));
}

/** What raises rights takes two: one admin asks, and another who asks for the same confirms it. A restart voids nothing. */
export class SecondAdmin {
  readonly #options: SecondAdminOptions;

  constructor(options: SecondAdminOptions) {
    this.#options = options;
  }

  /** What waits, oldest first. */
  requests(): Promise<readonly AccessRequest[]> {
    const { store, now } = this.#options;
    return store.requests(now());
  }

  /** LS-API-004 where nothing of the kind waits. */
  async drop(user: string, kind: AccessRequest['kind']): Promise<void> {
    if (!(await this.#options.store.takeRequest(user, kind)))
      throw new LoadstoneError('LS-API-004', `nothing of ${user} waits for a second person`);
  }

  /**
   * Who has asked for the same before, where that is another who still may; undefined where it does not take two: where `by` is not given,
   * whoever asks has the machine. Else LS-DESK-005, and the request waits. Who confirms is a person at the page: a token asks, and no more.
   */
  async consented(
    wish: Pick<AccessRequest, 'user' | 'kind' | 'rights'>,
    by: string | undefined,
  ): Promise<string | undefined> {
    const { store, now, takesTwo } = this.#options;
    if (by === undefined || !takesTwo) return undefined;
    const who = by.split('/')[0]!;
    const first = (await this.requests()).find(({ user, kind }) => user === wish.user && kind === wish.kind);
    if (first !== undefined && by === who && this.#mayConfirm(who, wish, first)) {
      if (await store.takeRequest(wish.user, wish.kind)) return first.by;
    }
    if (this.#isAdmin(who)) await store.putRequest({ ...wish, by: who, askedAt: now(), expiresAt: now() + WAIT_MS });
    throw new LoadstoneError(
      'LS-DESK-005',
      `this takes two persons: another admin asks for the same within ${WAIT_MS / 3_600_000} h. Where there is no other, "loadstone cloud people" on the machine itself does it`,
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

/** The same for the same rights, however they were written. */
function wordsOf(rights: Rights | null): string {
  if (rights === null) return '';
  const { roles, areas, disabled } = rights;
  return JSON.stringify([roles.toSorted(), areas === '*' ? areas : areas.toSorted(), disabled]);
}
