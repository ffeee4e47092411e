import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolderPrivate, writePrivate } from './private-files.ts';

test('listed files become private; others and a shared folder are left alone', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-files-'));
  context.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'ours', 'deep'), { recursive: true });
  for (const [name, mode] of [
    ['ours/deep/key', 0o644],
    ['ours/tool', 0o755],
    ['theirs', 0o644],
  ] as const) {
    writeFileSync(join(folder, name), '');
    chmodSync(join(folder, name), mode);
  }
  const modes = (): number[] =>
    ['.', 'ours', 'ours/deep', 'ours/deep/key', 'ours/tool', 'theirs'].map(
      (name) => statSync(join(folder, name)).mode & 0o7777,
    );
  chmodSync(folder, 0o1777);
  for (const name of ['ours', 'ours/deep']) chmodSync(join(folder, name), 0o755);
  const isOurs = (name: string): boolean => name === 'ours';
  assert.deepEqual(makeFolderPrivate(folder, isOurs), []);
  assert.deepEqual(modes(), [0o1777, 0o700, 0o700, 0o600, 0o600, 0o644]);
  chmodSync(folder, 0o755);
  assert.deepEqual(makeFolderPrivate(folder, isOurs), []);
  assert.equal(modes()[0], 0o700);
  assert.deepEqual(makeFolderPrivate(join(folder, 'not-there'), isOurs), [], 'nothing exists yet');
});

test(
  'files that root writes below new folders belong to the owner of the existing folder, at every level',
  { skip: process.getuid?.() === 0 ? false : 'only root can change the owner of files: run it with sudo' },
  (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'loadstone-files-'));
    context.after(() => rmSync(folder, { recursive: true }));
    chownSync(folder, 1234, 4321);
    writePrivate(join(folder, 'a', 'b', 'key'), 'text');
    const owners = ['a', 'a/b', 'a/b/key'].map((name) => {
      const { uid, gid, mode } = statSync(join(folder, name));
      return [uid, gid, mode & 0o777];
    });
    assert.deepEqual(owners, [
      [1234, 4321, 0o700],
      [1234, 4321, 0o700],
      [1234, 4321, 0o600],
    ]);
  },
);
