import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { messageOf } from '../shared/outcome/message-of.ts';

const root = resolve(import.meta.dirname, '..');

const HELP = `usage: npm run package:repository -- --key FINGERPRINT [--from DIR] [--out DIR]

Makes an apt repository from the packed .debs: pool, Packages, Release and InRelease, signed with a key of your gpg. Serve the folder
with any web server. A machine set up as follows accepts packages of this repository only with that signature:

  sudo install -m 0644 loadstone.gpg /etc/apt/keyrings/
  echo "deb [signed-by=/etc/apt/keyrings/loadstone.gpg] https://apt.example.net stable main" | sudo tee /etc/apt/sources.list.d/loadstone.list
  sudo apt update && sudo apt install loadstone-edge

Needs apt-ftparchive and gpg: sudo apt install apt-utils gnupg

  --key FINGERPRINT   fingerprint of the signing key; keep the key on a token or a separate machine, not where packages are built
  --from DIR          folder of the .debs (dist)
  --out DIR           folder of the repository (dist/apt); its content is replaced
  --help              this text

exit codes: 0 made, 1 something is missing or failed, 2 usage
`;

export interface RepositoryOptions {
  readonly from: string;
  readonly out: string;
  readonly key: string;
  /** Environment of the programs. Absent: this process's. */
  readonly env?: NodeJS.ProcessEnv;
}

const SUITE = 'stable';
/** Weaker hashes, which apt does not accept any more. */
const WEAK = ['MD5', 'SHA1'].flatMap((each) => ['-o', `APT::FTPArchive::${each}=false`]);

/** Builds the whole repository beside an existing one and then replaces it. Returns the names of the packages. */
export function makeRepository({ from, out, key, env = process.env }: RepositoryOptions): string[] {
  const debs = readdirSync(from).filter((name) => name.endsWith('.deb'));
  if (debs.length === 0) throw new Error(`there is no .deb in ${from}: run "npm run package:edge" first`);
  const part = `${out}.part`;
  const old = `${part}.old`;
  // A run that ended between the two renames below has left the repository there.
  if (existsSync(old) && !existsSync(out)) renameSync(old, out);
  for (const left of [part, old]) rmSync(left, { recursive: true, force: true });
  mkdirSync(join(part, 'pool'), { recursive: true });
  for (const name of debs) copyFileSync(join(from, name), join(part, 'pool', name));
  const run = (program: string, ...args: string[]): Buffer => ran(program, args, part, env);
  const architectures = architecturesOf(debs);
  for (const architecture of architectures) {
    const list = run('apt-ftparchive', ...WEAK, '--arch', architecture, 'packages', 'pool');
    const folder = join(part, 'dists', SUITE, 'main', `binary-${architecture}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'Packages'), list);
    writeFileSync(join(folder, 'Packages.gz'), gzipSync(list, { level: 9 }));
  }
  const told = { Origin: 'Loadstone', Label: 'Loadstone', Suite: SUITE, Codename: SUITE, Components: 'main' };
  const facts = Object.entries({ ...told, Architectures: architectures.join(' ') }).flatMap(([name, value]) => [
    '-o',
    `APT::FTPArchive::Release::${name}=${value}`,
  ]);
  const dist = join(part, 'dists', SUITE);
  writeFileSync(join(dist, 'Release'), run('apt-ftparchive', ...WEAK, ...facts, 'release', `dists/${SUITE}`));
  const sign = (...how: string[]): Buffer => run('gpg', '--batch', '--yes', '--local-user', key, ...how);
  const [release, inline] = [join(dist, 'Release'), join(dist, 'InRelease')];
  sign('--output', inline, '--clearsign', release);
  sign('--armor', '--output', `${release}.gpg`, '--detach-sign', release);
  writeFileSync(join(part, 'loadstone.gpg'), run('gpg', '--batch', '--export', key));
  run('gpgv', '--keyring', join(part, 'loadstone.gpg'), inline);
  if (existsSync(out)) renameSync(out, old);
  mkdirSync(dirname(out), { recursive: true });
  renameSync(part, out);
  rmSync(old, { recursive: true, force: true });
  return debs;
}

/** Architectures of the packages. A package for all architectures is in the list of each. */
function architecturesOf(debs: readonly string[]): string[] {
  const found = new Set(debs.map((name) => /_([^_]+)\.deb$/.exec(name)?.[1] ?? 'all'));
  found.delete('all');
  return found.size === 0 ? ['amd64', 'arm64'] : [...found].toSorted();
}

function ran(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Buffer {
  try {
    return execFileSync(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26 });
  } catch (error) {
    const { code, stderr } = error as { readonly code?: string; readonly stderr?: Buffer };
    if (code === 'ENOENT')
      throw new Error(`${program} is missing: type "sudo apt install apt-utils gnupg"`, { cause: error });
    throw new Error(`${program}: ${stderr?.toString().trim() ?? String(error)}`, { cause: error });
  }
}

function main(): number {
  const { values } = parseArgs({
    options: {
      key: { type: 'string' },
      from: { type: 'string', default: join(root, 'dist') },
      out: { type: 'string', default: join(root, 'dist', 'apt') },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const { key, from, out, help } = values;
  if (help === true || key === undefined) {
    (help === true ? process.stdout : process.stderr).write(HELP);
    return help === true ? 0 : 2;
  }
  try {
    const debs = makeRepository({ from: resolve(from), out: resolve(out), key });
    process.stdout.write(`${resolve(out)}: ${debs.join(', ')}, signed by ${key}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`package:repository: ${messageOf(error)}\n`);
    return 1;
  }
}

if (import.meta.main) process.exitCode = main();
