// TypeBox consists of 683 small files. Finding, reading and linking all of them costs each process and each thread a fifth of a second of
// CPU and 8 MB. This bundles them into four files once; few-files-hook.mjs redirects imports there.
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ENTRIES = [
  ['index', 'typebox'],
  ['compile', 'typebox/compile'],
  ['value', 'typebox/value'],
];

/** NODE_OPTIONS, including the present ones, for processes that should use the four files. Builds the files if they are missing. */
export async function fewFilesOptions() {
  const given = process.env.NODE_OPTIONS ?? '';
  const hook = new URL('few-files-hook.mjs', import.meta.url);
  hook.search = await made();
  return hook.search === '' || given.includes(hook.href) ? given : `${given} --import=${hook.href}`.trim();
}

/** Name of their folder in .cache. Empty if they cannot be built, such as without the development packages. */
async function made() {
  try {
    const main = import.meta.resolve('typebox');
    const { version } = JSON.parse(readFileSync(new URL('../package.json', main), 'utf8'));
    const name = `typebox-${version}`;
    const cache = fileURLToPath(new URL('../.cache/', import.meta.url));
    const place = `${cache}${name}`;
    if (existsSync(place)) return name;
    const { build } = await import('esbuild');
    const outdir = `${place}.${process.pid}`;
    try {
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
      renameSync(outdir, place);
    } catch (error) {
      // Another process may have built them meanwhile.
      if (!existsSync(place)) throw error;
    } finally {
      rmSync(outdir, { recursive: true, force: true });
    }
    return name;
  } catch {
    return '';
  }
}
