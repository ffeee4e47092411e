import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const RUN = join(import.meta.dirname, 'prove.child.ts');
/** What a file takes from beside it: other source, workers and children, WebAssembly, settings. */
const TAKEN = /(?:\bfrom|\bimport|\bimport\(|\bnew URL\()\s*'(\.{0,2}[^']*\.\w+)'/g;

/** Files that a run executes, beginning with its process: tests, pages and the report are no part of it. Sorted, from the root. */
export function executedFiles(): string[] {
  const seen = new Set([RUN]);
  for (const file of seen) {
    if (!file.endsWith('.ts')) continue;
    for (const [, name] of readFileSync(file, 'utf8').matchAll(TAKEN)) {
      const taken = join(dirname(file), name!);
      if (existsSync(taken) && statSync(taken).isFile()) seen.add(taken);
    }
  }
  return [...seen].map((file) => relative(root, file)).sort();
}

/** SHA-256 of all that a result follows from but the protocol: source, recorded data, and the packages by their lock file. */
export function codeHash(): string {
  const hash = createHash('sha256');
  const data = globSync('simulators/data/**/*.{csv,gz,json,m}', { cwd: root });
  for (const name of [...new Set([...executedFiles(), ...data, 'package-lock.json'])].sort())
    hash.update(`${name}\n`).update(readFileSync(join(root, name)));
  return hash.digest('hex');
}
