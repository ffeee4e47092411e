import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

let known: string | undefined;

/** Version of the package and, in a clone, its commit: 0.1.0+9bc66898; `-changed` if files differ from the commit. */
export function codeVersion(): string {
  if (known !== undefined) return known;
  const root = new URL('..', import.meta.url);
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };
  try {
    const commit = execFileSync('git', ['describe', '--always', '--dirty=-changed', '--exclude=*', '--abbrev=8'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    known = `${version}+${commit.trim()}`;
  } catch {
    known = version;
  }
  return known;
}
