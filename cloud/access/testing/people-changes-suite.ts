import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PeopleChanges, User } from '../people-changes.ts';

type StoredUser = User & { readonly hash: string };

/** What every adapter of people holds to. `open` gives one that holds nobody. */
export function peopleChangesSuite(
  name: string,
  open: () => { readonly people: PeopleChanges; readonly all: () => Promise<readonly User[]> },
): void {
  const person = (who: string, more: Partial<StoredUser> = {}): StoredUser => ({
    name: who,
    hash: 'h',
    roles: ['admin'],
    areas: '*',
    mustChange: false,
    disabled: false,
    ...more,
  });
  const admins = (users: readonly User[]): number =>
    users.filter(({ roles, disabled }) => roles.includes('admin') && !disabled).length;
  const many = Array.from({ length: 8 }, (_, n) => `admin-${n}`);

  test(`${name}: only one of many concurrent creations of a name succeeds`, async () => {
    const { people, all } = open();
    const made = await Promise.all(many.map((hash) => people.make(person('anna', { hash }))));
    assert.deepEqual(made.toSorted(), [...many.slice(1).map(() => 'known'), 'made']);
    assert.equal((await all()).length, 1);
  });

  for (const [act, of] of [
    ['remove each other', (people: PeopleChanges, who: string) => people.remove(who)],
    ['lock each other', (people: PeopleChanges, who: string) => people.change({ ...person(who), disabled: true })],
    ['lose their role', (people: PeopleChanges, who: string) => people.change({ ...person(who), roles: ['viewer'] })],
    [
      'do either',
      (people: PeopleChanges, who: string) =>
        Number(who.at(-1)) % 2 === 0 ? people.remove(who) : people.change({ ...person(who), disabled: true }),
    ],
  ] as const)
    test(`${name}: one admin is left when all admins ${act} at once`, async () => {
      const { people, all } = open();
      for (const who of many) await people.make(person(who));
      await people.make(person('locked', { disabled: true }));
      await people.make(person('viewer', { roles: ['viewer'] }));
      const outcomes = await Promise.all(many.map((who) => of(people, who)));
      assert.equal(outcomes.filter((each) => each === 'last admin').length, 1);
      assert.equal(admins(await all()), 1);
    });

  test(`${name}: the last admin may change anything but being admin, and leave once there is another`, async () => {
    const { people, all } = open();
    await people.make(person('root'));
    assert.equal(await people.change({ ...person('root'), areas: ['substation:owd'] }), 'changed');
    assert.deepEqual((await all())[0]?.areas, ['substation:owd']);
    assert.equal(await people.remove('root'), 'last admin');
    await people.make(person('other'));
    assert.equal(await people.remove('root'), 'removed');
    assert.equal(await people.remove('root'), 'unknown');
    assert.equal(await people.change(person('root')), 'unknown');
  });

  test(`${name}: a change of rights keeps the password and whether it must be changed`, async () => {
    const { people, all } = open();
    await people.make(person('anna', { roles: ['viewer'], mustChange: true }));
    await people.change({ ...person('anna'), roles: ['operator'] });
    const [anna] = await all();
    assert.deepEqual([anna?.roles, anna?.mustChange], [['operator'], true]);
  });
}
