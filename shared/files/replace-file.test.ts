import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { replaceFile } from './replace-file.ts';

function emptyFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-files-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('a file is replaced with its new mode, and nothing is left beside it', (t) => {
  const folder = emptyFolder(t);
  const file = join(folder, 'key');
  replaceFile(file, 'old', { mode: 0o600 });
  replaceFile(file, new TextEncoder().encode('new'), { mode: 0o644 });
  assert.equal(readFileSync(file, 'utf8'), 'new');
  assert.equal(statSync(file).mode & 0o777, 0o644);
  assert.deepEqual(readdirSync(folder), ['key']);
});

test('a link that somebody planted under the name of the part is not followed', (t) => {
  const folder = emptyFolder(t);
  const [file, elsewhere] = [join(folder, 'key'), join(folder, 'elsewhere')];
  symlinkSync(elsewhere, `${file}.${process.pid}.part`);
  replaceFile(file, 'text', { mode: 0o600 });
  assert.ok(!existsSync(elsewhere));
  assert.equal(readFileSync(file, 'utf8'), 'text');
});

test('a file that cannot be written leaves nothing beside it', (t) => {
  const folder = emptyFolder(t);
  mkdirSync(join(folder, 'key'));
  assert.throws(() => replaceFile(join(folder, 'key'), 'text', { mode: 0o600 }), /EISDIR|EEXIST|ENOTEMPTY/);
  assert.deepEqual(readdirSync(folder), ['key']);
});
