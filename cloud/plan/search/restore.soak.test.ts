import { test } from 'node:test';
import { loadSolver } from '../compose-solver.ts';
import { assertFeasible } from '../testing/assert-feasible.ts';

test('property: feasible problems of up to 300 buses get a plan that keeps all limits', async () => {
  const solver = await loadSolver();
  for (let seed = 1; seed <= 12; seed++)
    for (const known of ['zero', 'drawn'] as const)
      for (const buses of [100, 300])
        assertFeasible(
          { buses, pv: 12 + 4 * (seed % 3), batteries: 6, steps: 4 + 4 * (seed % 2), seed, known },
          solver,
        );
});
