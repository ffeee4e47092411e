import assert from 'node:assert/strict';
import { chownSync, existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { putBack } from './files.ts';

test('restore does not follow a symlink in place of a file', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-back-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [path, elsewhere] = [join(folder, 'state.json'), join(folder, 'elsewhere')];
  symlinkSync(elsewhere, `${path}.${process.pid}.part`);
  putBack(path, { kind: 'state', name: 'state.json', bytes: new TextEncoder().encode('{}') });
  assert.ok(!existsSync(elsewhere));
  assert.ok(lstatSync(path).isFile());
  assert.equal(lstatSync(path).mode & 0o777, 0o600);
  assert.equal(readFileSync(path, 'utf8'), '{}');
});

test(
  'files and folders that root restores on a new computer belong to the service',
  { skip: process.getuid?.() === 0 ? false : 'only root can give files away: run it by sudo' },
  (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'loadstone-back-'));
    t.after(() => rmSync(folder, { recursive: true }));
    chownSync(folder, 4321, 4321);
    const path = join(folder, 'journal', 'documents', 'plan.json');
    putBack(path, { kind: 'state', name: 'documents/plan.json', bytes: new TextEncoder().encode('{}') });
    for (const each of [path, join(folder, 'journal', 'documents'), join(folder, 'journal')])
      assert.deepEqual([statSync(each).uid, statSync(each).gid], [4321, 4321], each);
  },
);
