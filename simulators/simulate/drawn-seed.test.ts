import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { drawnSeed, givenSeed } from './drawn-seed.ts';

const skip = spawnSync('git', ['--version']).status === 0 ? false : 'git is missing: type "sudo apt install git"';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-seed-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  t.mock.property(process, 'env', { ...process.env, LOADSTONE_SEED: undefined });
  return folder;
}

test('the seed is drawn from the commit: the same commit gives the same seed, another gives another', { skip }, (t) => {
  const folder = folderOf(t);
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
  git('init', '--quiet');
  git('commit', '--quiet', '--allow-empty', '--message=one');
  const first = drawnSeed(folder);
  assert.deepEqual(drawnSeed(folder), first);
  assert.equal(first.from, `commit ${git('rev-parse', 'HEAD').slice(0, 8)}`);
  git('commit', '--quiet', '--allow-empty', '--message=two');
  assert.notEqual(drawnSeed(folder).seed, first.seed);
});

test('without a commit the seed is fixed and a note says so', (t) => {
  const { seed, from } = drawnSeed(folderOf(t));
  assert.equal(seed, 20_261_124);
  assert.equal(from, 'fixed: no git commit here');
});

test('LOADSTONE_SEED wins', (t) => {
  const folder = folderOf(t);
  process.env['LOADSTONE_SEED'] = '7';
  assert.deepEqual(drawnSeed(folder), { seed: 7, from: 'LOADSTONE_SEED' });
});

test('an invalid LOADSTONE_SEED is refused', (t) => {
  folderOf(t);
  for (const text of ['abc', '1.5', '-1', '1e300', ' ']) {
    process.env['LOADSTONE_SEED'] = text;
    assert.throws(givenSeed, new RegExp(`LOADSTONE_SEED is "${text}"`));
  }
  process.env['LOADSTONE_SEED'] = '';
  assert.equal(givenSeed(), undefined);
});
