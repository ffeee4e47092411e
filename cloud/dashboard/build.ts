import { existsSync, globSync, renameSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Folder of the built page, which the cloud serves. */
export const dashboardRoot = here('./dist');

const SOURCES = ['cloud/dashboard/web/**/*', 'cloud/dashboard/vite.config.ts', 'shared/**/*.ts', 'package-lock.json'];

/** True if there is no page yet, or a source is newer. */
export function isOutOfDate(): boolean {
  const index = here('./dist/index.html');
  if (!existsSync(index)) return true;
  const built = statSync(index).mtimeMs;
  const root = here('../..');
  return SOURCES.flatMap((pattern) => globSync(pattern, { cwd: root })).some(
    (file) => statSync(`${root}/${file}`).mtimeMs > built,
  );
}

/** Builds the page if its sources are newer; `progress` gets one line. Returns the folder to serve. */
export async function ensureBuilt(progress: (line: string) => void): Promise<string> {
  if (!isOutOfDate()) return dashboardRoot;
  progress('Building the dashboard');
  // Builds in another folder and then renames it, so that readers never find half a page.
  const fresh = here(`../../.cache/dashboard-${process.pid}`);
  await build({ configFile: here('./vite.config.ts'), build: { outDir: fresh } });
  if (isOutOfDate()) {
    rmSync(dashboardRoot, { recursive: true, force: true });
    renameSync(fresh, dashboardRoot);
  } else rmSync(fresh, { recursive: true });
  return dashboardRoot;
}
