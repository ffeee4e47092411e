import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Opened } from '../../telemetry/testing/store-files.ts';
import { MOST_FAILURES } from '../sqlite-people-store.ts';
import type { PeopleStore, StoredSession, StoredToken, StoredUser, User } from '../people-store.ts';

const T0 = Date.parse('2026-01-01T00:00:00Z');
const HOUR_MS = 3_600_000;
const AT_ONCE = 8;
const many = Array.from({ length: AT_ONCE }, (_, n) => n);
const names = many.map((n) => `admin-${n}`);

const person = (name: string, more: Partial<StoredUser> = {}): StoredUser => ({
  name,
  hash: 'h',
  roles: ['admin'],
  areas: '*',
  mustChange: false,
  disabled: false,
  ...more,
});
const session = (hash: string, user = 'anna', expiresAt = T0 + HOUR_MS): StoredSession => ({
  hash,
  user,
  expiresAt,
  activeAt: T0,
});
const token = (id: string, user = 'anna', label = id): StoredToken => ({
  id,
  hash: `hash of ${id}`,
  user,
  label,
  scopes: ['planner:read'],
  createdAt: T0,
  usedAt: null,
  expiresAt: T0 + HOUR_MS,
});
const shown = ({ hash: _hash, ...rest }: StoredToken) => rest;
const admins = (users: readonly User[]): number =>
  users.filter(({ roles, disabled }) => roles.includes('admin') && !disabled).length;
const only = { password: 'h', most: 50 };

