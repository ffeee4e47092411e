import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { Passwords, randomPassword } from './passwords.ts';
import { People } from './people.ts';
import { CHEAP, HOW, SHIFT_MS, coded, withAnna } from './testing/people-rig.ts';

test('only the bearer of a session can read its stored data, which survives a restart and ends with the session', async () => {
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
  assert.equal(await people.sessionData(other), undefined, 'data of another session');
  kept[20]! ^= 1;
  await store.putSealed(hash, kept);
  assert.equal(await people.sessionData(session), undefined, 'tampered data');
  await people.keepBeside(session, 'an id token');
  await people.signOut(session);
  assert.equal(await people.sessionData(session), undefined);
  await people.keepBeside(other, 'an id token');
  time.now += SHIFT_MS;
  assert.equal(await people.sessionData(other), undefined);
});

test('a hash carries its cost parameters, verifies only the right password and is never the same twice', async () => {
  const cheap = new Passwords(CHEAP);
  const hash = await cheap.hash('four blue lamps');
  assert.match(hash, /^scrypt\$16\$1\$1\$[\w-]{22}\$[\w-]{43}$/);
  assert.notEqual(hash, await cheap.hash('four blue lamps'));
  const later = new Passwords({ N: 32, r: 2, p: 1 });
  assert.equal(await later.check('four blue lamps', hash), true);
  assert.equal(await later.check('four blue lamp', hash), false);
  assert.equal(await later.check('', undefined), false, 'the decoy matches no password');
  assert.match(await new Passwords().hash('x'), /^scrypt\$32768\$8\$3\$/);
  assert.match(randomPassword(), /^[a-z2-9]{20}$/);
});

test('a one-time password only allows setting a new one; a change ends every other session', async () => {
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

test('a weak password is refused with the reason and a better choice', async () => {
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
    await assert.rejects(change(next), coded('LS-API-013', /too easy to guess: .+\. .+words/), next);
  assert.equal(people.callerOfSession(session)?.name, 'anna', 'a refusal ends no session');
  for (let n = 0; n < 8; n++) await assert.rejects(change('password1234'), coded('LS-API-013'));
  assert.ok(await change('five red lamps'), 'a refused new password does not count as a wrong one');
});

test('a session ends after a shift, on sign-out and when its user is locked', async () => {
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

test("a token is limited to its scopes and its owner's rights, expires, can be revoked and is stored as a hash", async () => {
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
  'a lock, even if it is undone,': async ({ people }) => {
    await lock(people, true);
    await lock(people, false);
  },
  'an unlock of a lock set by an older version': async ({ people, store }) => {
    const { users } = await store.load(0);
    await store.put({ ...users.find(({ name }) => name === 'anna')!, disabled: true });
    await lock(people, false);
  },
  'a removal, even if the name is created again,': async ({ people }) => {
    await people.removeUser('anna');
    await people.ensureUser({ name: 'anna', roles: ['operator'], areas: '*' }, 'four blue lamps');
  },
} satisfies Record<string, (rig: Awaited<ReturnType<typeof withTokens>>) => Promise<unknown>>))
  test(`${how} ends all tokens and sessions of that user only`, async () => {
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
    assert.equal(ended[0], undefined, 'listeners find it ended');
    assert.ok(ended.length > 0);
    if (how.includes('change'))
      assert.equal(people.callerOfSession(own as string)?.name, 'anna', 'the new session stays');
  });

test('a lock during password hashing wins: the change is refused and the sign-in fails', async () => {
  const { people, store, session } = await withTokens();
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
  await store.remove('anna');
  await assert.rejects(again, coded('LS-API-004'));
});

test('a token shows when it was created and last used, to the minute', async () => {
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
  assert.equal(seen().usedAt, first, 'not written on each request');
  time.now += 1;
  await use();
  assert.equal(seen().usedAt, time.now);
});

test('recording token use does not reload people, so a failing store signs nobody out', async () => {
  const { people, store, time, scada } = await withTokens();
  const session = await people.signIn('anna', 'four blue lamps');
  store.load = () => Promise.reject(new LoadstoneError('LS-STORE-001', 'the database is away'));
  time.now += 90_000;
  people.callerOfToken(scada.secret);
  await new Promise(setImmediate);
  assert.equal(people.tokens('anna').find(({ id }) => id === scada.id)?.usedAt, time.now);
  assert.equal(people.callerOfSession(session)?.name, 'anna');
});

test('one or all tokens of a user can be revoked', async () => {
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

test('a label shared by two tokens allows only what both allow', async () => {
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

test('if the store cannot be read after a change, nobody gets in until a sign-in can read it again', async () => {
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
  assert.equal(people.callerOfSession(session)?.name, 'anna', 'other sessions work again');
  assert.equal(changes, 1, 'listeners are notified');
});
