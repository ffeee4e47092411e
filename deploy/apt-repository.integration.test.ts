import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeRepository } from './apt-repository.ts';

test('a run killed while replacing the repository neither blocks the next run nor loses the repository', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-apt-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const [from, programs, out] = ['from', 'programs', 'apt'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const each of [from, programs]) mkdirSync(each);
  const program = (name: string, code: number): void =>
    writeFileSync(join(programs, name), `#!/bin/sh\nexit ${code}\n`, { mode: 0o755 });
  for (const name of ['apt-ftparchive', 'gpg', 'gpgv']) program(name, 0);
  writeFileSync(join(from, 'one_all.deb'), '');
  const make = (): string[] => makeRepository({ from, out, key: 'KEY', env: { PATH: programs } });
  make();
  const [part, old] = [`${out}.part`, `${out}.part.old`];

  // It died between the two renames.
  renameSync(out, old);
  mkdirSync(part);
  program('gpgv', 1);
  assert.throws(make, /gpgv/);
  assert.deepEqual(readdirSync(join(out, 'pool')), ['one_all.deb'], 'the previous one is back');
  program('gpgv', 0);

  // It died before it removed the former one.
  mkdirSync(join(old, 'pool'), { recursive: true });
  writeFileSync(join(from, 'two_all.deb'), '');
  make();
  assert.deepEqual(readdirSync(join(out, 'pool')), ['one_all.deb', 'two_all.deb']);
  assert.deepEqual([existsSync(part), existsSync(old)], [false, false]);
});
