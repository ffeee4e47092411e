// TypeBox comes as 683 small files. Each process and each thread would find, read and link all of them: a fifth of a second of a
// processor and 8 MB, each time. Here they become four files, once; few-files-hook.mjs leads every import to them.
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ENTRIES = [
  ['index', 'typebox'],
  ['compile', 'typebox/compile'],
  ['value', 'typebox/value'],
];

/** NODE_OPTIONS for processes that are to find the four files, what was set before included. They are made where they are missing. */
export async function fewFilesOptions() {
  const given = process.env.NODE_OPTIONS ?? '';
  const hook = new URL('few-files-hook.mjs', import.meta.url);
  hook.search = await made();
  return hook.search === '' || given.includes(hook.href) ? given : `${given} --import=${hook.href}`.trim();
}

/** Name of their folder in .cache; empty where nobody can make them, as without the packages of the development. */
async function made() {
  try {
    const main = import.meta.resolve('typebox');
    const { version } = JSON.parse(readFileSync(new URL('../package.json', main), 'utf8'));
    const name = `typebox-${version}`;
    const cache = fileURLToPath(new URL('../.cache/', import.meta.url));
    if (existsSync(`${cache}${name}`)) return name;
    const { build } = await import('esbuild');
    const outdir = `${cache}${name}.${process.pid}`;
    await build({
      entryPoints: Object.fromEntries(
        ENTRIES.map(([entry, from]) => [entry, fileURLToPath(import.meta.resolve(from))]),
      ),
      outdir,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
    });
    // Another process may have made them meanwhile.
    if (existsSync(`${cache}${name}`)) rmSync(outdir, { recursive: true });
    else renameSync(outdir, `${cache}${name}`);
    return name;
  } catch {
    return '';
  }
}
