import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const root = join(import.meta.dirname, '..');
/** Control file, maintainer scripts and first-installation message of each package. */
const PACKAGES = join(import.meta.dirname, 'packages');
const architectures = { x64: 'amd64', arm64: 'arm64' } as const;

/** Debian packages of the libraries that the packed files request from the loader. Each version is the oldest with the required symbols. */
export const LIBRARY_PACKAGES: Readonly<Record<string, readonly RegExp[]>> = {
  libatomic1: [/^libatomic\.so\.1$/],
  'libc6 (>= 2.28)': [/^lib(c|dl|m|pthread|rt)\.so\.\d$/, /^ld-linux-(x86-64|aarch64)\.so\.\d$/],
  'libgcc-s1': [/^libgcc_s\.so\.1$/],
  'libstdc++6 (>= 8)': [/^libstdc\+\+\.so\.6$/],
};

export interface DebOptions {
  /** Folder for the .deb. */
  readonly out: string;
  readonly version: string;
  readonly compression?: 'xz' | 'none';
}

export interface TierDebOptions extends DebOptions {
  readonly tier: 'edge' | 'cloud';
  /** Output of `packageEdge` or `packageCloud`, on the same file system as `out`. */
  readonly folder: string;
  readonly arch: keyof typeof architectures;
}

/** Documents and example configuration of each tier in /usr/share/doc. */
const documents = {
  edge: { guide: 'edge/GATEWAY.md', example: 'gateway.yaml', args: ['edge', '--print-config'] },
  cloud: { guide: 'cloud/region/REGION.md', example: 'cloud.yaml', args: ['cloud', '--print-config'] },
} as const;

/** Writes the .deb of a packed tier and returns its path. Needs dpkg-deb. */
export function packageDeb({ tier, folder, arch, ...options }: TierDebOptions): string {
  const name = `loadstone-${tier}`;
  const { guide, example, args } = documents[tier];
  return writeDeb({ ...options, of: tier, architecture: architectures[arch] }, (tree) => {
    mkdirSync(join(tree, 'opt'));
    execFileSync('cp', ['--recursive', '--link', folder, join(tree, 'opt', name)]);
    rmSync(join(tree, 'opt', name, `${name}.service`));
    const doc = join(tree, 'usr/share/doc', name);
    put(join(tree, 'usr/lib/systemd/system', `${name}.service`), join(folder, `${name}.service`));
    put(join(doc, guide.replace(/.*\//, '')), join(root, guide));
    put(join(doc, 'first-run.txt'), join(PACKAGES, tier, 'first-run.txt'));
    const text = execFileSync(process.execPath, [join(import.meta.dirname, 'loadstone.mjs'), ...args], {
      encoding: 'utf8',
    });
    mkdirSync(join(doc, 'examples'));
    writeFileSync(join(doc, 'examples', example), tier === 'cloud' ? installedCloud(text) : text);
  });
}

/** Writes the .deb with the command that both tiers share, and returns its path. */
export const packageCommonDeb = (options: DebOptions): string =>
  writeDeb({ ...options, of: 'common', architecture: 'all' }, (tree) => {
    mkdirSync(join(tree, 'etc/loadstone'), { recursive: true });
    put(join(tree, 'usr/bin/loadstone'), join(PACKAGES, 'common/loadstone'), 0o755);
    putPacked(join(tree, 'usr/share/man/man1/loadstone.1.gz'), readFileSync(join(PACKAGES, 'common/loadstone.1')));
  });

/** Replaces the defaults for a clone by the paths of an installed cloud. */
const installedCloud = (text: string): string =>
  text
    .replace(/^(# ?)?region: \S+/m, 'region: /etc/loadstone/region.json')
    .replace(/^(# ?)?data: \S+/m, 'data: /var/lib/loadstone-cloud');

interface Deb extends DebOptions {
  readonly of: 'common' | 'edge' | 'cloud';
  readonly architecture: string;
}

function writeDeb({ of, architecture, version, out, compression = 'xz' }: Deb, fill: (tree: string) => void): string {
  mkdirSync(out, { recursive: true });
  const tree = mkdtempSync(join(out, 'deb-'));
  try {
    chmodSync(tree, 0o755);
    fill(tree);
    describe(tree, `loadstone-${of}`, version);
    mkdirSync(join(tree, 'DEBIAN'));
    writeFileSync(join(tree, 'DEBIAN/control'), debControl(of, architecture, version));
    for (const script of readdirSync(join(PACKAGES, of)).filter((each) => /^(pre|post)(inst|rm)$/.test(each)))
      put(join(tree, 'DEBIAN', script), join(PACKAGES, of, script), 0o755);
    const file = join(out, `loadstone-${of}_${version}_${architecture}.deb`);
    execFileSync('dpkg-deb', ['--root-owner-group', `-Z${compression}`, '--build', tree, file], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return file;
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

/** Files that Debian requires in every package: copyright, changelog, and lintian overrides with reasons. */
function describe(tree: string, name: string, version: string): void {
  const doc = join(tree, 'usr/share/doc', name);
  put(join(doc, 'copyright'), join(PACKAGES, 'copyright'));
  putPacked(join(doc, 'changelog.gz'), changelog(name, version));
  const overrides = join(PACKAGES, name.replace('loadstone-', ''), 'lintian-overrides');
  if (existsSync(overrides)) put(join(tree, 'usr/share/lintian/overrides', name), overrides);
}

/**
 * Changelog in Debian's format, which refers to CHANGELOG.md of the sources. It needs a date; reproducible builds set SOURCE_DATE_EPOCH.
 */
function changelog(name: string, version: string): string {
  const { SOURCE_DATE_EPOCH } = process.env;
  const at = SOURCE_DATE_EPOCH === undefined ? new Date() : new Date(Number(SOURCE_DATE_EPOCH) * 1000);
  const date = at.toUTCString().replace('GMT', '+0000');
  const by = /^Maintainer: (.*)$/m.exec(debControl('common', 'all', version))?.[1];
  return `${name} (${version}) stable; urgency=medium\n\n  * Version ${version}: see CHANGELOG.md of the sources.\n\n -- ${by}  ${date}\n`;
}

function putPacked(path: string, text: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, gzipSync(text, { level: 9 }));
  chmodSync(path, 0o644);
}

export const debControl = (of: Deb['of'], architecture: string, version: string): string =>
  readFileSync(join(PACKAGES, of, 'control'), 'utf8')
    .replace('${version}', version)
    .replace('${architecture}', architecture)
    .replace('${libraries}', Object.keys(LIBRARY_PACKAGES).join(', '));

function put(path: string, from: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(from, path);
  chmodSync(path, mode);
}
