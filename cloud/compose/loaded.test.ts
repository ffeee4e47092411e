import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const CHILD = join(import.meta.dirname, 'testing', 'loads.child.ts');

/** Packages that these threads of the cloud load at their start, by a process of their own: loaded modules stay loaded. */
function loadedBy(...workers: readonly string[]): ReadonlySet<string> {
  const files = workers.map((worker) => join(import.meta.dirname, worker));
  const said = execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', CHILD, ...files], {
    encoding: 'utf8',
  });
  return new Set(JSON.parse(said.trimEnd().split('\n').at(-1)!) as string[]);
}

test('threads that only compute or store hold no schemas', () => {
  const loaded = loadedBy(
    '../telemetry/sqlite.worker.ts',
    '../estimate/estimate.worker.ts',
    '../plan/optimise.worker.ts',
    '../forecast/serve/forecast.worker.ts',
    '../planner/planner.worker.ts',
  );
  assert.ok(loaded.size > 0);
  assert.deepEqual(
    ['typebox', 'date-holidays'].filter((name) => loaded.has(name)),
    [],
  );
});

test('the thread of the API holds nothing that only the owner and its workers use', () => {
  const loaded = loadedBy('api.worker.ts');
  assert.ok(loaded.has('fastify') && loaded.has('typebox'));
  const others = ['date-holidays', 'moment', 'onnxruntime-node', 'highs', 'aedes', 'mqtt', 'sparkplug-payload'];
  assert.deepEqual(
    others.filter((name) => loaded.has(name)),
    [],
  );
});
