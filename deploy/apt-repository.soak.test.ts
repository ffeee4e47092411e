import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { debianTool } from '../simulators/testing/debian.ts';
import { makeRepository } from './apt-repository.ts';
import { packageCommonDeb } from './package-deb.ts';
import { DpkgRoot } from './testing/dpkg-root.ts';

/** The path must be short, because gpg's agent has its socket there. */
const folder = mkdtempSync(join(tmpdir(), 'ls-apt-'));
const archive = debianTool('apt-ftparchive');
const env = { ...archive.env, GNUPGHOME: folder, PATH: `${process.env['PATH']}${delimiter}${dirname(archive.path)}` };
after(() => {
  spawnSync('gpgconf', ['--kill', 'all'], { env });
  rmSync(folder, { recursive: true, force: true });
});

/** Creates a key without a passphrase. Returns its fingerprint. */
function newKey(name: string): string {
  const how = ['--batch', '--pinentry-mode', 'loopback', '--passphrase', ''];
  execFileSync('gpg', [...how, '--quick-gen-key', `${name} <${name}@example.org>`, 'ed25519', 'sign', 'never'], {
    env,
    stdio: 'ignore',
  });
  const listed = execFileSync('gpg', ['--with-colons', '--list-keys', name], { env, encoding: 'utf8' });
  return /^fpr:+([0-9A-F]+):/m.exec(listed)![1]!;
}

/** This machine's apt with its own lists, cache and packages in `root`. It changes only `root`. */
function aptIn(root: DpkgRoot, repository: string, keyring: string) {
  for (const part of ['etc/apt/sources.list.d', 'etc/apt/preferences.d', 'var/lib/apt/lists/partial'])
    mkdirSync(root.at(part), { recursive: true });
  for (const part of ['var/cache/apt/archives/partial', 'var/log']) mkdirSync(root.at(part), { recursive: true });
  writeFileSync(
    root.at('etc/apt/sources.list.d/loadstone.sources'),
    `Types: deb\nURIs: file:${repository}\nSuites: stable\nComponents: main\nSigned-By: ${keyring}\n`,
  );
  const set = {
    'Dir::Etc': root.at('etc/apt'),
    'Dir::State': root.at('var/lib/apt'),
    'Dir::State::status': root.at('var/lib/dpkg/status'),
    'Dir::Cache': root.at('var/cache/apt'),
    'Dir::Log': root.at('var/log'),
    'APT::Sandbox::User': 'root',
    'APT::Architecture': process.arch === 'arm64' ? 'arm64' : 'amd64',
  };
  const forced = ['depends', 'not-root', 'script-chrootless', 'unsafe-io'].map((each) => `--force-${each}`);
  const options = [
    ...Object.entries(set).map(([name, value]) => `${name}=${value}`),
    ...[`--root=${root.path}`, '--log=/dev/null', ...forced].map((each) => `Dpkg::Options::=${each}`),
  ].flatMap((each) => ['-o', each]);
  return (...args: string[]): { readonly code: number | null; readonly said: string } => {
    const rootsPath = {
      ...process.env,
      PATH: `${process.env['PATH']}${delimiter}/usr/sbin${delimiter}/sbin`,
      LC_ALL: 'C',
    };
    const { status, stdout, stderr } = spawnSync('apt-get', [...options, ...args], {
      env: rootsPath,
      encoding: 'utf8',
    });
    return { code: status, said: stdout + stderr };
  };
}

test('apt installs from the signed repository and refuses anything tampered with', () => {
  const [debs, repository] = [join(folder, 'debs'), join(folder, 'repository')];
  packageCommonDeb({ out: debs, version: '1.0.0', compression: 'none' });
  const key = newKey('release');
  makeRepository({ from: debs, out: repository, key, env });
  const inRelease = join(repository, 'dists/stable/InRelease');
  assert.match(readFileSync(inRelease, 'utf8'), /^-----BEGIN PGP SIGNED MESSAGE-----[\s\S]*\nSHA256:\n/);

  const root = new DpkgRoot(join(folder, 'machine'));
  const apt = aptIn(root, repository, join(repository, 'loadstone.gpg'));
  const update = () => apt('update', '--error-on=any');
  const install = () => apt('install', '--yes', '--reinstall', '--no-install-recommends', 'loadstone-common');
  const listed = update();
  assert.equal(listed.code, 0, listed.said);
  const installed = install();
  assert.equal(installed.code, 0, installed.said);
  assert.match(root.installed('loadstone-common'), /install ok installed 1\.0\.0/);

  const deb = join(repository, 'pool', readdirSync(join(repository, 'pool'))[0]!);
  const whole = readFileSync(deb);
  const changed = Buffer.from(whole);
  changed[changed.length - 600]! ^= 1;
  writeFileSync(deb, changed);
  const refused = install();
  assert.notEqual(refused.code, 0);
  assert.match(refused.said, /Hash Sum mismatch/i);
  writeFileSync(deb, whole);
  assert.equal(install().code, 0, 'the package itself again');

  const packages = join(repository, `dists/stable/main/binary-${process.arch === 'arm64' ? 'arm64' : 'amd64'}`);
  const signed = readFileSync(inRelease);
  const fresh = () => rmSync(root.at('var/lib/apt/lists'), { recursive: true });
  const refuses = (what: RegExp): void => {
    fresh();
    const { code, said } = update();
    assert.notEqual(code, 0, said);
    assert.match(said, what);
  };
  for (const name of readdirSync(packages)) appendFileSync(join(packages, name), '\n');
  refuses(/Hash Sum mismatch|unexpected size/i);
  makeRepository({ from: debs, out: repository, key, env });
  writeFileSync(inRelease, signed.toString().replace('Origin: Loadstone', 'Origin: Somebody'));
  rmSync(join(repository, 'dists/stable/Release.gpg'));
  refuses(/BADSIG|bad signature|signature|not signed/i);
  // An attacker who controls the repository's address but has another key.
  const own = readFileSync(join(repository, 'loadstone.gpg'));
  makeRepository({ from: debs, out: repository, key: newKey('thief'), env });
  writeFileSync(join(repository, 'loadstone.gpg'), own);
  refuses(/NO_PUBKEY|not signed|missing key|Missing key/i);
  makeRepository({ from: debs, out: repository, key, env });
  fresh();
  assert.equal(update().code, 0, 'the real one again');
});
