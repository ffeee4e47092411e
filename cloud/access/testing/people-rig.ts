import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { ErrorCode } from '../../../shared/outcome/catalogue.ts';
import { Passwords } from '../passwords.ts';
import { weaknessOf } from '../password-strength.ts';
import { People } from '../people.ts';
import { SqlitePeopleStore } from '../sqlite-people-store.ts';

export const CHEAP = { N: 16, r: 1, p: 1 };

export const HOW = { passwords: new Passwords(CHEAP), weaknessOf, takesTwo: true, requestsPerSecond: 10 };

export const SHIFT_MS = 12 * 3_600_000;

/** People in memory, on a clock that the test sets. */
export function rig() {
  const time = { now: Date.parse('2026-01-01T00:00:00Z') };
  const store = new SqlitePeopleStore(':memory:');
  store.open();
  const people = new People({ ...HOW, store, now: () => time.now });
  return { people, store, time };
}

export const coded =
  (code: ErrorCode, text = /./) =>
  (error: unknown): boolean =>
    error instanceof LoadstoneError && error.code === code && text.test(error.message);

export async function withAnna() {
  const all = rig();
  const { oneTimePassword: once } = await all.people.putUser({
    name: 'anna',
    roles: ['operator'],
    areas: ['substation:owd'],
    disabled: false,
  });
  const first = await all.people.signIn('anna', once!);
  const session = await all.people.changePassword(first, { current: once!, next: 'four blue lamps' });
  return { ...all, once: once!, first, session };
}
