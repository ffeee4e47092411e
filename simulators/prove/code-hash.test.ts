import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeHash, executedFiles } from './code-hash.ts';

test('the hash holds what a run executes, to the workers and data that are named by an address, and not the report or the page', () => {
  const files = new Set(executedFiles());
  for (const name of [
    'simulators/prove/run-arm.ts',
    'simulators/plant/plant.ts',
    'edge/safety/guard.ts',
    'cloud/plan/search/highs-solver.ts',
    'cloud/plan/optimise.worker.ts',
    'cloud/alarms/rules.yaml',
  ])
    assert.ok(files.has(name), name);
  const others = [...files].filter((name) =>
    /\.test\.ts$|\/testing\/|dashboard|simulators\/(attack|bench|cli)\//.test(name),
  );
  assert.deepEqual(others, []);
  assert.equal(files.has('simulators/prove/report-page.ts'), false);
  assert.match(codeHash(), /^[0-9a-f]{64}$/);
});
