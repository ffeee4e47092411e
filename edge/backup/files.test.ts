import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { putBack } from './files.ts';

test('a symlink in place of a restored file is not followed', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-back-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [path, elsewhere] = [join(folder, 'state.json'), join(folder, 'elsewhere')];
  symlinkSync(elsewhere, `${path}.part`);
  putBack(path, { kind: 'state', name: 'state.json', bytes: new TextEncoder().encode('{}') });
  assert.ok(!existsSync(elsewhere));
  assert.ok(lstatSync(path).isFile());
  assert.equal(lstatSync(path).mode & 0o777, 0o600);
  assert.equal(readFileSync(path, 'utf8'), '{}');
});
