import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import manifest from '../package.json' with { type: 'json' };

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'ls-pinned-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const pinned = join(
  dirname(createRequire(import.meta.url).resolve(`node-linux-${process.arch}/package.json`)),
  'bin',
  'node',
);
const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
const { LD_LIBRARY_PATH: libraries = '' } = process.env;

/** The loader finds this unusable libatomic first, so the pinned Node fails to start as if there were none. */
const broken = join(folder, 'broken');
mkdirSync(broken);
writeFileSync(join(broken, 'libatomic.so.1'), '');

/** A second Node that does start, like the one that runs npm. */
const other = join(folder, 'other');
cpSync(pinned, join(folder, 'copy'));
writeFileSync(join(folder, 'preload.mjs'), `process.env.LD_LIBRARY_PATH = '${broken}';\n`);
writeFileSync(
  other,
  `#!/bin/sh
export LD_LIBRARY_PATH=${libraries}
exec ${folder}/copy --import ${folder}/preload.mjs "$@"
`,
  { mode: 0o755 },
);

/** A clone that has fetched nothing yet. */
function clone(name: string): string {
  const copy = join(folder, name);
  mkdirSync(copy);
  for (const entry of readdirSync(root))
    if (!['deploy', '.cache', '.git'].includes(entry)) symlinkSync(join(root, entry), join(copy, entry));
  cpSync(join(root, 'deploy'), join(copy, 'deploy'), { recursive: true });
  return copy;
}

interface Machine {
  /** Programs in addition to the shell's own. */
  readonly programs?: readonly string[];
  readonly env: Record<string, string>;
}

/** Runs a script of package.json like npm: with the pinned Node as `node`, and the path of the Node that runs npm. */
function npmRun(cwd: string, script: string, { programs = [], env }: Machine) {
  const bin = mkdtempSync(join(folder, 'bin-'));
  symlinkSync(pinned, join(bin, 'node'));
  for (const name of ['dirname', 'readlink', 'uname', ...programs])
    symlinkSync(join('/usr/bin', name), join(bin, name));
  return spawnSync('/bin/sh', ['-c', script], {
    cwd,
    encoding: 'utf8',
    env: { PATH: bin, npm_node_execpath: other, ...env },
  });
}

test('without libatomic, the first command uses a fetched one', () => {
  const copy = clone('brought');
  const path = `usr/lib/${triplet}/libatomic.so.1`;
  const brought = join(root, '.cache/debian/libatomic1', path);
  const target = join(copy, '.cache/debian/libatomic1', path);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(existsSync(brought) ? brought : join('/', path), target);
  const { status, stdout, stderr } = npmRun(copy, `${manifest.scripts.start} --help`, {
    env: { LD_LIBRARY_PATH: broken },
  });
  assert.equal(stderr, '');
  assert.match(stdout, /^usage: /);
  assert.equal(status, 0);
});

test('if libatomic cannot be fetched, one line says what to install', () => {
  const { status, stderr } = npmRun(clone('bare'), `${manifest.scripts.start} --help`, {
    env: { LD_LIBRARY_PATH: broken },
  });
  assert.equal(
    stderr,
    'loadstone: LS-INSTALL-001: libatomic is missing and cannot be fetched from Debian (there is no apt-get): ' +
      'type "sudo apt install libatomic1"\n',
  );
  assert.equal(status, 1);
});

test('tests that lack a dependency do not start, and one line says what to install', () => {
  const unreachable = join(folder, 'apt.conf');
  writeFileSync(
    unreachable,
    ['http', 'https'].map((scheme) => `Acquire::${scheme}::Proxy "http://127.0.0.1:1";\n`).join(''),
  );
  const copy = clone('offline');
  for (const programs of [[], ['apt-get', 'dpkg', 'dpkg-deb']]) {
    const { status, stdout, stderr } = npmRun(copy, manifest.scripts['test:browser'], {
      programs,
      env: { LD_LIBRARY_PATH: libraries, APT_CONFIG: unreachable },
    });
    assert.equal(stdout, '');
    const lines = stderr
      .trimEnd()
      .split('\n')
      .filter((line) => !line.startsWith('loadstone: fetching '));
    assert.match(
      lines.join('\n'),
      /^loadstone: LS-INSTALL-001: .*: type "sudo apt install chromium influxdb [a-z0-9 -]+"$/,
    );
    assert.equal(status, 1);
    assert.deepEqual(
      readdirSync(join(copy, '.cache/debian')).filter((name) => name !== 'apt'),
      [],
    );
  }
});
