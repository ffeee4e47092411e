import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const RELEASE = 'trixie';

/** Why no Debian can be created here; undefined if one can. */
export function debianHindrance(): string | undefined {
  if (process.getuid?.() !== 0)
    return 'only root can install a Debian: type "sudo node deploy/test.mjs soak" with the name of this file';
  const { error } = spawnSync('debootstrap', ['--version']);
  return error === undefined ? undefined : 'debootstrap is missing: type "sudo apt install debootstrap"';
}

/** The Debian mirror of this machine. */
function mirror(): string {
  const args = ['indextargets', '--format', '$(REPO_URI) $(CODENAME)', 'Created-By: Packages'];
  const listed = execFileSync('apt-get', args, { encoding: 'utf8' });
  const line = listed.split('\n').find((each) => each.endsWith(` ${RELEASE}`));
  assert.ok(line !== undefined, `the apt of this machine does not know ${RELEASE}`);
  return line.split(' ')[0]!;
}

/** Creates a Debian with debootstrap and additional packages. It reaches its mirror in the same way as this machine. */
export function makeDebian(root: string, include: readonly string[] = []): void {
  const more = include.length === 0 ? [] : [`--include=${include.join(',')}`];
  execFileSync('debootstrap', ['--variant=minbase', ...more, RELEASE, root, mirror()], { stdio: 'ignore' });
  cpSync('/etc/apt/apt.conf.d', join(root, 'etc/apt/apt.conf.d'), { recursive: true });
  copyFileSync('/etc/resolv.conf', join(root, 'etc/resolv.conf'));
  // debootstrap leaves this file to Debian's installer, and not every name server knows localhost.
  writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n');
}
