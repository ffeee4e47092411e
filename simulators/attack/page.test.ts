import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { threatPage } from './page.ts';
import { requirements } from './requirements.ts';
import { suite } from './suite.ts';

const attacks = suite.flatMap((group) => group.attacks);

test('THREATS.md matches the list of attacks (npm run generate:threats)', () => {
  assert.equal(readFileSync(join(import.meta.dirname, 'THREATS.md'), 'utf8'), threatPage(suite));
});

test('each requirement has an attack that tests it, or a reason why none does', () => {
  const tested = new Set(attacks.flatMap((attack) => attack.requirements));
  const wrong = requirements
    .filter(({ id, untested }) => tested.has(id) === (untested !== undefined))
    .map(({ id }) => id);
  assert.deepEqual(wrong, []);
  const known = new Set(requirements.map(({ id }) => id));
  assert.deepEqual([...tested.difference(known)], [], 'attacks name unknown requirements');
});

test('each attack has a unique id that starts with the id of its group', () => {
  assert.equal(new Set(attacks.map(({ id }) => id)).size, attacks.length);
  for (const group of suite) for (const { id } of group.attacks) assert.ok(id.startsWith(`${group.id}/`), id);
});
