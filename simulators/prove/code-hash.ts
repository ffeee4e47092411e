import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const RUN = join(import.meta.dirname, 'prove.child.ts');
/** Matches the files that a source names: other source, workers and children, WebAssembly, settings. */
const TAKEN = /(?:\bfrom|\bimport|\bimport\(|\bnew URL\()\s*'(\.{0,2}[^']*\.\w+)'/g;

/** Files that a run executes, starting with its process; not tests, pages or the report. Sorted, relative to the root. */
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

/** SHA-256 of everything that determines a result except the protocol: source, recorded data, and the packages through the lock file. */
export function codeHash(): string {
  const hash = createHash('sha256');
  const data = globSync('simulators/data/**/*.{csv,gz,json,m}', { cwd: root });
  for (const name of [...new Set([...executedFiles(), ...data, 'package-lock.json'])].sort())
    hash.update(`${name}\n`).update(readFileSync(join(root, name)));
  return hash.digest('hex');
}
