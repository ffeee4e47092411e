import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { suite } from './suite.ts';
import { attackedWithout, nameOf } from './testing/attacked.ts';
import { mutations, type DefenceMutation } from './testing/mutations.ts';

/**
 * Each mutation is applied in two of four instances; two mutations of the same file never share the same two. An attack must succeed where
 * its defence is removed, and be refused elsewhere, whatever other defences are removed there. So no mutation of another class can open or
 * hide it.
 */
const CLASSES = [
  [0, 1],
  [2, 3],
  [0, 2],
  [1, 3],
  [0, 3],
  [1, 2],
] as const;
const INSTANCES = [0, 1, 2, 3] as const;

/** Instances of each mutation, different from those of other mutations of the same file. */
const instancesOf = ((): ReadonlyMap<DefenceMutation, readonly number[]> => {
  const found = new Map<DefenceMutation, (typeof CLASSES)[number]>();
  const count = (of: (typeof CLASSES)[number]): number =>
    found
      .values()
      .filter((each) => each === of)
      .toArray().length;
  const sharing = (mutation: DefenceMutation): (readonly number[] | undefined)[] =>
    mutations
      .filter(({ edits }) => edits.some(({ file }) => mutation.edits.some((edit) => edit.file === file)))
      .map((other) => found.get(other));
  for (const mutation of mutations) {
    const taken = sharing(mutation);
    const free = CLASSES.filter((each) => !taken.includes(each)).toSorted((a, b) => count(a) - count(b));
    assert.ok(free[0], `more mutations than classes in a file of "${mutation.without}"`);
    found.set(mutation, free[0]);
  }
  return found;
})();

const attacks = mutations.flatMap(({ opens }) => opens);

describe('an attack succeeds only where its defence is removed', { concurrency: 2 }, () => {
  for (const instance of INSTANCES) {
    test(`instance ${instance + 1}`, async () => {
      const gone = mutations.filter((each) => instancesOf.get(each)!.includes(instance));
      const edited = new Set(gone.flatMap(({ edits }) => edits.map(nameOf)));
      const results = await attackedWithout(gone, attacks);
      const wrong = mutations.flatMap(({ without, opens, edits }) => {
        const isGone = edits.every((edit) => edited.has(nameOf(edit)));
        return opens.flatMap((id) => {
          const result = results.get(id);
          const isRight =
            result?.kind === (isGone ? 'fail' : 'pass') && !result.properties.seen.startsWith('not judged');
          const seen = `${result?.kind}: ${result?.properties.seen}`;
          return isRight ? [] : [`${isGone ? 'without' : 'despite'} "${without}", ${id}: ${seen}`];
        });
      });
      assert.deepEqual(wrong, []);
    });
  }
});

test('mutations remove a defence of every group that has one', () => {
  const groupsOf = (ids: readonly string[]): Set<string> => new Set(ids.map((id) => id.split('/')[0]!));
  const known = new Set(suite.flatMap((group) => group.attacks.map(({ id }) => id)));
  assert.deepEqual(
    attacks.filter((id) => !known.has(id)),
    [],
  );
  const defended = suite.flatMap((group) =>
    group.attacks.some(({ knownOpen }) => knownOpen === undefined) ? [group.attacks[0]!.id] : [],
  );
  assert.deepEqual(
    [...groupsOf(defended)].filter((group) => !groupsOf(attacks).has(group)),
    [],
  );
});
