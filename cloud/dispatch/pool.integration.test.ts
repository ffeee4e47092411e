import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallProblem, pvPlant } from '../optimise/testing/small-feeder.ts';
import { dispatchInline, dispatchPool } from './compose-compute.ts';

test('a pool of threads answers as the own thread does', async () => {
  const task = {
    problem: smallProblem({ loadKw: [80, 300], devices: [pvPlant('b5', [3300, 0], 500)], spread: 0.1 }),
    plan: { substation: 'small', substitutions: [], bandKw: 10 },
  };
  const pool = dispatchPool(2);
  try {
    const answers = await Promise.all([1, 2, 3, 4].map(() => pool.run('dispatch', task)));
    const own = await dispatchInline().run('dispatch', task);
    for (const answer of answers) assert.deepEqual(answer, own);
    assert.ok(own.ok);
  } finally {
    await pool.close();
  }
});
