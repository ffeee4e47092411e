import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { test } from 'node:test';

const loaded = new Set<string>();
registerHooks({
  load: (url, context, next) => {
    loaded.add(/node_modules\/((?:@[\w.-]+\/)?[\w.-]+)/.exec(url)?.[1] ?? '');
    return next(url, context);
  },
});

/** Loads what a thread loads at its start. */
async function load(worker: string): Promise<void> {
  const file = new URL(worker, import.meta.url);
  const imports = readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type ).*from .(\.\S*).;$/gm);
  for (const [, path = ''] of imports) await import(new URL(path, file).href);
}

const heldOf = (packages: readonly string[]): string[] => packages.filter((name) => loaded.has(name));

// The order matters: loaded modules stay loaded.
test('threads that only compute or store hold no schemas', async () => {
  for (const worker of [
    '../telemetry/sqlite.worker.ts',
    '../estimate/estimate.worker.ts',
    '../plan/optimise.worker.ts',
    '../forecast/serve/forecast.worker.ts',
    '../planner/planner.worker.ts',
  ])
    await load(worker);
  assert.deepEqual(heldOf(['typebox', 'date-holidays']), []);
});

test('the thread of the API holds nothing that only the owner and its workers use', async () => {
  loaded.clear();
  await load('api.worker.ts');
  assert.ok(loaded.has('fastify'));
  assert.deepEqual(
    heldOf(['date-holidays', 'moment', 'onnxruntime-node', 'highs', 'aedes', 'mqtt', 'sparkplug-payload']),
    [],
  );
});
