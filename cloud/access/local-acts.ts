import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { AuditList } from '../audit/audit-list.ts';
import type { People } from './people.ts';
import { unknownUser } from './people-reader.ts';
import type { Areas, User } from './people-store.ts';
import type { Role } from './roles.ts';

/** A request by a person on the machine itself. */
export type LocalAct =
  | { readonly kind: 'list' }
  /** Creates a user, or changes and unlocks one; undefined values stay unchanged. */
  | {
      readonly kind: 'put';
      readonly name: string;
      readonly roles: readonly Role[] | undefined;
      readonly areas: Areas | undefined;
    }
  | { readonly kind: 'password'; readonly name: string }
  | { readonly kind: 'forget-passkeys'; readonly name: string };

/** Name of that person in the audit log. */
const WHO = 'operator of the machine';

/** Executes the act without a second person, audits it, and returns the text to print. */
export async function actLocally(people: People, audit: Pick<AuditList, 'append'>, act: LocalAct): Promise<string> {
  if (act.kind === 'list') return people.users().map(lineOf).join('');
  const known = people.user(act.name);
  const facts = { who: WHO, what: `people.${act.kind}`, on: `user:${act.name}` };
  try {
    if (act.kind === 'password') {
      const { oneTimePassword } = await people.resetPassword(act.name);
      await audit.append({ ...facts, outcome: 'done' });
      return onceOf(act.name, oneTimePassword);
    }
    if (act.kind === 'forget-passkeys') {
      if (known === undefined) throw unknownUser(act.name);
      const count = await people.passkeys.forget(act.name);
      await audit.append({ ...facts, from: { passkeys: count }, outcome: 'done' });
      return `${act.name}: ${count} passkeys removed\n`;
    }
    const roles = act.roles ?? known?.roles;
    if (roles === undefined)
      throw new LoadstoneError(
        'LS-CONFIG-002',
        `--roles: ${act.name} is a new user; give at least one role, such as operator`,
      );
    const to = { roles, areas: act.areas ?? known?.areas ?? '*', disabled: false };
    const { oneTimePassword } = await people.putUser({ name: act.name, ...to });
    const from = known && { roles: known.roles, areas: known.areas, disabled: known.disabled };
    await audit.append({ ...facts, ...(from === undefined ? {} : { from }), to, outcome: 'done' });
    const now = people.user(act.name);
    return `${now === undefined ? '' : lineOf(now)}${onceOf(act.name, oneTimePassword)}`;
  } catch (error) {
    if (error instanceof LoadstoneError) await audit.append({ ...facts, outcome: error.code });
    throw error;
  }
}

const onceOf = (name: string, password: string | undefined): string =>
  password === undefined ? '' : `One-time password of ${name}: ${password}; it is shown only once\n`;

function lineOf({ name, roles, areas, disabled, mustChange }: User): string {
  const where = areas === '*' ? 'everywhere' : areas.join(', ') || 'nowhere';
  const state = disabled ? ', locked' : mustChange ? ', has a one-time password' : '';
  return `${name}: ${roles.join(', ') || 'no role'}, ${where}${state}\n`;
}
