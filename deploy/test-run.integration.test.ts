import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';

const RUN = join(import.meta.dirname, 'test.mjs');
const HEAD = `import { after, test } from 'node:test';\n`;

/** Runs unit tests given by file name. Returns the exit code and the end of the output. */
function ran(
  t: TestContext,
  files: Readonly<Record<string, string>>,
): { readonly code: number | null; readonly said: string } {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-test-run-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'shared'));
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(folder, 'shared', `${name}.test.ts`), HEAD + text);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout } = spawnSync(process.execPath, [RUN, 'unit'], { cwd: folder, env, encoding: 'utf8' });
  return { code: status, said: stdout.slice(stdout.indexOf('The slowest files')) };
}

const GOOD = `test('holds', () => undefined);`;

test('files that share a process are counted and timed one by one', (t) => {
  const { code, said } = ran(t, {
    a: `${GOOD} test('too', () => undefined);`,
    b: `test('reads', () => BELOW); const BELOW = 1;`,
    c: GOOD,
  });
  assert.equal(code, 0, said);
  assert.match(said, /unit: 3 files, 4 passed, 0 failed, 0 skipped/);
  for (const file of ['a', 'b', 'c']) assert.match(said, new RegExp(`\\d s +\\d+\\.\\d s  shared/${file}\\.test\\.ts`));
});

test('failures are reported by file and test', (t) => {
  const { code, said } = ran(t, {
    a: `test('outer', async (t) => { await t.test('inner', () => { throw new Error('broken'); }); });`,
    b: `throw new Error('cannot be loaded');`,
    c: `after(() => { throw new Error('cannot be cleared'); }); ${GOOD}`,
    d: `test.skip('not now', () => undefined);`,
    e: GOOD,
  });
  assert.equal(code, 1);
  assert.match(said, /shared\/a\.test\.ts: inner\n +Error: broken/);
  assert.match(said, /shared\/b\.test\.ts: shared\/b\.test\.ts\n +Error: cannot be loaded/);
  assert.match(said, /shared\/c\.test\.ts: shared\/c\.test\.ts\n +Error: cannot be cleared/);
  assert.match(said, /shared\/d\.test\.ts: not now: skipped without a reason/);
  assert.match(said, /2 passed, 4 failed/);
});

test('an error after the end of a test is reported with the names of test and file', (t) => {
  const { code, said } = ran(t, {
    a: GOOD,
    b: `test('leaves', () => { setImmediate(() => Promise.reject(new Error('late'))); });
test('waits', () => new Promise((resolve) => setTimeout(resolve, 50)));`,
    c: GOOD,
  });
  assert.equal(code, 1);
  assert.match(said, /Error: Test "leaves" at shared\/b\.test\.ts:2:1 .*late/);
  assert.match(said, /4 passed, 1 failed/);
});

test('a file that exits its process is named, and so are files that did not run', (t) => {
  const files = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, GOOD]));
  const { code, said } = ran(t, { ...files, x: `test('ends', () => process.exit(0));` });
  assert.equal(code, 1);
  assert.match(said, /shared\/x\.test\.ts: its process exited before the file had ended/);
  const others = [...said.matchAll(/did not run, because shared\/x\.test\.ts ended the shared process/g)];
  assert.ok(said.endsWith(` passed, ${others.length + 1} failed\n`), said);
});

/** False for a zombie that nobody has reaped yet. */
const isThere = (pid: string): boolean =>
  existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';

test('a process that outlives its tests is killed with its children, and its file is named', (t) => {
  const pids = join(mkdtempSync(join(tmpdir(), 'loadstone-test-left-')), 'pids');
  t.after(() => rmSync(join(pids, '..'), { recursive: true }));
  const { code, said } = ran(t, {
    a: `import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
test('leaves', () => {
  const { pid } = spawn('sleep', ['600'], { stdio: 'inherit' });
  writeFileSync(${JSON.stringify(pids)}, [process.pid, pid].join(' '));
  throw new Error('broken');
});`,
  });
  assert.equal(code, 1, said);
  assert.match(said, /shared\/a\.test\.ts: leaves\n +Error: broken/);
  assert.match(
    said,
    /shared\/a\.test\.ts: its process did not exit after its tests.*: killed, together with sleep 600\n/,
  );
  assert.match(said, /0 passed, 2 failed/);
  assert.deepEqual(readFileSync(pids, 'utf8').split(' ').filter(isThere), []);
});

test('a file that takes too long is killed even if its process is blocked', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-test-busy-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [busy, script, watcher, told] = ['busy.test.mjs', 'script.mjs', 'watcher.mjs', 'told'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  const urlOf = (name: string): string => JSON.stringify(pathToFileURL(join(import.meta.dirname, name)).href);
  writeFileSync(busy, 'for (;;);');
  writeFileSync(
    script,
    `import { runFiles } from ${urlOf('test-files.mjs')};\nawait runFiles(${JSON.stringify([busy])}, ${JSON.stringify(told)});\n`,
  );
  writeFileSync(
    watcher,
    `import { spawn } from 'node:child_process';
import { watch } from ${urlOf('test-watch.mjs')};
const end = watch(${JSON.stringify(told)}, { mostMs: () => 100, onCut: (file, why) => console.log(file + ': ' + why) });
spawn(process.execPath, [${JSON.stringify(script)}]).on('exit', (code, signal) => { console.log(signal); end(); });
`,
  );
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = spawnSync(process.execPath, [watcher], { env, encoding: 'utf8' });
  assert.equal(stdout, `${busy}: it ran for longer than 0.1 s: killed\nSIGKILL\n`);
});
