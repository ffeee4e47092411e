import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

const runner = pathToFileURL(join(import.meta.dirname, 'test-files.mjs')).href;

const ERRORS = `
import { describe, test } from 'node:test';
import { once } from 'node:events';
import { executionAsyncId } from 'node:async_hooks';
import { connect, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
const never = () => new Promise(() => undefined);
const fail = () => { throw new Error('nobody caught it'); };
test('a rejection', async () => { void wait(1).then(fail); await never(); });
test('a timer', async () => { setTimeout(fail, 1); await never(); });
test('a socket', async () => {
  const server = createServer((socket) => socket.unref().on('data', fail)).listen(0);
  await once(server, 'listening');
  server.unref();
  connect(server.address().port).unref().write('x');
  await never();
});
describe('side by side', { concurrency: 2 }, () => {
  test('the one', async () => { setTimeout(fail, 1); await never(); });
  test('the other', () => wait(50));
});
test('too late', () => { setTimeout(fail, 20); });
test('after all', () => wait(100));
test('unwatched', async () => {
  await null;
  const id = executionAsyncId();
  await null;
  if (executionAsyncId() !== id) throw new Error('a hook follows promises');
});
`;

test('an uncaught error fails the test in which it began, without a hook on promises', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-test-files-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const [errors, script] = [join(dir, 'errors.test.mjs'), join(dir, 'script.mjs')];
  writeFileSync(errors, ERRORS);
  const files = `await runFiles(${JSON.stringify([errors])}, ${JSON.stringify(join(dir, 'told'))});`;
  writeFileSync(script, `import { runFiles } from ${JSON.stringify(runner)};\n${files}\n`);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout, stderr } = spawnSync(process.execPath, [script], { env, encoding: 'utf8' });
  const [tree] = stdout.split('failing tests');
  const told = [...tree!.matchAll(/([✔✖]) (.+) \(/g)].map(([, mark, name]) => `${mark} ${name}`);
  assert.deepEqual(
    told.filter((line) => !line.includes(dir)),
    [
      '✖ a rejection',
      '✖ a timer',
      '✖ a socket',
      '✖ the one',
      '✔ the other',
      '✖ side by side',
      '✔ too late',
      '✔ after all',
      '✔ unwatched',
    ],
    `${stdout}\n${stderr}`,
  );
  assert.match(stdout, /Error: Test "too late" .* generated asynchronous activity after the test ended/);
});

const CLOCK = `
import { mock, test } from 'node:test';
mock.method(Date, 'now', () => 0);
mock.method(performance, 'now', () => 0);
test('by a clock of its own', () => undefined);
`;
const NEXT = `
import { test } from 'node:test';
test('by the true one', () => { if (Date.now() === 0 || performance.now() === 0) throw new Error('a clock of another file'); });
`;

test('a clock that a file mocks is restored after it, and reported times use the real clock', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-test-files-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const [clock, next, script, told] = ['clock.test.mjs', 'next.test.mjs', 'script.mjs', 'told'].map((name) =>
    join(dir, name),
  ) as [string, string, string, string];
  writeFileSync(clock, CLOCK);
  writeFileSync(next, NEXT);
  const files = `await runFiles(${JSON.stringify([clock, next])}, ${JSON.stringify(told)});`;
  writeFileSync(script, `import { runFiles } from ${JSON.stringify(runner)};\n${files}\n`);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const before = Date.now();
  const { stdout } = spawnSync(process.execPath, [script], { env, encoding: 'utf8' });
  assert.match(stdout, /^ℹ pass 2$/m, stdout);
  const rows = readFileSync(told, 'utf8').trim().split('\n');
  assert.equal(rows.length, 5);
  for (const row of rows) assert.ok((JSON.parse(row) as { at: number }).at >= before, row);
});
