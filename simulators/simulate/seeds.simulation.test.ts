import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawnSeed } from './drawn-seed.ts';
import { regressionSeeds } from './regression-seeds.ts';
import { runSeed } from './run-seed.ts';
import { holdsFor, simulate } from './testing/simulate-command.ts';
import { smallWorld } from './world.ts';

const SEEDS = 100;
const { seed: first, from } = drawnSeed(import.meta.dirname);

test(`${SEEDS} fault seeds from ${first} on (${from}): all invariants hold`, () => holdsFor(SEEDS, first));

// In this process, which compiles once for all of them.
const world = smallWorld();
for (const { seed, showed } of regressionSeeds)
  test(`seed ${seed} passes; it once failed: ${showed}`, async () => {
    const { violations } = await runSeed(seed, world);
    assert.deepEqual(violations, [], `npm run simulate -- --first-seed ${seed} --seeds 1 --trace run.txt`);
  });

test('a seed gives the same run twice', async () => {
  const once = await runSeed(7, world, { keep: () => undefined });
  const again = await runSeed(7, world, { keep: () => undefined });
  assert.notEqual(once.digest, '');
  assert.deepEqual(again, once);
});

test('an invalid number of seeds is a usage error, as is a trace of several seeds', async () => {
  assert.equal((await simulate('--seeds', 'many')).code, 2);
  assert.equal((await simulate('--seeds', '2', '--trace', 'run.txt')).code, 2);
});
