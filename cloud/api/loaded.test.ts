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

test('the thread of the API holds nothing that only the owner and its workers use', async () => {
  const worker = new URL('../compose/api.worker.ts', import.meta.url);
  const imports = readFileSync(worker, 'utf8').matchAll(/^import (?!type ).*from '(\..*)';$/gm);
  for (const [, path = ''] of imports) await import(new URL(path, worker).href);
  const heavy = ['date-holidays', 'moment', 'onnxruntime-node', 'highs', 'aedes', 'mqtt', 'sparkplug-payload'];
  assert.ok(loaded.has('fastify'));
  assert.deepEqual(
    heavy.filter((name) => loaded.has(name)),
    [],
  );
});
