import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { transform } from 'esbuild';
import { parseYaml } from '../../shared/config/parse-yaml.ts';

const root = join(import.meta.dirname, '..', '..');
const RUN = join(import.meta.dirname, 'prove.child.ts');
/** Matches the files that a source names: other source, workers and children, WebAssembly, settings. */
const TAKEN = /(?:\bfrom|\bimport|\bimport\(|\bnew URL\()\s*"(\.{0,2}[^"]*\.\w+)"/g;
/** Without it, esbuild drops imports that nothing uses; Node runs them. */
const AS_NODE = { compilerOptions: { verbatimModuleSyntax: true } };

/** Files that a run executes, starting with its process, by path relative to the root; not tests, pages or the report. */
export async function executedFiles(): Promise<Map<string, string | Buffer>> {
  const seen = new Map<string, string | Buffer>();
  const left = [RUN];
  for (const file of left) {
    if (seen.has(relative(root, file))) continue;
    const content = await executed(file, readFileSync(file));
    seen.set(relative(root, file), content);
    if (!file.endsWith('.ts')) continue;
    for (const [, name] of content.toString().matchAll(TAKEN)) {
      const taken = join(dirname(file), name!);
      if (existsSync(taken) && statSync(taken).isFile()) left.push(taken);
    }
  }
  return seen;
}

/** What takes effect of a file: source without types and comments, the values of YAML, else its bytes. */
export async function executed(name: string, bytes: Buffer): Promise<string | Buffer> {
  if (name.endsWith('.yaml')) return JSON.stringify(parseYaml(bytes.toString(), name).value);
  if (!name.endsWith('.ts')) return bytes;
  const { code } = await transform(bytes.toString(), {
    loader: 'ts',
    target: 'esnext',
    minifyWhitespace: true,
    legalComments: 'none',
    tsconfigRaw: AS_NODE,
  });
  return code;
}

/** SHA-256 of everything that determines a result except the protocol: source, recorded data, and the packages through the lock file. */
export async function codeHash(): Promise<string> {
  const hash = createHash('sha256');
  const files = await executedFiles();
  for (const name of [...globSync('simulators/data/**/*.{csv,gz,json,m}', { cwd: root }), 'package-lock.json'])
    files.set(name, readFileSync(join(root, name)));
  for (const [name, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${name}\n`).update(content);
  return hash.digest('hex');
}
