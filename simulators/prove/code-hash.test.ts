import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeHash, executed, executedFiles } from './code-hash.ts';

test('the hash covers what a run executes, with workers and data named by URL, but not report or page', async () => {
  const files = new Set((await executedFiles()).keys());
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
  assert.match(await codeHash(), /^[0-9a-f]{64}$/);
});

test('the hash covers executed code, not comments, types or layout', async () => {
  const source = (text: string) => executed('a.ts', Buffer.from(text));
  const plain = await source("import { a } from './a.ts';\nexport const twice = (x: number) => 2 * a(x);\n");
  for (const same of [
    "// Of a.\nimport { a } from './a.ts';\n\n/** Twice. */\nexport const twice = (x: number): number => /* 3 */ 2 * a(x); // Twice.\n",
    "import type { B } from './b.ts';\nimport { a } from './a.ts';\nexport const twice = (x: B) =>\n  2 * a(x);\n",
  ])
    assert.equal(await source(same), plain);
  for (const other of [
    "import { a } from './a.ts';\nexport const twice = (x: number) => 3 * a(x);\n",
    "import { a } from './a.ts';\nimport './b.ts';\nexport const twice = (x: number) => 2 * a(x);\n",
  ])
    assert.notEqual(await source(other), plain);
  assert.notEqual(await source("export const a = '// a';"), await source("export const a = '// b';"));
});

test('the hash covers the values of settings, not their comments', async () => {
  const settings = (text: string) => executed('a.yaml', Buffer.from(text));
  assert.equal(await settings('# For long.\nholdS: 60 # a minute\n'), await settings('holdS: 60\n'));
  assert.notEqual(await settings('holdS: 61\n'), await settings('holdS: 60\n'));
});
