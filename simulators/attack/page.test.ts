import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { threatPage } from './page.ts';
import { requirements } from './requirements.ts';
import { suite } from './suite.ts';

const attacks = suite.flatMap((group) => group.attacks);

test('the threat model is as its list says: npm run generate:threats writes it', () => {
  assert.equal(readFileSync(join(import.meta.dirname, 'THREATS.md'), 'utf8'), threatPage(suite));
});

test('each requirement has an attack that tests it, or the reason why there is none', () => {
  const tested = new Set(attacks.flatMap((attack) => attack.requirements));
  const wrong = requirements
    .filter(({ id, untested }) => tested.has(id) === (untested !== undefined))
    .map(({ id }) => id);
  assert.deepEqual(wrong, []);
  const known = new Set(requirements.map(({ id }) => id));
  assert.deepEqual([...tested.difference(known)], [], 'attacks name requirements that are not on the list');
});

test('each attack has an id of its own below its group', () => {
  assert.equal(new Set(attacks.map(({ id }) => id)).size, attacks.length);
  for (const group of suite) for (const { id } of group.attacks) assert.ok(id.startsWith(`${group.id}/`), id);
});
