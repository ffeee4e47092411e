import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FIXED = join(import.meta.dirname, 'v0.1.0');

/**
 * Writes loadstone-edge 0.1.0 with the control file, maintainer scripts, unit and paths of that version. The program is the one in
 * `folder`.
 */
export function firstDeb(folder: string, out: string): string {
  const tree = join(out, 'first');
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  for (const path of ['DEBIAN', 'opt', 'usr/bin', 'usr/lib/systemd/system'])
    mkdirSync(join(tree, path), { recursive: true });
  execFileSync('cp', ['--recursive', '--link', folder, join(tree, 'opt/loadstone')]);
  symlinkSync('/opt/loadstone/loadstone', join(tree, 'usr/bin/loadstone'));
  copyFileSync(join(FIXED, 'loadstone-edge.service'), join(tree, 'usr/lib/systemd/system/loadstone-edge.service'));
  const control = readFileSync(join(FIXED, 'control'), 'utf8').replace('${architecture}', architecture);
  writeFileSync(join(tree, 'DEBIAN/control'), control);
  for (const script of ['postinst', 'prerm', 'postrm']) {
    copyFileSync(join(FIXED, script), join(tree, 'DEBIAN', script));
    chmodSync(join(tree, 'DEBIAN', script), 0o755);
  }
  const file = join(out, `loadstone-edge_0.1.0_${architecture}.deb`);
  execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, file], { stdio: 'ignore' });
  rmSync(tree, { recursive: true });
  return file;
}
