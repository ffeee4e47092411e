import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { ErrorCode } from '../../shared/outcome/catalogue.ts';
import { Passwords, randomPassword } from './passwords.ts';
import { People } from './people.ts';
import { PeopleStore } from './people-store.ts';

const CHEAP = { N: 16, r: 1, p: 1 };
const SHIFT_MS = 12 * 3_600_000;

/** People in memory, on a clock that the test sets. */
function rig() {
  const time = { now: Date.parse('2026-01-01T00:00:00Z') };
  const store = new PeopleStore(':memory:');
  store.open();
  const people = new People({ store, passwords: new Passwords(CHEAP), requestsPerSecond: 10, now: () => time.now });
  return { people, store, time };
}

const coded =
  (code: ErrorCode, text = /./) =>
  (error: unknown): boolean =>
    error instanceof LoadstoneError && error.code === code && text.test(error.message);

async function withAnna() {
  const all = rig();
  const once = await all.people.putUser({
    name: 'anna',
    roles: ['operator'],
    areas: ['substation:owd'],
    disabled: false,
  });
  const first = await all.people.signIn('anna', once!);
  const session = await all.people.changePassword(first, { current: once!, next: 'four blue lamps' });
  return { ...all, once: once!, first, session };
}

test('what stands beside a session is read by who brings the session alone, outlives a restart, and ends with it', async () => {
  const { people, store, time, session } = await withAnna();
  people.keepBeside(session, 'an id token');
  const restarted = new People({ store, passwords: new Passwords(CHEAP), requestsPerSecond: 10, now: () => time.now });
  assert.equal(restarted.keptBeside(session), 'an id token');
  const hash = createHash('sha256').update(session).digest('hex');
  const kept = Buffer.from(store.sealed(hash, time.now)!);
  assert.ok(!kept.includes('id token'));
  const other = await people.signIn('anna', 'four blue lamps');
  assert.equal(people.keptBeside(other), undefined);
  store.putSealed(createHash('sha256').update(other).digest('hex'), kept);
  assert.equal(people.keptBeside(other), undefined, 'it is of another session');
  kept[20]! ^= 1;
  store.putSealed(hash, kept);
  assert.equal(people.keptBeside(session), undefined, 'it was changed');
  people.keepBeside(session, 'an id token');
  people.signOut(session);
  assert.equal(people.keptBeside(session), undefined);
  people.keepBeside(other, 'an id token');
  time.now += SHIFT_MS;
  assert.equal(people.keptBeside(other), undefined);
});

test('a hash carries its own cost, checks the right password alone, and is never the same twice', async () => {
  const cheap = new Passwords(CHEAP);
  const hash = await cheap.hash('four blue lamps');
  assert.match(hash, /^scrypt\$16\$1\$1\$[\w-]{22}\$[\w-]{43}$/);
  assert.notEqual(hash, await cheap.hash('four blue lamps'));
  const later = new Passwords({ N: 32, r: 2, p: 1 });
  assert.equal(await later.check('four blue lamps', hash), true);
  assert.equal(await later.check('four blue lamp', hash), false);
  assert.equal(await later.check('', undefined), false, 'the decoy opens nothing');
  assert.match(await new Passwords().hash('x'), /^scrypt\$32768\$8\$3\$/);
  assert.match(randomPassword(), /^[a-z2-9]{20}$/);
});

test('a one-time password opens nothing but its own change; a change ends every other session', async () => {
  const { people, once, first, session } = await withAnna();
  assert.equal(people.callerOfSession(first), undefined);
  assert.deepEqual(people.callerOfSession(session)?.scopes, ['planner:read', 'operate', 'quarantine:read']);
  assert.deepEqual(people.callerOfSession(session)?.acts, ['substation:owd']);
  await assert.rejects(people.signIn('anna', once), coded('LS-API-002'));
  const again = await people.resetPassword('anna');
  assert.equal(people.callerOfSession(session), undefined);
  const bound = await people.signIn('anna', again);
  assert.deepEqual(people.callerOfSession(bound)?.scopes, []);
  for (const next of ['short', again, 'anna is my name'])
    await assert.rejects(people.changePassword(bound, { current: again, next }), coded('LS-API-007'));
  await assert.rejects(people.changePassword(bound, { current: 'no', next: 'five red lamps' }), coded('LS-API-003'));
});

