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

test('of two concurrent creations of a user, one returns a password, and it works', async () => {
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

test('roles that exclude each other are never granted together; a user who has both keeps them until a change', async () => {
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

test('creating a user or raising rights takes two admins; removing rights takes one', async () => {
  const { people } = await withAdmins();
  const mia = { name: 'mia', roles: ['planner'], areas: ['substation:owd'], disabled: false } as const;
  const waits = coded('LS-DESK-005', /another admin.*loadstone cloud people/);
  await assert.rejects(people.putUser(mia, 'eva'), waits);
  await assert.rejects(people.putUser(mia, 'eva'), waits, 'the same admin cannot confirm');
  await assert.rejects(people.putUser(mia, 'eva/script'), waits, 'a token of the same admin cannot confirm');
  await assert.rejects(people.putUser(mia, 'ina/script'), waits, 'a token can request, but not confirm');
  await people.second.drop('mia', 'rights');
  await assert.rejects(people.putUser(mia, 'eva'), waits);
  await assert.rejects(people.putUser(mia, 'some-program'), waits, 'an unknown program cannot confirm');
  await assert.rejects(
    people.putUser({ ...mia, areas: '*' }, 'ina'),
    waits,
    'different rights are a different request',
  );
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
  await assert.rejects(people.putUser({ ...mia, areas: [] }, 'eva'), waits, 'unlocking restores rights');
});

test('a change of a user who was just removed takes two admins, because it creates the user again', async () => {
  const { people, store } = await withAdmins();
  const olga = { name: 'olga', roles: ['operator'], areas: '*', disabled: false } as const;
  const waits = coded('LS-DESK-005');
  await people.ensureUser(olga, 'six grey lamps');
  const removal = people.removeUser('olga');
  await assert.rejects(people.putUser(olga, 'eva'), waits, 'the removal is under way');
  await removal;
  await people.ensureUser(olga, 'six grey lamps');
  await store.remove('olga');
  await assert.rejects(people.putUser(olga, 'eva'), waits, 'another process removed her');
  assert.equal(people.user('olga'), undefined);
});

test('a removal that waits for another act fails if its admin has lost the right by then', async () => {
  const { people } = await withAdmins();
  let may = true;
  const stillMay = (): void => {
    if (!may) throw new LoadstoneError('LS-API-003', 'the right is gone');
  };
  const before = people.putUser({ name: 'mia', roles: ['viewer'], areas: '*', disabled: false });
  const removal = people.removeUser('ina', stillMay);
  may = false;
  await assert.rejects(removal, coded('LS-API-003'));
  await before;
  assert.ok(people.user('ina'));
});

test('a password reset takes two admins, and only one for a user who can only read', async () => {
  const { people } = await withAdmins();
  await people.ensureUser({ name: 'olga', roles: ['operator'], areas: '*' }, 'six grey lamps');
  await people.ensureUser({ name: 'vera', roles: ['viewer'], areas: '*' }, 'two grey lamps');
  await assert.rejects(people.resetPassword('olga', 'eva'), coded('LS-DESK-005'));
  assert.ok(await people.signIn('olga', 'six grey lamps'), 'the old password still works');
  assert.equal((await people.resetPassword('olga', 'ina')).requester, 'eva');
  assert.equal((await people.resetPassword('vera', 'eva')).requester, undefined);
});

test('a request is valid for a day, while its requester is an admin, until it is withdrawn', async () => {
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

test('acts on the machine itself need no second admin, so a lone admin is not locked out', async () => {
  const { people } = rig();
  await people.ensureUser({ name: 'eva', roles: ['admin'], areas: '*' }, 'ten red lamps');
  const mia = { name: 'mia', roles: ['operator'], areas: '*', disabled: false } as const;
  await assert.rejects(people.putUser(mia, 'eva'), coded('LS-DESK-005'));
  assert.ok((await people.putUser(mia)).oneTimePassword);
  assert.ok((await people.resetPassword('mia')).oneTimePassword);
});

test('an admin who loses the right during hashing neither creates a user nor resets a password', async () => {
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
