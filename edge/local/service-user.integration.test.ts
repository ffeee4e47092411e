import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const module = new URL('service-user.ts', import.meta.url).href;

/** What a root process prints, and whether it can then read a file of root only. */
function asked(user: string, file: string): { said: string; readable: boolean } {
  const script = `
    import { readFileSync } from 'node:fs';
    const { becomeServiceUser } = await import(${JSON.stringify(module)});
    const said = becomeServiceUser(${JSON.stringify(user)}) ?? '';
    let readable = true;
    try { readFileSync(${JSON.stringify(file)}); } catch { readable = false; }
    console.log(JSON.stringify({ said, readable }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout) as { said: string; readable: boolean };
}

const skip = process.getuid?.() === 0 ? false : 'only root can become another user: run it by sudo';

test('a check by root reads files as the user of the service', { skip }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ls-user-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'password');
  writeFileSync(file, 'secret', { mode: 0o600 });
  assert.deepEqual(asked('nobody', file), {
    said: 'files are read as nobody, the user of the service',
    readable: false,
  });
  assert.deepEqual(asked('no-such-user', file), { said: '', readable: true });
});
