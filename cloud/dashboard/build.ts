import { existsSync, globSync, renameSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Folder of the built page: what the cloud serves. */
export const dashboardRoot = here('./dist');

const SOURCES = ['cloud/dashboard/web/**/*', 'cloud/dashboard/vite.config.ts', 'shared/**/*.ts', 'package-lock.json'];

/** True where there is no page yet or a source of it is newer. */
export function isOutOfDate(): boolean {
  const index = here('./dist/index.html');
  if (!existsSync(index)) return true;
  const built = statSync(index).mtimeMs;
  const root = here('../..');
  return SOURCES.flatMap((pattern) => globSync(pattern, { cwd: root })).some(
    (file) => statSync(`${root}/${file}`).mtimeMs > built,
  );
}

/** Builds the page when its sources are newer than what is built; `progress` gets one line. Returns the folder to serve. */
export async function ensureBuilt(progress: (line: string) => void): Promise<string> {
  if (!isOutOfDate()) return dashboardRoot;
  progress('Building the dashboard');
  // Beside what is served, then put in its place: whoever reads meanwhile finds a whole page.
  const fresh = here(`../../.cache/dashboard-${process.pid}`);
  await build({ configFile: here('./vite.config.ts'), build: { outDir: fresh } });
  if (isOutOfDate()) {
    rmSync(dashboardRoot, { recursive: true, force: true });
    renameSync(fresh, dashboardRoot);
  } else rmSync(fresh, { recursive: true });
  return dashboardRoot;
}