/** Contract of every people store. `open` returns an empty one. */
export function peopleStoreSuite(name: string, open: () => Promise<Opened<PeopleStore>>): void {
  /** Anna with two sessions and a token, and Ben with one of each. */
  const withAnna = async () => {
    const { store, again } = await open();
    for (const who of ['anna', 'ben']) await store.make(person(who));
    for (const [hash, who] of [
      ['a1', 'anna'],
      ['a2', 'anna'],
      ['b1', 'ben'],
    ] as const)
      assert.equal(await store.openSession(session(hash, who), 'h', { now: T0 }), true);
    for (const each of [token('t1'), token('t2', 'ben')]) assert.equal(await store.addToken(each, only), 'added');
    return { store, again };
  };
  const held = async (store: PeopleStore) => {
    const { sessions, tokens } = await store.load(T0);
    return [...sessions, ...tokens].map((each) => each.hash);
  };

  test(`${name}: people, sessions and tokens survive a restart; ended sessions are left out`, async () => {
    const { again } = await withAnna();
    const store = await again();
    assert.deepEqual(await store.load(T0), {
      users: [person('anna'), person('ben')],
      sessions: [session('a1'), session('a2'), session('b1', 'ben')],
      tokens: [token('t1'), token('t2', 'ben')],
      withPasskey: [],
    });
    assert.deepEqual((await store.load(T0 + HOUR_MS)).sessions, []);
    await store.markActive('a2', T0 + 60_000);
    await store.markActive('nobody', T0);
    const { sessions } = await (await again()).load(T0);
    assert.deepEqual(sessions[1], { ...session('a2'), activeAt: T0 + 60_000 });
    assert.equal(sessions.length, 3);
  });

  test(`${name}: of concurrent creations of a name, one succeeds`, async () => {
    const { store } = await open();
    const made = await Promise.all(names.map((hash) => store.make(person('anna', { hash }))));
    assert.deepEqual(made.toSorted(), [...names.slice(1).map(() => 'known'), 'made']);
    const { users } = await store.load(T0);
    assert.deepEqual(users, [person('anna', { hash: names[made.indexOf('made')]! })]);
    await store.put(person('anna', { areas: [], roles: [] }));
    assert.deepEqual((await store.load(T0)).users, [person('anna', { areas: [], roles: [] })]);
  });

  for (const [act, of] of [
    ['remove each other', (store: PeopleStore, who: string) => store.remove(who)],
    ['lock each other', (store: PeopleStore, who: string) => store.change({ ...person(who), disabled: true })],
    ['lose their role', (store: PeopleStore, who: string) => store.change({ ...person(who), roles: ['viewer'] })],
    [
      'do either',
      (store: PeopleStore, who: string) =>
        Number(who.at(-1)) % 2 === 0 ? store.remove(who) : store.change({ ...person(who), disabled: true }),
    ],
  ] as const)
    test(`${name}: when all admins ${act} at once, one admin remains`, async () => {
      const { store } = await open();
      for (const who of names) await store.make(person(who));
      await store.make(person('locked', { disabled: true }));
      await store.make(person('viewer', { roles: ['viewer'] }));
      const outcomes = await Promise.all(names.map((who) => of(store, who)));
      assert.equal(outcomes.filter((each) => each === 'last admin').length, 1);
      assert.equal(admins((await store.load(T0)).users), 1);
    });

  test(`${name}: the last admin can change areas but cannot be removed until there is another`, async () => {
    const { store } = await open();
    await store.make(person('root'));
    assert.equal(await store.change({ ...person('root'), areas: ['substation:owd'] }), 'changed');
    assert.deepEqual((await store.load(T0)).users[0]?.areas, ['substation:owd']);
    assert.equal(await store.remove('root'), 'last admin');
    await store.make(person('other'));
    assert.equal(await store.remove('root'), 'removed');
    assert.equal(await store.remove('root'), 'unknown');
    assert.equal(await store.change(person('root')), 'unknown');
  });

  test(`${name}: changing rights keeps the password and the flag that it must be changed`, async () => {
    const { store } = await open();
    await store.make(person('anna', { roles: ['viewer'], mustChange: true, hash: 'own' }));
    await store.change({ ...person('anna'), roles: ['operator'] });
    assert.deepEqual((await store.load(T0)).users, [
      person('anna', { roles: ['operator'], mustChange: true, hash: 'own' }),
    ]);
  });

  test(`${name}: requests survive a restart and expire; of concurrent takers one succeeds`, async () => {
    const { store, again } = await open();
    const rights = { name: 'mia', roles: ['planner'], areas: ['substation:owd'], disabled: false } as const;
    const ask = { user: 'mia', kind: 'rights', rights, by: 'anna', askedAt: T0, expiresAt: T0 + HOUR_MS } as const;
    const reset = { ...ask, kind: 'password', rights: null, askedAt: T0 + 1 } as const;
    for (const each of [reset, { ...ask, by: 'ben' }, ask]) await store.putRequest(each);
    const after = await again();
    assert.deepEqual(await after.requests(T0), [ask, reset]);
    assert.deepEqual(await after.requests(T0 + HOUR_MS), []);
    const later = { ...ask, user: 'zoe', askedAt: T0 + HOUR_MS, expiresAt: T0 + 2 * HOUR_MS };
    await after.putRequest(later);
    assert.deepEqual(await after.requests(T0), [later], 'expired ones are deleted');
    for (const each of [reset, ask]) await after.putRequest(each);
    await after.takeRequest('zoe', 'rights');
    const taken = await Promise.all(many.map(() => after.takeRequest('mia', 'rights')));
    assert.equal(taken.filter(Boolean).length, 1);
    assert.deepEqual(await after.requests(T0), [reset]);
    for (const who of ['mia', 'root']) await after.make(person(who));
    await after.remove('mia');
    assert.deepEqual(await after.requests(T0), []);
  });

  test(`${name}: passkeys survive a restart, are limited in number, usable once per counter, and end with their user`, async () => {
    const { store, again } = await open();
    for (const who of ['anna', 'ben']) await store.make(person(who));
    const key = { user: 'anna', name: 'key', host: 'localhost', key: 'k', counter: 0, createdAt: T0, usedAt: null };
    const outcomes = await Promise.all(many.map((n) => store.addPasskey({ ...key, id: `p${n}` }, 2)));
    assert.equal(outcomes.filter((each) => each === 'added').length, 2);
    assert.equal(await store.addPasskey({ ...key, id: 'p0', user: 'ben' }, 2), 'known');
    const after = await again();
    assert.equal((await after.passkeys('anna')).length, 2);
    assert.deepEqual((await after.load(T0)).withPasskey, ['anna']);
    const use = { seen: 0, counter: 1, now: T0 + 1 };
    const used = await Promise.all(many.map(() => after.usePasskey('p0', use)));
    assert.equal(used.filter(Boolean).length, 1);
    assert.deepEqual(await after.passkeys('anna').then(([first]) => first), {
      ...key,
      id: 'p0',
      counter: 1,
      usedAt: T0 + 1,
    });
    assert.equal(await after.renamePasskey('ben', 'p0', 'stolen'), false);
    assert.equal(await after.renamePasskey('anna', 'p0', 'blue'), true);
    assert.equal((await after.passkeys('anna'))[0]?.name, 'blue');
    assert.equal(await after.removePasskey('ben', 'p0'), false);
    assert.equal(await after.removePasskey('anna', 'p0'), true);
    assert.equal(await after.removePasskeys('anna'), 1);
    await after.addPasskey({ ...key, id: 'p9' }, 2);
    await after.remove('anna');
    assert.deepEqual(await after.passkeys('anna'), []);
  });

  for (const [what, act] of Object.entries({
    'a lock': (store) => store.change({ ...person('anna'), disabled: true }),
    'an unlock': async (store) => {
      await store.put(person('anna', { disabled: true }));
      return store.change(person('anna'));
    },
    'a removal': (store) => store.remove('anna'),
    'a reset': (store) => store.resetPassword('anna', 'given'),
  } satisfies Record<string, (store: PeopleStore) => Promise<unknown>>))
    test(`${name}: ${what} ends all sessions and tokens of that user only`, async () => {
      const { store } = await withAnna();
      await act(store);
      assert.deepEqual(await held(store), ['b1', 'hash of t2']);
    });

  test(`${name}: of concurrent password changes one succeeds, and only its session remains`, async () => {
    const { store } = await withAnna();
    const change = (n: number, by = 'a1') =>
      store.changePassword(by, { from: 'h', to: `p${n}`, next: session(`n${n}`), now: T0 });
    assert.equal(await change(99, 'b2'), false, 'no session');
    const done = await Promise.all(many.map((n) => change(n, n % 2 === 0 ? 'a1' : 'a2')));
    assert.equal(done.filter(Boolean).length, 1);
    const by = done.indexOf(true);
    assert.deepEqual(await held(store), ['b1', `n${by}`, 'hash of t2']);
    assert.equal((await store.load(T0)).users[0]?.hash, `p${by}`);
    assert.equal(await store.changePassword('b1', { from: 'x', to: 'y', next: session('z'), now: T0 }), false);
    const late = { from: 'h', to: 'y', next: session('z'), now: T0 + HOUR_MS };
    assert.equal(await store.changePassword('b1', late), false, 'the session has ended');
  });

  test(`${name}: no session opens with a password that was reset, for a locked user or for an unknown one`, async () => {
    const { store } = await withAnna();
    await Promise.all([
      ...many.slice(4).map((n) => store.openSession(session(`early-${n}`), 'h', { now: T0 })),
      store.resetPassword('anna', 'given'),
      ...many.map((n) => store.openSession(session(`late-${n}`), 'h', { now: T0 })),
    ]);
    // What started before the reset ended with it.
    assert.deepEqual(await held(store), ['b1', 'hash of t2']);
    const { users } = await store.load(T0);
    assert.deepEqual([users[0]?.hash, users[0]?.mustChange], ['given', true]);
    await store.put(person('anna', { disabled: true }));
    assert.equal(await store.openSession(session('locked'), 'h', { now: T0 }), false);
    assert.equal(await store.openSession(session('nobody', 'nobody'), 'h', { now: T0 }), false);
    assert.equal(await store.resetPassword('nobody', 'given'), false);
  });

  test(`${name}: of concurrent guesses that saw the same counter, one is counted`, async () => {
    const { store } = await withAnna();
    const at = (now: number) => ({ now, forgetBefore: T0 });
    const sources = ['address 192.0.2.1', ''];
    for (let round = 1; round <= 3; round++) {
      const seen = await store.failures('anna', sources);
      const counted = await Promise.all(many.map(() => store.countFailure('anna', sources, seen, at(T0 + round))));
      assert.equal(counted.filter(Boolean).length, 1);
      const each = { count: round, lastAt: T0 + round };
      assert.deepEqual(await store.failures('anna', [...sources, 'address 192.0.2.2']), [each, each, undefined]);
    }
    const old = { now: T0 + 9, forgetBefore: T0 + 8 };
    assert.equal(await store.countFailure('ben', sources, [undefined, undefined], old), true);
    assert.deepEqual(await store.failures('anna', sources), [undefined, undefined], 'forgotten');
    const from = { now: T0, forgets: sources.slice(1) };
    assert.equal(await store.openSession(session('b2', 'ben'), 'wrong', from), false);
    assert.equal((await store.failures('ben', ['']))[0]?.count, 1);
    assert.equal(await store.openSession(session('b2', 'ben'), 'h', from), true);
    assert.deepEqual(
      (await store.failures('ben', sources)).map((each) => each?.count),
      [1, undefined],
      'another address is still counted',
    );
    await store.clearFailures('ben', sources);
    assert.deepEqual(await store.failures('ben', sources), [undefined, undefined]);
  });

  test(`${name}: guesses at invented names are limited in number and do not displace those at a user`, async () => {
    const { store } = await withAnna();
    const count = (who: string, at: number, sources: readonly string[]) =>
      store.countFailure(who, sources, [], { now: T0 + at, forgetBefore: T0 });
    const counts = async (who: string, sources: readonly string[]) =>
      (await store.failures(who, sources)).map((each) => each?.count);
    assert.equal(await count('anna', 0, ['', 'address']), true);
    assert.equal(await count('invented', 1, ['', 'address']), true);
    const addresses = Array.from({ length: MOST_FAILURES - 3 }, (_, n) => `address ${n}`);
    assert.equal(await count('another', 2, addresses), true);
    assert.deepEqual(await counts('anna', ['', 'address']), [1, 1]);
    assert.deepEqual((await counts('invented', ['', 'address'])).filter(Boolean), [1], 'one too many');
    assert.equal(await count('a third', 3, ['']), true);
    assert.deepEqual(await counts('anna', ['', 'address']), [1, 1]);
    assert.deepEqual(await counts('invented', ['', 'address']), [undefined, undefined]);
    assert.deepEqual(await counts('a third', ['']), [1]);
  });

  test(`${name}: a browser is known for users who signed in there, until it expires, a reset, or 50 newer ones`, async () => {
    const { store } = await withAnna();
    const signIn = (device: string, now = T0, user = 'anna') =>
      store.openSession(session(`${user} ${device} ${now}`, user), 'h', { now, device });
    const knows = (device: string, since = T0, user = 'anna') => store.knowsDevice(device, user, since);
    assert.equal(await store.openSession(session('w'), 'wrong', { now: T0, device: 'd1' }), false);
    assert.equal(await knows('d1'), false, 'a wrong guess does not make it known');
    assert.equal(await signIn('d1'), true);
    assert.deepEqual([await knows('d1'), await knows('d1', T0, 'ben'), await knows('d2')], [true, false, false]);
    assert.equal(await knows('d1', T0 + 1), false, 'too old');
    await signIn('d1', T0, 'ben');
    await signIn('d1', T0 + 5);
    assert.equal(await knows('d1', T0 + 5), true, 'used again');
    for (let n = 0; n < 50; n++) await signIn(`more-${n}`, T0 + 10 + n);
    assert.deepEqual([await knows('d1'), await knows('more-0')], [false, true], 'the oldest one is evicted');
    assert.equal(await knows('d1', T0, 'ben'), true);
    const next = session('changed');
    const by = session(`anna more-49 ${T0 + 59}`).hash;
    assert.equal(await store.changePassword(by, { from: 'h', to: 'h2', next, now: T0, device: 'here' }), true);
    assert.deepEqual(
      [await knows('more-49'), await knows('here')],
      [false, true],
      'browsers that knew the old password are forgotten',
    );
    await store.resetPassword('anna', 'given');
    assert.equal(await knows('here'), false);
    await store.remove('ben');
    assert.equal(await knows('d1', T0, 'ben'), false);
  });

  test(`${name}: of concurrent external sign-ins with one new name, one identity gets it and can sign in again`, async () => {
    const { store } = await withAnna();
    const bring = (n: number) =>
      store.openExternal(person('zoe', { hash: `external ${n}` }), session(`z${n}`, 'zoe'), T0);
    const done = await Promise.all(many.map(bring));
    assert.deepEqual(done.toSorted(), ['opened', ...many.slice(1).map(() => 'other')]);
    const by = done.indexOf('opened');
    const entry = person('zoe', { hash: `external ${by}`, roles: ['viewer'] });
    assert.equal(await store.openExternal(entry, session('again', 'zoe'), T0), 'opened');
    assert.deepEqual((await store.load(T0)).users.at(-1), entry);
    const active = { ...session('again', 'zoe'), activeAt: T0 + 7 };
    assert.equal(await store.openExternal(entry, active, T0), 'opened');
    const again = (await store.load(T0)).sessions.filter(({ hash }) => hash === 'again');
    assert.deepEqual(again, [active], 'an existing session is updated');
    assert.equal(await store.openExternal(person('anna', { hash: 'external' }), session('x'), T0), 'other');
    await store.change({ ...entry, disabled: true });
    assert.equal(await store.openExternal(entry, session('x', 'zoe'), T0), 'locked');
    assert.deepEqual(await held(store), ['a1', 'a2', 'b1', 'hash of t1', 'hash of t2']);
  });

  test(`${name}: data stored with a session ends with it`, async () => {
    const { store } = await withAnna();
    await store.putSealed('a1', new Uint8Array([1, 2]));
    assert.deepEqual([...(await store.sealed('a1', T0))!], [1, 2]);
    assert.equal(await store.sealed('a2', T0), undefined);
    assert.equal(await store.sealed('a1', T0 + HOUR_MS), undefined);
    await store.endSession('a1');
    assert.equal(await store.sealed('a1', T0), undefined);
    assert.deepEqual(await held(store), ['a2', 'b1', 'hash of t1', 'hash of t2']);
  });

  test(`${name}: concurrent new tokens do not exceed the limit`, async () => {
    const { store } = await withAnna();
    const added = await Promise.all(
      many.map((n) => store.addToken(token(`m${n}`), { password: 'h', most: AT_ONCE / 2 })),
    );
    assert.equal(added.filter((each) => each === 'added').length, AT_ONCE / 2 - 1);
    assert.equal(added.filter((each) => each === 'full').length, AT_ONCE / 2 + 1);
  });

  test(`${name}: no token is added after a password change, for a locked user or for an unknown one`, async () => {
    const { store } = await withAnna();
    await Promise.all([
      store.resetPassword('anna', 'given'),
      ...many.map((n) => store.addToken(token(`late-${n}`), only)),
    ]);
    assert.deepEqual(await held(store), ['b1', 'hash of t2']);
    assert.equal(
      await store.addToken(token('x'), { ...only, password: 'given' }),
      'late',
      'the password must be changed first',
    );
    await store.put(person('ben', { disabled: true }));
    assert.equal(await store.addToken(token('x', 'ben'), only), 'late');
    assert.equal(await store.addToken(token('x', 'nobody'), only), 'late');
  });

  test(`${name}: of concurrent removals one returns the token with its last use, also when all are removed`, async () => {
    const { store } = await withAnna();
    await store.markUsed('t1', T0 + 5);
    const used = { ...shown(token('t1')), usedAt: T0 + 5 };
    assert.equal(await store.removeToken('ben', 't1'), undefined, 'a token of another user');
    const ended = await Promise.all(many.map(() => store.removeToken('anna', 't1')));
    assert.deepEqual(
      ended.filter((each) => each !== undefined),
      [used],
    );
    for (const id of ['t3', 't4']) await store.addToken(token(id), only);
    const all = await Promise.all(many.map(() => store.removeTokens('anna')));
    assert.deepEqual(
      all
        .flat()
        .map(({ id }) => id)
        .toSorted(),
      ['t3', 't4'],
    );
    assert.deepEqual(await held(store), ['a1', 'a2', 'b1', 'hash of t2']);
  });
}
