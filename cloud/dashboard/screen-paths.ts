import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('./web/screens', import.meta.url));

/** File of the built page that lists the paths of its screens for the server. */
export const SCREEN_PATHS = 'assets/screens.json';

/** Returns the path of each screen by name, read from its source: `/feeders/:id` of `feeder`. */
export function screenPaths(): ReadonlyMap<string, { readonly path: `/${string}` }> {
  const paths = new Map<string, { readonly path: `/${string}` }>();
  for (const file of globSync('*.tsx', { cwd: folder }).sort()) {
    const found = /^export const screen: Screen = \{\s*path: '(\/[^']*)'/m.exec(
      readFileSync(join(folder, file), 'utf8'),
    );
    if (found !== null) paths.set(basename(file, '.tsx'), { path: found[1] as `/${string}` });
  }
  return paths;
}
