import { execFileSync, type ExecFileSyncOptionsWithStringEncoding } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>>;
}

/**
 * Folder of the pinned Node for `arch`: the installed package, else a copy in dist, fetched from the npm registry and checked against the
 * integrity in package-lock.json.
 */
export function nodeFolder(arch: string, root: string): string {
  const name = `node-linux-${arch}`;
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    return broughtNode(name, root);
  }
}

function broughtNode(name: string, root: string): string {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  const { version, integrity } = lock.packages[`node_modules/${name}`] ?? {};
  if (version === undefined || integrity === undefined) throw new Error(`package-lock.json does not pin ${name}`);
  const dist = join(root, 'dist');
  const folder = join(dist, `${name}-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(dist, { recursive: true });
  const work = mkdtempSync(join(dist, 'node-'));
  try {
    const options: ExecFileSyncOptionsWithStringEncoding = {
      cwd: work,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    };
    const packed = execFileSync('npm', ['pack', '--silent', `${name}@${version}`], options);
    const archive = join(work, packed.trim());
    const [algorithm = '', wanted] = integrity.split(/-(.*)/);
    const found = createHash(algorithm).update(readFileSync(archive)).digest('base64');
    if (found !== wanted) throw new Error(`${name} ${version} is not what package-lock.json pins`);
    execFileSync('tar', ['-xzf', archive], options);
    renameSync(join(work, 'package'), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}