test('after five wrong passwords a name waits, longer each time, whether it is known or not, and the right one does not help', async () => {
  for (const name of ['anna', 'nobody']) {
    const { people, time } = await withAnna();
    const guess = (password = 'wrong'): Promise<string> => people.signIn(name, password);
    for (let n = 0; n < 5; n++) await assert.rejects(guess(), coded('LS-API-002'));
    await assert.rejects(guess('four blue lamps'), coded('LS-API-008', /wait 30 s/));
    time.now += 30_000;
    await assert.rejects(guess(), coded('LS-API-002'));
    await assert.rejects(guess(), coded('LS-API-008', /wait 60 s/));
    for (let n = 0; n < 8; n++) {
      time.now += 15 * 60_000;
      await assert.rejects(guess(), coded('LS-API-002'));
    }
    await assert.rejects(guess(), coded('LS-API-008', /wait 900 s/));
    time.now += 15 * 60_000;
    if (name === 'anna') assert.ok(await guess('four blue lamps'));
  }
});

test('guesses that come all at once are counted too', async () => {
  const { people } = await withAnna();
  const answers = await Promise.allSettled(Array.from({ length: 12 }, () => people.signIn('anna', 'wrong')));
  const codes = answers.map((answer) => (answer.status === 'rejected' ? (answer.reason as LoadstoneError).code : 'in'));
  assert.equal(codes.filter((code) => code === 'LS-API-002').length, 5);
  assert.equal(codes.filter((code) => code === 'LS-API-008').length, 7);
});

test('a session ends with its shift, by signing out, and with its user', async () => {
  const { people, time, session } = await withAnna();
  let told = 0;
  people.onChange(() => told++);
  time.now += SHIFT_MS - 1;
  assert.equal(people.callerOfSession(session)?.name, 'anna');
  time.now += 1;
  assert.equal(people.callerOfSession(session), undefined);
  const second = await people.signIn('anna', 'four blue lamps');
  people.signOut(second);
  assert.equal(people.callerOfSession(second), undefined);
  const third = await people.signIn('anna', 'four blue lamps');
  await people.putUser({ name: 'anna', roles: ['operator'], areas: '*', disabled: true });
  assert.equal(people.callerOfSession(third), undefined);
  await assert.rejects(people.signIn('anna', 'four blue lamps'), coded('LS-API-002'));
  assert.equal(told, 2);
});

test('a token does what it was made for and its owner may still do; it expires, is revoked, and is kept as a hash', async () => {
  const { people, store, time } = await withAnna();
  const anna = people.user('anna')!;
  const wish = { label: 'scada', scopes: ['planner:read', 'operate'] as const, days: 30 };
  assert.throws(() => people.makeToken(anna, { ...wish, scopes: ['access:write'] }), coded('LS-API-003'));
  const { secret, id } = people.makeToken(anna, wish);
  assert.equal(people.callerOfToken(secret)?.name, 'anna/scada');
  assert.deepEqual(people.callerOfToken(secret)?.scopes, ['planner:read', 'operate']);
  assert.equal(store.token(secret, time.now), undefined, 'the secret itself is not in the store');
  await people.putUser({ name: 'anna', roles: ['viewer'], areas: '*', disabled: false });
  assert.deepEqual(people.callerOfToken(secret)?.scopes, ['planner:read']);
  time.now += 30 * 24 * 3_600_000;
  assert.equal(people.callerOfToken(secret), undefined);
  const other = people.makeToken(people.user('anna')!, { ...wish, scopes: ['planner:read'] });
  assert.throws(() => people.removeToken('ben', other.id), coded('LS-API-004'));
  people.removeToken('anna', other.id);
  assert.equal(people.callerOfToken(other.secret), undefined);
  assert.equal(people.tokens('anna')[0]?.id, id);
});

test('there is always an admin', async () => {
  const { people } = rig();
  await people.putUser({ name: 'root', roles: ['admin'], areas: '*', disabled: false });
  assert.throws(() => people.removeUser('root'), coded('LS-API-005'));
  await assert.rejects(
    people.putUser({ name: 'root', roles: ['admin'], areas: '*', disabled: true }),
    coded('LS-API-005'),
  );
  await people.putUser({ name: 'other', roles: ['admin'], areas: '*', disabled: false });
  people.removeUser('root');
  assert.deepEqual(
    people.users().map(({ name }) => name),
    ['other'],
  );
});
