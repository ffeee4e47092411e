import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';
import flags from './node-flags.json' with { type: 'json' };
import { nodeFolder } from './node-folder.ts';
import type { PackOptions } from './package-edge.ts';
import { writeSbom } from './sbom.ts';
import { writeStartScript } from './start-script.ts';

const root = resolve(import.meta.dirname, '..');
/** The program, and the files of threads and processes that it starts. */
const ENTRIES = ['deploy/cloud-cli.ts', ...ours('*.{worker,child}.ts')];
/** The page. Its screens are imported by pattern. */
const PAGE = globSync('cloud/dashboard/web/**/*.{ts,tsx}', { cwd: root }).filter(
  (file) => !/\.test\.ts$|\.d\.ts$/.test(file),
);
/** Files that the sources read at run time, and the broker configuration that the guide uses. */
const ASSETS = [...ours('*.yaml'), 'deploy/rabbitmq/rabbitmq.conf'];
const MODULES = 'node_modules/';
const LICENCE = /^(licen[cs]e|notice|copying)/i;

function ours(name: string): string[] {
  return globSync(`{cloud,shared}/**/${name}`, { cwd: root, exclude: (folder) => folder === 'testing' });
}

/** Rebuilds the cloud's folder with the pinned Node, the built page and the packages that it needs. */
export async function packageCloud({ out, arch }: PackOptions): Promise<string> {
  const node = nodeFolder(arch, root);
  rmSync(out, { recursive: true, force: true });
  const [cloud, page] = await Promise.all([inputsOf(ENTRIES), inputsOf(PAGE)]);
  const sources = [...cloud.files, ...ASSETS, 'package.json', 'LICENSE'];
  for (const path of sources) {
    mkdirSync(dirname(join(out, path)), { recursive: true });
    copyFileSync(join(root, path), join(out, path));
  }
  const packages = packagesBehind(cloud.imported);
  for (const folder of packages) copyPackage(folder, out, arch);
  writeSbom(out, 'loadstone-cloud', [...new Set([...packages, ...packagesBehind(page.imported)])].sort());
  execFileSync(
    process.execPath,
    [
      join(root, MODULES, 'vite/bin/vite.js'),
      'build',
      '--config',
      join(root, 'cloud/dashboard/vite.config.ts'),
      '--outDir',
      join(out, 'cloud/dashboard/dist'),
    ],
    { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  copyFileSync(join(node, 'bin/node'), join(out, 'node'));
  chmodSync(join(out, 'node'), 0o755);
  copyFileSync(join(node, 'LICENSE'), join(out, 'node-LICENSE'));
  copyFileSync(join(root, 'deploy/systemd/loadstone-cloud.service'), join(out, 'loadstone-cloud.service'));
  writeStartScript(join(out, 'loadstone'), {
    node: 'node',
    program: 'deploy/cloud-cli.ts',
    ...flags.cloud,
    command: 'cloud',
  });
  return out;
}

/** Own files reachable from the entry points, and the packages that they import. */
async function inputsOf(
  entryPoints: string[],
): Promise<{ readonly files: readonly string[]; readonly imported: readonly string[] }> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints,
    outdir: 'dist',
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    jsx: 'automatic',
    loader: { '.css': 'empty' },
    write: false,
    metafile: true,
    logLevel: 'warning',
  });
  const imported = Object.values(metafile.inputs).flatMap(({ imports }) =>
    imports.filter(({ external }) => external === true).map(({ path }) => path),
  );
  return { files: Object.keys(metafile.inputs), imported };
}

interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Folders of the imported packages and all their dependencies, according to package-lock.json. */
function packagesBehind(imported: readonly string[]): string[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, Locked>>;
  };
  const folders = new Set<string>();
  const add = (name: string, from: string): void => {
    let at = from;
    while (!Object.hasOwn(packages, join(at, MODULES, name)) && at !== '') at = at.slice(0, at.lastIndexOf(MODULES));
    const folder = join(at, MODULES, name);
    if (folders.has(folder) || !existsSync(join(root, folder))) return;
    folders.add(folder);
    const { dependencies, optionalDependencies, peerDependencies } = packages[folder]!;
    const needed = { ...dependencies, ...optionalDependencies, ...peerDependencies };
    for (const each of Object.keys(needed)) add(each, `${folder}/`);
  };
  for (const path of imported) {
    const [name] = /^(@[^/]+\/)?[^/]+/.exec(path) ?? [];
    if (name !== undefined && !path.startsWith('node:')) add(name, '');
  }
  return [...folders].sort();
}

/** Copies a package without files for other platforms and files that nothing uses at run time. */
function copyPackage(folder: string, out: string, arch: string): void {
  const from = join(root, folder);
  const left = new RegExp(
    String.raw`^/(node_modules|tests?|__tests__|benchmarks?|examples?|integration|scripts)(/|$)|^/bin/napi-v6/(?!linux(/${arch}|$))|\.(map|md|sh|[cm]?ts)$|/\.[^/]+$|/eslint\.config\.[cm]?js$`,
  );
  cpSync(from, join(out, folder), {
    recursive: true,
    dereference: true,
    filter: (path) => LICENCE.test(basename(path)) || !left.test(path.slice(from.length)),
  });
}
