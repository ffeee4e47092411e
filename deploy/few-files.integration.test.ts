import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs, { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');
const ENTRIES = ['typebox', 'typebox/compile', 'typebox/value'];

interface FewFiles {
  readonly fewFilesOptions: () => Promise<string>;
}

/** Output of a process started in this folder. */
function said(code: string, NODE_OPTIONS = '', cwd = ROOT): string {
  const { NODE_TEST_CONTEXT: _own, ...env } = process.env;
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', code];
  return execFileSync(process.execPath, args, { cwd, env: { ...env, NODE_OPTIONS }, encoding: 'utf8' });
}

test('processes in this folder load TypeBox from few files, with all its exports', async () => {
  // @ts-expect-error plain JavaScript: it must run on any Node
  const { fewFilesOptions } = (await import('./few-files.mjs')) as FewFiles;
  const options = await fewFilesOptions();
  const names = `console.log(JSON.stringify(await Promise.all(${JSON.stringify(ENTRIES)}.map(async (each) => Object.keys(await import(each)).sort()))));`;
  const own = `${names} for (const each of ${JSON.stringify(ENTRIES)}) console.log(import.meta.resolve(each));`;
  const [few = '', ...places] = said(own, options).trim().split('\n');
  assert.equal(few, said(names).trim());
  assert.deepEqual(
    places.map((place) => /\.cache\/typebox-[\d.]+\/(\w+)\.mjs$/.exec(place)?.[1]),
    ['index', 'compile', 'value'],
  );
  // Another version of Loadstone, started from here, uses its own packages.
  const elsewhere = `try { await import('typebox'); } catch (error) { console.log(error.code); }`;
  assert.equal(said(elsewhere, options, tmpdir()), 'ERR_MODULE_NOT_FOUND\n');
});

test('the files of the first process are used, and nothing else is left in the cache', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-few-'));
  context.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'deploy'));
  for (const name of ['few-files.mjs', 'few-files-hook.mjs'])
    copyFileSync(join(import.meta.dirname, name), join(folder, 'deploy', name));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const { renameSync } = fs;
  context.mock.method(fs, 'renameSync', (from: string, to: string) => {
    fs.cpSync(from, to, { recursive: true });
    renameSync(from, to);
  });
  syncBuiltinESMExports();
  const { fewFilesOptions } = (await import(join(folder, 'deploy', 'few-files.mjs'))) as FewFiles;
  assert.match(await fewFilesOptions(), /few-files-hook\.mjs\?typebox-/);
  context.mock.restoreAll();
  syncBuiltinESMExports();
  assert.deepEqual(
    readdirSync(join(folder, '.cache')).map((name) => name.replace(/-[\d.]+$/, '')),
    ['typebox'],
  );
});
