import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawnSeed } from './drawn-seed.ts';
import { keptSeeds } from './kept-seeds.ts';
import { runSeed } from './run-seed.ts';
import { holdsFor, simulate } from './testing/simulate-command.ts';
import { smallWorld } from './world.ts';

const SEEDS = 100;
const { seed: first, from } = drawnSeed(import.meta.dirname);

test(`${SEEDS} seeds of faults from ${first} on (${from}): what must always hold holds`, () => holdsFor(SEEDS, first));

for (const { seed, showed } of keptSeeds)
  test(`seed ${seed} stays well: it once showed ${showed}`, () => holdsFor(1, seed));

test('a seed is the same run twice', async () => {
  const world = smallWorld();
  const once = await runSeed(7, world, () => undefined);
  const again = await runSeed(7, world, () => undefined);
  assert.notEqual(once.digest, '');
  assert.deepEqual(again, once);
});

test('what is no number of seeds is said, and a trace follows one seed', async () => {
  assert.equal((await simulate('--seeds', 'many')).code, 2);
  assert.equal((await simulate('--seeds', '2', '--trace', 'run.txt')).code, 2);
});
