import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallProblem, pvPlant } from '../testing/small-feeder.ts';
import { dispatchInline, dispatchPool } from '../compose-compute.ts';

const task = {
  problem: smallProblem({ loadKw: [80, 300], devices: [pvPlant('b5', [3300, 0], 500)], spread: 0.1 }),
  plan: { substation: 'small', substitutions: [], bandKw: 10 },
};

test('a thread pool gives the same results as the main thread', async () => {
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

test('a dead thread is replaced and its task retried; a task that kills every thread fails alone', async () => {
  const pool = dispatchPool(2, new URL('../testing/mortal.worker.ts', import.meta.url));
  const mortal = (deaths: number) => {
    const counter = new Int32Array(new SharedArrayBuffer(4));
    counter[0] = deaths;
    return { ...task, deaths: counter };
  };
  try {
    const own = await dispatchInline().run('dispatch', task);
    const [once, always, ...others] = await Promise.allSettled([
      pool.run('dispatch', mortal(1)),
      pool.run('dispatch', mortal(1000)),
      ...Array.from({ length: 4 }, () => pool.run('dispatch', task)),
    ]);
    assert.deepEqual(once, { status: 'fulfilled', value: own });
    assert.equal(always.status, 'rejected');
    for (const other of others) assert.deepEqual(other, { status: 'fulfilled', value: own });
    assert.deepEqual(await pool.run('dispatch', task), own);
  } finally {
    await pool.close();
  }
});
