import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { rig, coded, withAnna } from './testing/people-rig.ts';

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
