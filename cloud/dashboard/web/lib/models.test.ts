import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placesOf, type ModelAnswer } from './models.ts';

const model = (id: string, state: string, since: string): ModelAnswer =>
  ({ id, state, since, target: 'substation:owd', role: 'cloud' }) as ModelAnswer;

test('a place shows its newest active and its newest other model, in any order of the registry', () => {
  const models = [
    model('a', 'held', '2021-09-01T00:00:00Z'),
    model('b', 'active', '2021-09-02T00:00:00Z'),
    model('c', 'rejected', '2021-09-03T00:00:00Z'),
    model('d', 'active', '2021-09-04T00:00:00Z'),
    model('e', 'held', '2021-09-02T00:00:00Z'),
  ];
  for (const listed of [models, models.toReversed()]) {
    const [{ answering, other } = {}] = placesOf(listed);
    assert.deepEqual([answering?.id, other?.id], ['d', 'c']);
  }
});
