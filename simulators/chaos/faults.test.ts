import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../shared/ports/random.ts';
import { drawFaults, shares } from './faults.ts';

const counts = (rounds: number, seed: number): Map<string, number> => {
  const faults = drawFaults(rounds, 2, new SeededRandom(seed, 'chaos'));
  return new Map([...Map.groupBy(faults, ({ kind }) => kind)].map(([kind, those]) => [kind, those.length]));
};

test('as many rounds as kinds contain each kind once, for any seed', () => {
  for (let seed = 1; seed <= 20; seed++)
    assert.deepEqual(
      [...counts(shares.length, seed).values()],
      shares.map(() => 1),
    );
});

test('a hundred rounds contain each kind in its share', () => {
  assert.deepEqual(counts(100, 3), new Map(shares));
});

test('the seed determines the order', () => {
  const kinds = (seed: number) => drawFaults(11, 2, new SeededRandom(seed, 'chaos')).map(({ kind }) => kind);
  assert.deepEqual(kinds(1), kinds(1));
  assert.notDeepEqual(kinds(1), kinds(2));
});
