import assert from 'node:assert/strict';
import { test } from 'node:test';
import { People } from './people.ts';
import { HOW, SHIFT_MS, rig, coded, withAnna } from './testing/people-rig.ts';

test('inactivity or its user locks a session, also across a restart; signing in again unlocks the same session', async () => {
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
  assert.equal(await again(one), one, 'the session continues in its other windows');
  assert.equal(people.isLocked(one), false);
  await people.present(one, false);
  assert.equal(people.isLocked(one), true);
  await people.putUser({ name: 'bert', roles: ['operator'], areas: '*', disabled: false });
  const { oneTimePassword } = await people.resetPassword('bert');
  const other = await people.signIn('bert', oneTimePassword, { before: one });
  assert.notEqual(other, one, 'another user gets a new session');
  assert.equal(people.userOf(one), undefined, 'the previous session ends');
  const two = await again(other);
  const next = await again(two);
  assert.notEqual(next, two, 'an unlocked session is not reused');
  assert.deepEqual(
    [other, two, next].map((each) => people.userOf(each)?.name),
    [undefined, undefined, 'anna'],
  );
  // The clock is set back by an hour, so the time of inactivity is unknown.
  time.now -= 2 * HALF_HOUR_MS;
  assert.equal(people.isLocked(next), true);
});

test('without a timeout a session is locked only by its user', async () => {
  const { people, time, session } = await withAnna();
  time.now += SHIFT_MS - 1;
  assert.equal(people.isLocked(session), false);
  await people.present(session, false);
  assert.equal(people.isLocked(session), true);
});

test('a session locked by its user stays locked although an activity report is still in flight', async () => {
  const { people, store, time, session } = await withAnna();
  const markActive = store.markActive.bind(store);
  store.markActive = async (hash, at) => {
    // The disk is slow for the first write and quick for the second.
    if (at > 0) await new Promise((done) => setImmediate(done));
    return markActive(hash, at);
  };
  time.now += 21_000;
  await Promise.all([people.present(session, true), people.present(session, false)]);
  assert.equal(people.isLocked(session), true);
  assert.equal((await store.load(time.now)).sessions.find(({ user }) => user === 'anna')?.activeAt, 0);
});

test('activity changes presence only, not the published accounts', async () => {
  const { people, time, session } = await withAnna();
  const { accounts, presence } = people;
  time.now += 21_000;
  await people.present(session, true);
  assert.equal(people.accounts, accounts);
  assert.notDeepEqual(people.presence, presence);
  assert.equal(JSON.stringify(accounts).includes('activeAt'), false);
});

test('a full disk locks no active session; locking by hand still works, but reports the failed write', async () => {
  const { store, time, session } = await withAnna();
  const people = new People({ ...HOW, store, lockAfterMs: 60_000, now: () => time.now });
  await people.start();
  store.markActive = () => Promise.reject(new Error('the disk is full'));
  for (let n = 0; n < 3; n++) {
    time.now += 50_000;
    await people.present(session, true);
    assert.equal(people.isLocked(session), false);
  }
  // Signing in reloads all people.
  await people.signIn('anna', 'four blue lamps');
  assert.equal(people.isLocked(session), false);
  await assert.rejects(people.present(session, false), /the disk is full/);
  await people.signIn('anna', 'four blue lamps');
  assert.equal(people.isLocked(session), true);
});

test('signing in again through a provider unlocks the session with current rights', async () => {
  const { people, store, time } = rig();
  const ida = { name: 'ida', roles: ['operator'], areas: '*', identity: 'grid 1' } as const;
  const bea = await people.signInExternal({ ...ida, name: 'bea', identity: 'grid 2' });
  await people.present(bea, false);
  const first = await people.signInExternal({ ...ida, before: bea });
  assert.notEqual(first, bea, 'another user gets a new session');
  const one = await people.signInExternal({ ...ida, before: first });
  assert.notEqual(one, first, 'an unlocked session is not reused');
  assert.deepEqual(
    [bea, first, one].map((each) => people.userOf(each)?.name),
    [undefined, undefined, 'ida'],
  );
  await people.present(one, false);
  const { expiresAt } = (await store.load(time.now)).sessions[0]!;
  time.now += 1000;
  assert.equal(await people.signInExternal({ ...ida, roles: ['viewer'], before: one }), one);
  assert.deepEqual([people.isLocked(one), people.userOf(one)?.roles], [false, ['viewer']]);
  const after = new People({ ...HOW, store, now: () => time.now });
  await after.start();
  assert.equal(after.isLocked(one), false, 'also after a restart');
  time.now = expiresAt;
  assert.equal(people.userOf(one), undefined, 'its expiry is unchanged');
});
