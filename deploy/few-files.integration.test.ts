import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');
const ENTRIES = ['typebox', 'typebox/compile', 'typebox/value'];

/** Output of a process started in this folder. */
function said(code: string, NODE_OPTIONS = '', cwd = ROOT): string {
  const { NODE_TEST_CONTEXT: _own, ...env } = process.env;
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', code];
  return execFileSync(process.execPath, args, { cwd, env: { ...env, NODE_OPTIONS }, encoding: 'utf8' });
}

test('processes of this folder find TypeBox in few files, with the names that it has', async () => {
  // @ts-expect-error plain JavaScript: it must run on any Node
  const { fewFilesOptions } = (await import('./few-files.mjs')) as { fewFilesOptions: () => Promise<string> };
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
