import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const here = import.meta.dirname;

/** The unit as it is, but for what only an installed machine has: the program and the user. */
function stagedUnit(name: string, change: (text: string) => string = (text) => text): string {
  const text = readFileSync(join(here, `${name}.service`), 'utf8')
    .replace(/^ExecStart=\S+/m, 'ExecStart=/bin/true')
    .replace(/^(User|Group)=.*$/gm, '$1=root')
    .replace(/^WorkingDirectory=.*$/m, '');
  const path = join(mkdtempSync(join(tmpdir(), 'loadstone-unit-')), `${name}.service`);
  writeFileSync(path, change(text));
  return path;
}

const PROGRAM = '/usr/bin/systemd-analyze';
const skip = existsSync(PROGRAM) ? false : `${PROGRAM} is missing: apt-get install systemd`;
const analyze = (...args: string[]) => spawnSync(PROGRAM, args, { encoding: 'utf8' });
const verify = (path: string) => analyze('verify', path);

for (const name of ['loadstone-edge', 'loadstone-cloud']) {
  test(`${name}.service writes files that only its user reads`, () => {
    assert.match(readFileSync(join(here, `${name}.service`), 'utf8'), /^UMask=0077$/m);
  });

  test(`${name}.service is a unit that systemd understands, and hardened`, { skip }, () => {
    const good = verify(stagedUnit(name));
    assert.equal(good.status, 0, good.stderr);
    assert.equal(good.stderr, '');
    const broken = verify(stagedUnit(name, (text) => text.replace('Restart=always', 'Restart=perhaps')));
    assert.match(broken.stderr, /perhaps/);
    const security = analyze('security', '--offline=true', '--threshold=30', stagedUnit(name));
    assert.equal(security.status, 0, security.stdout.slice(-300));
  });
}
