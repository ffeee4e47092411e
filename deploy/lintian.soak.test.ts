import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageCloud } from './package-cloud.ts';
import { packageCommonDeb, packageDeb } from './package-deb.ts';
import { packageEdge } from './package-edge.ts';
import { debianHindrance, makeDebian } from './testing/fresh-debian.ts';

/** Only in this test: released packages are compressed. Skipping that saves minutes. */
const UNCOMPRESSED = 'uses-no-compression-for-control-tarball,uses-no-compression-for-data-tarball';

test('lintian finds nothing in the packages that their overrides do not explain', async (t) => {
  const why = debianHindrance();
  if (why !== undefined) {
    t.skip(why);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'ls-lintian-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const root = join(folder, 'debian');
  makeDebian(root);
  const out = join(root, 'debs');
  mkdirSync(out);
  const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
  const options = { out, arch, version: '1.0.0', compression: 'none' } as const;
  packageCommonDeb(options);
  const folderOf = { edge: packageEdge, cloud: packageCloud };
  for (const tier of ['edge', 'cloud'] as const) {
    const packed = join(root, 'packed');
    await folderOf[tier]({ out: packed, arch });
    packageDeb({ ...options, tier, folder: packed });
    rmSync(packed, { recursive: true });
  }
  // By apt: debootstrap resolves no virtual package, and one of lintian's libraries needs one.
  const install =
    'apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends lintian > /dev/null';
  const lintian = `${install} && lintian --allow-root --fail-on error,warning --suppress-tags ${UNCOMPRESSED} /debs/*.deb`;
  const script = `mount -t proc proc "$1/proc" && exec chroot "$1" sh -c "$2"`;
  const { status, stdout, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', script, 'sh', root, lintian], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, `${stdout}${stderr}`);
});
