import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { ErrorCode } from '../../shared/outcome/catalogue.ts';
import { Passwords, randomPassword } from './passwords.ts';
import { weaknessOf } from './password-strength.ts';
import { People } from './people.ts';
import { SqlitePeopleStore } from './sqlite-people-store.ts';

const CHEAP = { N: 16, r: 1, p: 1 };
const HOW = { passwords: new Passwords(CHEAP), weaknessOf, takesTwo: true, requestsPerSecond: 10 };
const SHIFT_MS = 12 * 3_600_000;

/** People in memory, on a clock that the test sets. */
function rig() {
  const time = { now: Date.parse('2026-01-01T00:00:00Z') };
  const store = new SqlitePeopleStore(':memory:');
  store.open();
  const people = new People({ ...HOW, store, now: () => time.now });
  return { people, store, time };
}

const coded =
  (code: ErrorCode, text = /./) =>
  (error: unknown): boolean =>
    error instanceof LoadstoneError && error.code === code && text.test(error.message);

async function withAnna() {
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

test('a session is locked where nobody is there, or by hand, over a restart too; who signs in again opens that very one', async () => {
  const { store, time, session: one } = await withAnna();
  const HALF_HOUR_MS = 30 * 60_000;
  const opened = async (): Promise<People> => {
    const made = new People({ ...HOW, store, lockAfterMs: HALF_HOUR_MS, now: () => time.now });
    await made.start();
    return made;
  };
  const people = await opened();
  const again = (before: string) => people.signIn('anna', 'four blue lamps', { before });
  time.now += HALF_HOUR_MS - 60_000;
  await people.present(one, true);
  time.now += HALF_HOUR_MS - 1;
  assert.equal(people.callerOfSession(one)?.isLocked, undefined);
  time.now += 1;
  assert.deepEqual([people.isLocked(one), people.callerOfSession(one)?.isLocked], [true, true]);
  assert.deepEqual(people.callerOfSession(one)?.scopes, ['planner:read', 'operate', 'quarantine:read']);
  await assert.rejects(people.present(one, true), coded('LS-API-019'));
  const restarted = await opened();
  assert.equal(restarted.isLocked(one), true);
  await assert.rejects(people.signIn('anna', 'not the password', { before: one }), coded('LS-API-002'));
  assert.equal(people.isLocked(one), true);
  assert.equal(await again(one), one, 'its other windows go on');
  assert.equal(people.isLocked(one), false);
  await people.present(one, false);
  assert.equal(people.isLocked(one), true);
  await people.putUser({ name: 'bert', roles: ['operator'], areas: '*', disabled: false });
  const { oneTimePassword } = await people.resetPassword('bert');
  const other = await people.signIn('bert', oneTimePassword, { before: one });
  assert.notEqual(other, one, 'somebody else opens a session of their own');
  assert.equal(people.isLocked(one), true);
  assert.equal(await again(one), one);
  assert.notEqual(await again(one), one, 'one that is not locked is not taken up');
  // A clock that is set back by an hour: nobody knows how long nobody was there.
  time.now -= 2 * HALF_HOUR_MS;
  assert.equal(people.isLocked(one), true);
});

test('without a time a session is locked by hand alone', async () => {
  const { people, time, session } = await withAnna();
  time.now += SHIFT_MS - 1;
  assert.equal(people.isLocked(session), false);
  await people.present(session, false);
  assert.equal(people.isLocked(session), true);
});

test('a desk that is locked by hand stays locked, though a sign that somebody is there is under way', async () => {
  const { people, store, time, session } = await withAnna();
  const markActive = store.markActive.bind(store);
  store.markActive = async (hash, at) => {
    // The disk is slow for the one, and quick for the other.
    if (at > 0) await new Promise((done) => setImmediate(done));
    return markActive(hash, at);
  };
  time.now += 21_000;
  await Promise.all([people.present(session, true), people.present(session, false)]);
  assert.equal(people.isLocked(session), true);
  assert.equal((await store.load(time.now)).sessions.find(({ user }) => user === 'anna')?.activeAt, 0);
});

test('whoever is there changes nothing of what is told of people', async () => {
  const { people, time, session } = await withAnna();
  const { accounts, presence } = people;
  time.now += 21_000;
  await people.present(session, true);
  assert.equal(people.accounts, accounts);
  assert.notDeepEqual(people.presence, presence);
  assert.equal(JSON.stringify(accounts).includes('activeAt'), false);
});

test('a disk that is full locks nobody who is there, and bars no lock, but says so', async () => {
  const { store, time, session } = await withAnna();
  const people = new People({ ...HOW, store, lockAfterMs: 60_000, now: () => time.now });
  await people.start();
  store.markActive = () => Promise.reject(new Error('the disk is full'));
  for (let n = 0; n < 3; n++) {
    time.now += 50_000;
    await people.present(session, true);
    assert.equal(people.isLocked(session), false);
  }
  await assert.rejects(people.present(session, false), /the disk is full/);
  assert.equal(people.isLocked(session), true);
});

test('who signs in elsewhere again opens the session that was locked, with the rights of now', async () => {
  const { people, store, time } = rig();
  const ida = { name: 'ida', roles: ['operator'], areas: '*', identity: 'grid 1' } as const;
  const one = await people.signInExternal(ida);
  assert.notEqual(await people.signInExternal({ ...ida, before: one }), one, 'one that is not locked is not taken up');
  await people.present(one, false);
  const { expiresAt } = (await store.load(time.now)).sessions[0]!;
  time.now += 1000;
  const other = await people.signInExternal({ ...ida, name: 'bea', identity: 'grid 2', before: one });
  assert.deepEqual([other === one, people.isLocked(one)], [false, true], 'somebody else opens a session of their own');
  assert.equal(await people.signInExternal({ ...ida, roles: ['viewer'], before: one }), one);
  assert.deepEqual([people.isLocked(one), people.userOf(one)?.roles], [false, ['viewer']]);
  const after = new People({ ...HOW, store, now: () => time.now });
  await after.start();
  assert.equal(after.isLocked(one), false, 'over a restart too');
  time.now = expiresAt;
  assert.equal(people.userOf(one), undefined, 'it ends when it would have ended');
});

test('only the bearer of a session reads what is stored with it; it survives a restart and ends with the session', async () => {
  const { people, store, time, session } = await withAnna();
  await people.keepBeside(session, 'an id token');
  const restarted = new People({ ...HOW, store, now: () => time.now });
  assert.equal(await restarted.sessionData(session), 'an id token');
  const hash = createHash('sha256').update(session).digest('hex');
  const kept = Buffer.from((await store.sealed(hash, time.now))!);
  assert.ok(!kept.includes('id token'));
  const other = await people.signIn('anna', 'four blue lamps');
  assert.equal(await people.sessionData(other), undefined);
  await store.putSealed(createHash('sha256').update(other).digest('hex'), kept);
  assert.equal(await people.sessionData(other), undefined, 'it is of another session');
  kept[20]! ^= 1;
  await store.putSealed(hash, kept);
  assert.equal(await people.sessionData(session), undefined, 'it was changed');
  await people.keepBeside(session, 'an id token');
  await people.signOut(session);
  assert.equal(await people.sessionData(session), undefined);
  await people.keepBeside(other, 'an id token');
  time.now += SHIFT_MS;
  assert.equal(await people.sessionData(other), undefined);
});

test('a hash carries its own cost, verifies only the right password and is never the same twice', async () => {
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

test('a one-time password only allows to set a new one; a change ends every other session', async () => {
  const { people, once, first, session } = await withAnna();
  assert.equal(people.callerOfSession(first), undefined);
  assert.deepEqual(people.callerOfSession(session)?.scopes, ['planner:read', 'operate', 'quarantine:read']);
  assert.deepEqual(people.callerOfSession(session)?.acts, ['substation:owd']);
  await assert.rejects(people.signIn('anna', once), coded('LS-API-002'));
  const { oneTimePassword: again } = await people.resetPassword('anna');
  assert.equal(people.callerOfSession(session), undefined);
  const bound = await people.signIn('anna', again);
  assert.deepEqual(people.callerOfSession(bound)?.scopes, []);
  for (const next of ['short', again, 'anna is my name'])
    await assert.rejects(people.changePassword(bound, { current: again, next }), coded('LS-API-007'));
  await assert.rejects(people.changePassword(bound, { current: 'no', next: 'five red lamps' }), coded('LS-API-003'));
});

test('a password that is guessed easily is refused, with why and what would be better', async () => {
  const { people, session } = await withAnna();
  const change = (next: string) => people.changePassword(session, { current: 'four blue lamps', next });
  for (const next of [
    'password1234',
    'qwertyuiop123',
    'AnnaAnnaAnna1',
    'abcdefghijklmnop',
    'loadstone2026',
    'a'.repeat(200),
  ])
    await assert.rejects(change(next), coded('LS-API-013', /guessed too easily: .+\. .+words/), next);
  assert.equal(people.callerOfSession(session)?.name, 'anna', 'a refusal ends nothing');
  for (let n = 0; n < 8; n++) await assert.rejects(change('password1234'), coded('LS-API-013'));
  assert.ok(await change('five red lamps'), 'a refused wish is no wrong password');
});

test('after five wrong passwords from one address a name is locked there for growing times, known or not', async () => {
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

const at = (n: number) => ({ address: `192.0.2.${n}` });

test('who guesses at a name locks out nobody at another address', async () => {
  const { people } = await withAnna();
  for (let n = 0; n < 5; n++) await assert.rejects(people.signIn('anna', 'wrong', at(1)), coded('LS-API-002'));
  await assert.rejects(people.signIn('anna', 'four blue lamps', at(1)), coded('LS-API-008'));
  assert.ok(await people.signIn('anna', 'four blue lamps', at(2)));
  await assert.rejects(
    people.signIn('anna', 'four blue lamps', at(1)),
    coded('LS-API-008'),
    'it is still locked there',
  );
});

test('one IPv6 connection is one address, and an IPv4 address is the same in both notations', async () => {
  const { people } = await withAnna();
  const guess = (address: string) => people.signIn('anna', 'wrong', { address });
  for (let n = 0; n < 5; n++) await assert.rejects(guess(`2001:db8:1:2::${n}`), coded('LS-API-002'));
  await assert.rejects(guess('2001:db8:1:2:ffff::1'), coded('LS-API-008'));
  await assert.rejects(guess('2001:db8:1:3::1'), coded('LS-API-002'));
  await assert.rejects(guess('2001:db8::1'), coded('LS-API-002'));
  for (let n = 0; n < 5; n++) await assert.rejects(guess(`2001:db8::7:0:0:0:${n}`), coded('LS-API-002'));
  await assert.rejects(guess('2001:DB8:0:7::9'), coded('LS-API-008'), ':: stands for one group here');
  for (let n = 0; n < 5; n++) await assert.rejects(guess('::ffff:192.0.2.9'), coded('LS-API-002'));
  await assert.rejects(guess('192.0.2.9'), coded('LS-API-008'));
});

test('guesses from many addresses are slowed too, but at a browser where that person has signed in before', async () => {
  const { people, time } = await withAnna();
  const own = { ...at(1), device: 'the browser of anna' };
  await people.signIn('anna', 'four blue lamps', own);
  await people.ensureUser({ name: 'ben', roles: ['operator'], areas: '*' }, 'six grey lamps');
  for (let n = 0; n < 100; n++) await assert.rejects(people.signIn('anna', 'wrong', at(n)), coded('LS-API-002'));
  const next = people.signIn('anna', 'wrong', at(101));
  await assert.rejects(next, coded('LS-API-008', /from many addresses; sign in from a browser .*or wait 30 s/));
  assert.ok(await people.signIn('anna', 'four blue lamps', own));
  assert.ok(await people.signIn('ben', 'six grey lamps', at(101)), 'another name');
  const made = { ...at(102), device: 'a browser of nobody' };
  await assert.rejects(people.signIn('anna', 'four blue lamps', made), coded('LS-API-008'));
  const bens = { ...at(103), device: 'the browser of ben' };
  await people.signIn('ben', 'six grey lamps', bens);
  await assert.rejects(people.signIn('anna', 'four blue lamps', bens), coded('LS-API-008'), 'known for ben alone');
  for (let n = 0; n < 5; n++) await assert.rejects(people.signIn('anna', 'wrong', own), coded('LS-API-002'));
  await assert.rejects(people.signIn('anna', 'four blue lamps', own), coded('LS-API-008'), 'it counts by itself');
  time.now += 30_000;
  assert.ok(await people.signIn('anna', 'four blue lamps', at(104)), 'the wait of a new browser is over');
});

test('wrong passwords of who is signed in slow the change of the password, and no sign-in', async () => {
  const { people, session } = await withAnna();
  const change = () => people.changePassword(session, { current: 'no', next: 'five red lamps' });
  for (let n = 0; n < 5; n++) await assert.rejects(change(), coded('LS-API-003'));
  await assert.rejects(change(), coded('LS-API-008'));
  assert.ok(await people.signIn('anna', 'four blue lamps'));
});

test('guesses sent in parallel count too', async () => {
  const { people } = await withAnna();
  const answers = await Promise.allSettled(Array.from({ length: 12 }, () => people.signIn('anna', 'wrong')));
  const codes = answers.map((answer) => (answer.status === 'rejected' ? (answer.reason as LoadstoneError).code : 'in'));
  assert.equal(codes.filter((code) => code === 'LS-API-002').length, 5);
  assert.equal(codes.filter((code) => code === 'LS-API-008').length, 7);
});

test('a session ends at the end of the shift, on sign-out and with its user', async () => {
  const { people, time, session } = await withAnna();
  let changes = 0;
  people.onChange(() => changes++);
  time.now += SHIFT_MS - 1;
  assert.equal(people.callerOfSession(session)?.name, 'anna');
  time.now += 1;
  assert.equal(people.callerOfSession(session), undefined);
  const second = await people.signIn('anna', 'four blue lamps');
  await people.signOut(second);
  assert.equal(people.callerOfSession(second), undefined);
  const third = await people.signIn('anna', 'four blue lamps');
  await people.putUser({ name: 'anna', roles: ['operator'], areas: '*', disabled: true });
  assert.equal(people.callerOfSession(third), undefined);
  await assert.rejects(people.signIn('anna', 'four blue lamps'), coded('LS-API-002'));
  assert.equal(changes, 2);
});

test("a token acts within its scopes and its owner's rights; it expires, is revoked and is stored as a hash", async () => {
  const { people, store, time } = await withAnna();
  const anna = people.user('anna')!;
  const wish = { label: 'scada', scopes: ['planner:read', 'operate'] as const, days: 30 };
  await assert.rejects(people.makeToken(anna, { ...wish, scopes: ['access:write'] }), coded('LS-API-003'));
  const { secret, id } = await people.makeToken(anna, wish);
  assert.equal(people.callerOfToken(secret)?.name, 'anna/scada');
  assert.deepEqual(people.callerOfToken(secret)?.scopes, ['planner:read', 'operate']);
  assert.ok(!JSON.stringify(await store.load(time.now)).includes(secret), 'the secret itself is not in the store');
  await people.putUser({ name: 'anna', roles: ['viewer'], areas: '*', disabled: false });
  assert.deepEqual(people.callerOfToken(secret)?.scopes, ['planner:read']);
  time.now += 30 * 24 * 3_600_000;
  assert.equal(people.callerOfToken(secret), undefined);
  const other = await people.makeToken(people.user('anna')!, { ...wish, scopes: ['planner:read'] });
  await assert.rejects(people.removeToken('ben', other.id), coded('LS-API-004'));
  await people.removeToken('anna', other.id);
  assert.equal(people.callerOfToken(other.secret), undefined);
  assert.equal(people.tokens('anna')[0]?.id, id);
});

/** Anna with a second session and a token, and Ben with a token. */
async function withTokens() {
  const all = await withAnna();
  const { people } = all;
  await people.ensureUser({ name: 'ben', roles: ['viewer'], areas: '*' }, 'six grey lamps');
  const wish = { scopes: ['planner:read'] as const, days: 30 };
  const made = (name: string, label: string) => people.makeToken(people.user(name)!, { ...wish, label });
  const elsewhere = await people.signIn('anna', 'four blue lamps');
  const [scada, excel, bens] = [await made('anna', 'scada'), await made('anna', 'excel'), await made('ben', 'gis')];
  return { ...all, elsewhere, scada, excel, bens };
}

const lock = (people: People, disabled: boolean) =>
  people.putUser({ name: 'anna', roles: ['operator'], areas: '*', disabled });

for (const [how, act] of Object.entries({
  'a change of the password': ({ people, session }) =>
    people.changePassword(session, { current: 'four blue lamps', next: 'five red lamps' }),
  'a reset by an admin': ({ people }) => people.resetPassword('anna'),
  'a lock, though it is undone': async ({ people }) => {
    await lock(people, true);
    await lock(people, false);
  },
  'an unlock, where the lock was set by an older version': async ({ people, store }) => {
    const { users } = await store.load(0);
    await store.put({ ...users.find(({ name }) => name === 'anna')!, disabled: true });
    await lock(people, false);
  },
  'a removal, though the name comes back': async ({ people }) => {
    await people.removeUser('anna');
    await people.ensureUser({ name: 'anna', roles: ['operator'], areas: '*' }, 'four blue lamps');
  },
} satisfies Record<string, (rig: Awaited<ReturnType<typeof withTokens>>) => Promise<unknown>>))
  test(`${how} ends every token and session of that person and of nobody else`, async () => {
    const rig = await withTokens();
    const { people, elsewhere, scada, excel, bens } = rig;
    await people.ensureUser({ name: 'root', roles: ['admin'], areas: '*' }, 'ten red lamps');
    const ended: (string | undefined)[] = [];
    people.onChange(() => ended.push(people.callerOfToken(scada.secret)?.name));
    const own = await act(rig);
    for (const { secret } of [scada, excel]) assert.equal(people.callerOfToken(secret), undefined);
    assert.deepEqual(people.tokens('anna'), []);
    assert.equal(people.callerNamed('anna/scada'), undefined);
    assert.equal(people.callerOfSession(elsewhere), undefined);
    assert.equal(people.callerOfToken(bens.secret)?.name, 'ben/gis');
    assert.equal(ended[0], undefined, 'who is told finds it ended');
    assert.ok(ended.length > 0);
    if (how.includes('change')) assert.equal(people.callerOfSession(own as string)?.name, 'anna', 'the new one stays');
  });

test('a lock during password hashing wins: the change is refused and the sign-in fails', async () => {
  const { people, session } = await withTokens();
  await people.ensureUser({ name: 'root', roles: ['admin'], areas: '*' }, 'ten red lamps');
  const change = people.changePassword(session, { current: 'four blue lamps', next: 'five red lamps' });
  await lock(people, true);
  await assert.rejects(change, coded('LS-API-002'));
  assert.equal(people.user('anna')?.disabled, true);

  await lock(people, false);
  const signIn = people.signIn('anna', 'four blue lamps');
  const reset = people.resetPassword('anna');
  await reset;
  const late = await signIn.catch(() => undefined);
  assert.equal(late === undefined ? undefined : people.callerOfSession(late), undefined);

  const again = people.resetPassword('anna');
  await people.removeUser('anna');
  await assert.rejects(again, coded('LS-API-004'));
  assert.equal(people.user('anna'), undefined);
});

test('a token shows when it was made and when it was last used, to the minute', async () => {
  const { people, time, scada } = await withTokens();
  const seen = () => people.tokens('anna').find(({ id }) => id === scada.id)!;
  assert.deepEqual([seen().createdAt, seen().usedAt], [time.now, null]);
  const first = time.now + 90_000;
  time.now = first;
  const use = async (): Promise<void> => {
    people.callerOfToken(scada.secret);
    await new Promise(setImmediate);
  };
  await use();
  assert.equal(seen().usedAt, first);
  time.now += 59_999;
  await use();
  assert.equal(seen().usedAt, first, 'not written at each request');
  time.now += 1;
  await use();
  assert.equal(seen().usedAt, time.now);
});

test('a clock that is set back locks nobody out for as long as it was ahead', async () => {
  const { people, time } = await withAnna();
  time.now += 365 * 24 * 3_600_000;
  for (let i = 0; i < 6; i++) await assert.rejects(people.signIn('anna', 'wrong'));
  await assert.rejects(people.signIn('anna', 'four blue lamps'), coded('LS-API-008'));
  time.now -= 364 * 24 * 3_600_000;
  await assert.rejects(people.signIn('anna', 'wrong'), coded('LS-API-002'));
  await assert.rejects(people.signIn('anna', 'four blue lamps'), coded('LS-API-008', /wait \d{2,3} s/));
  time.now += 15 * 60_000;
  assert.ok(await people.signIn('anna', 'four blue lamps'));
});

test('a use that is noted reads nothing back: a store that fails then signs nobody out', async () => {
  const { people, store, time, scada } = await withTokens();
  const session = await people.signIn('anna', 'four blue lamps');
  store.load = () => Promise.reject(new LoadstoneError('LS-STORE-001', 'the database is away'));
  time.now += 90_000;
  people.callerOfToken(scada.secret);
  await new Promise(setImmediate);
  assert.equal(people.tokens('anna').find(({ id }) => id === scada.id)?.usedAt, time.now);
  assert.equal(people.callerOfSession(session)?.name, 'anna');
});

test("revokes one of a person's tokens, or all of them", async () => {
  const { people, scada, excel, bens } = await withTokens();
  assert.equal((await people.removeToken('anna', scada.id)).label, 'scada');
  assert.ok(people.callerOfToken(excel.secret));
  assert.deepEqual(
    (await people.removeTokens('anna')).map(({ label }) => label),
    ['excel'],
  );
  assert.equal(people.callerOfToken(excel.secret), undefined);
  assert.deepEqual(await people.removeTokens('anna'), []);
  assert.ok(people.callerOfToken(bens.secret));
});

test('there is always an admin', async () => {
  const { people } = rig();
  await people.putUser({ name: 'root', roles: ['admin'], areas: '*', disabled: false });
  await assert.rejects(people.removeUser('root'), coded('LS-API-005'));
  await assert.rejects(
    people.putUser({ name: 'root', roles: ['admin'], areas: '*', disabled: true }),
    coded('LS-API-005'),
  );
  await people.putUser({ name: 'other', roles: ['admin'], areas: '*', disabled: false });
  await people.removeUser('root');
  assert.deepEqual(
    people.users().map(({ name }) => name),
    ['other'],
  );
});

test('when two admins create one user at once, one gets a password, and it works', async () => {
  const { people } = rig();
  const wish = { name: 'newcomer', roles: ['viewer'], areas: '*', disabled: false } as const;
  const passwords = await Promise.all([people.putUser(wish), people.putUser(wish)]);
  const given = passwords.flatMap((each) => each.oneTimePassword ?? []);
  assert.equal(given.length, 1);
  assert.ok(await people.signIn('newcomer', given[0]!));
});

/** Three admins by name. */
async function withAdmins() {
  const all = rig();
  for (const name of ['eva', 'ina', 'uwe'])
    await all.people.ensureUser({ name, roles: ['admin'], areas: '*' }, 'ten red lamps');
  return all;
}

test('roles that exclude each other are never given to one person; who holds them already keeps them until they are changed', async () => {
  const { people, store } = await withAdmins();
  for (const roles of [
    ['admin', 'operator'],
    ['viewer', 'admin', 'auditor'],
  ] as const)
    for (const name of ['eva', 'newcomer'])
      await assert.rejects(
        people.putUser({ name, roles, areas: '*', disabled: false }),
        coded('LS-API-014', /admin and/),
      );
  assert.deepEqual(people.user('eva')?.roles, ['admin']);
  await store.put({
    name: 'old',
    hash: 'h',
    roles: ['admin', 'operator'],
    areas: '*',
    mustChange: false,
    disabled: false,
  });
  await people.start();
  await people.putUser(
    { name: 'old', roles: ['operator', 'admin'], areas: ['substation:owd'], disabled: false },
    'eva',
  );
  assert.deepEqual(people.user('old')?.areas, ['substation:owd']);
  await people.putUser({ name: 'old', roles: ['operator'], areas: '*', disabled: true }, 'eva').catch(() => undefined);
  await people.putUser({ name: 'old', roles: ['operator'], areas: ['substation:owd'], disabled: false }, 'eva');
  await assert.rejects(
    people.putUser({ name: 'old', roles: ['operator', 'admin'], areas: '*', disabled: false }),
    coded('LS-API-014'),
  );
});

test('making a person and raising rights take two admins; taking rights away takes one', async () => {
  const { people } = await withAdmins();
  const mia = { name: 'mia', roles: ['planner'], areas: ['substation:owd'], disabled: false } as const;
  const waits = coded('LS-DESK-005', /another admin.*loadstone cloud people/);
  await assert.rejects(people.putUser(mia, 'eva'), waits);
  await assert.rejects(people.putUser(mia, 'eva'), waits, 'the same person twice is one person');
  await assert.rejects(people.putUser(mia, 'eva/script'), waits, 'nor is a token of theirs another');
  await assert.rejects(people.putUser(mia, 'ina/script'), waits, 'a token confirms nothing, but asks');
  await people.second.drop('mia', 'rights');
  await assert.rejects(people.putUser(mia, 'eva'), waits);
  await assert.rejects(people.putUser(mia, 'some-program'), waits, 'nor does a program that is nobody');
  await assert.rejects(people.putUser({ ...mia, areas: '*' }, 'ina'), waits, 'another wish is another request');
  await assert.rejects(people.putUser(mia, 'eva'), waits);
  assert.equal(people.user('mia'), undefined);
  assert.deepEqual(
    (await people.second.requests()).map(({ user, kind, by }) => [user, kind, by]),
    [['mia', 'rights', 'eva']],
  );
  const given = await people.putUser(mia, 'ina');
  assert.equal(given.requester, 'eva');
  assert.ok(await people.signIn('mia', given.oneTimePassword!));
  assert.deepEqual(await people.second.requests(), []);

  for (const more of [
    { ...mia, roles: ['planner', 'engineer'] },
    { ...mia, areas: '*' },
    { ...mia, areas: ['substation:owd', 'substation:wls'] },
  ] as const)
    await assert.rejects(people.putUser(more, 'eva'), waits);
  await people.putUser({ ...mia, areas: [] }, 'eva');
  await people.putUser({ ...mia, areas: [], disabled: true }, 'eva');
  await assert.rejects(people.putUser({ ...mia, areas: [] }, 'eva'), waits, 'an unlock gives back what a lock took');
});

test('a one-time password for who has rights takes two admins, for who only reads one', async () => {
  const { people } = await withAdmins();
  await people.ensureUser({ name: 'olga', roles: ['operator'], areas: '*' }, 'six grey lamps');
  await people.ensureUser({ name: 'vera', roles: ['viewer'], areas: '*' }, 'two grey lamps');
  await assert.rejects(people.resetPassword('olga', 'eva'), coded('LS-DESK-005'));
  assert.ok(await people.signIn('olga', 'six grey lamps'), 'hers still counts');
  assert.equal((await people.resetPassword('olga', 'ina')).requester, 'eva');
  assert.equal((await people.resetPassword('vera', 'eva')).requester, undefined);
});

test('a request counts while who asked is an admin, for a day, and until it is taken back', async () => {
  const { people, time } = await withAdmins();
  const mia = { name: 'mia', roles: ['planner'], areas: '*', disabled: false } as const;
  const asks = (by: string) => assert.rejects(people.putUser(mia, by), coded('LS-DESK-005'));
  await asks('eva');
  await people.putUser({ name: 'eva', roles: ['admin'], areas: '*', disabled: true }, 'uwe');
  await asks('ina');
  time.now += 24 * 3_600_000;
  await asks('uwe');
  await people.second.drop('mia', 'rights');
  await assert.rejects(people.second.drop('mia', 'rights'), coded('LS-API-004'));
  await asks('ina');
  assert.equal((await people.putUser(mia, 'uwe')).requester, 'ina');
});

test('who has the machine needs no second person, so that a lone admin is not locked out', async () => {
  const { people } = rig();
  await people.ensureUser({ name: 'eva', roles: ['admin'], areas: '*' }, 'ten red lamps');
  const mia = { name: 'mia', roles: ['operator'], areas: '*', disabled: false } as const;
  await assert.rejects(people.putUser(mia, 'eva'), coded('LS-DESK-005'));
  assert.ok((await people.putUser(mia)).oneTimePassword);
  assert.ok((await people.resetPassword('mia')).oneTimePassword);
});

test('who loses the right while a password is being hashed neither makes a user nor resets a password', async () => {
  const { people } = await withAnna();
  const gone = (): never => {
    throw new LoadstoneError('LS-API-003', 'the right is gone');
  };
  const eve = { name: 'eve', roles: ['admin'], areas: '*', disabled: false } as const;
  await assert.rejects(people.putUser(eve, undefined, gone), coded('LS-API-003'));
  await assert.rejects(people.resetPassword('anna', undefined, gone), coded('LS-API-003'));
  assert.equal(people.user('eve'), undefined);
  assert.ok(await people.signIn('anna', 'four blue lamps'));
});

test('a name that two tokens share allows what both of them do', async () => {
  const { people, scada } = await withTokens();
  const wide = await people.makeToken(
    { name: 'anna' },
    { label: 'scada', scopes: ['planner:read', 'operate'], days: 30 },
  );
  assert.deepEqual(people.callerNamed('anna/scada')?.scopes, ['planner:read']);
  await people.removeToken('anna', scada.id);
  assert.deepEqual(people.callerNamed('anna/scada')?.scopes, ['planner:read', 'operate']);
  await people.removeToken('anna', wide.id);
  assert.equal(people.callerNamed('anna/scada'), undefined);
});

test('a store that cannot be read behind a change lets nobody in until a sign-in finds that it can', async () => {
  const { people, store, session } = await withAnna();
  const load = store.load.bind(store);
  store.load = () => Promise.reject(new LoadstoneError('LS-STORE-001', 'the disk does not answer'));
  const eva = { name: 'eva', roles: ['viewer'], areas: '*', disabled: false } as const;
  await assert.rejects(people.putUser(eva), coded('LS-STORE-001'));
  assert.equal(people.callerOfSession(session), undefined);
  await assert.rejects(people.signIn('anna', 'four blue lamps'), coded('LS-STORE-001'));
  store.load = load;
  let changes = 0;
  people.onChange(() => changes++);
  assert.ok(people.callerOfSession(await people.signIn('anna', 'four blue lamps')));
  assert.equal(people.callerOfSession(session)?.name, 'anna', 'the others are in again');
  assert.equal(changes, 1, 'which is told');
});
