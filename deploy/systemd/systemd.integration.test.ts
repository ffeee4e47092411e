import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { debianTool } from '../debian.mjs';

const here = import.meta.dirname;

const { path: PROGRAM, env } = debianTool('systemd-analyze');
/** A user's manager reads the units, because the system's would write to /run. It keeps its files here. */
const folder = mkdtempSync(join(tmpdir(), 'loadstone-unit-'));
writeFileSync(join(folder, 'basic.target'), '[Unit]\n');
after(() => rmSync(folder, { recursive: true }));

const analyze = (...args: string[]) =>
  spawnSync(PROGRAM, ['--user', ...args], { env: { ...env, XDG_RUNTIME_DIR: folder }, encoding: 'utf8' });
const verify = (path: string) => analyze('verify', path);

/** The original unit without what only an installed machine has: the program and the user. */
function stagedUnit(name: string, change: (text: string) => string = (text) => text): string {
  const text = readFileSync(join(here, `${name}.service`), 'utf8')
    .replace(/^ExecStart=\S+/m, 'ExecStart=/bin/true')
    .replace(/^(User|Group)=.*$/gm, '$1=root')
    .replace(/^WorkingDirectory=.*$/m, '');
  const path = join(folder, `${name}.service`);
  writeFileSync(path, change(text));
  return path;
}

for (const name of ['loadstone-edge', 'loadstone-cloud']) {
  test(`${name}.service writes files only its user can read`, () => {
    assert.match(readFileSync(join(here, `${name}.service`), 'utf8'), /^UMask=0077$/m);
  });

  test(`${name}.service is a valid, hardened systemd unit`, () => {
    const good = verify(stagedUnit(name));
    assert.equal(good.status, 0, good.stderr);
    assert.equal(good.stderr, '');
    const broken = verify(stagedUnit(name, (text) => text.replace('Restart=always', 'Restart=perhaps')));
    assert.match(broken.stderr, /perhaps/);
    const security = analyze('security', '--offline=true', '--threshold=30', stagedUnit(name));
    assert.equal(security.status, 0, security.stdout.slice(-300));
  });
}
