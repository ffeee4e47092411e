import type { Role } from './roles.ts';

/** Where a person may act: targets such as `substation:owd`, their parts included; `*`: everywhere. */
export type Areas = '*' | readonly string[];

export interface User {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly areas: Areas;
  /** The password was given by somebody else: it opens nothing but its own change. */
  readonly mustChange: boolean;
  readonly disabled: boolean;
}

/** What an admin changes of a person who is there. */
export type Rights = Pick<User, 'name' | 'roles' | 'areas' | 'disabled'>;

/**
 * Changes that depend on the present state. Each reads and writes in one step, across all processes that share the store. `last admin`: no
 * user administrator would be left, so nothing was changed.
 */
export interface PeopleChanges {
  /** Of many at once who make one name, one is told `made`. */
  make(user: User & { readonly hash: string }): Promise<'made' | 'known'>;
  /** Sessions and tokens end at a lock, and at an unlock too: an older version left tokens behind at the lock. */
  change(rights: Rights): Promise<'changed' | 'unknown' | 'last admin'>;
  /** With sessions and tokens. */
  remove(name: string): Promise<'removed' | 'unknown' | 'last admin'>;
}
