import { execFileSync } from 'node:child_process';
import { VERSION } from '../../../shared/version.ts';

let known: string | undefined;

/** Version of the package and, in a clone, its commit: 0.1.0+9bc66898; `-changed` if files differ from the commit. */
export function codeVersion(): string {
  if (known !== undefined) return known;
  try {
    const commit = execFileSync('git', ['describe', '--always', '--dirty=-changed', '--exclude=*', '--abbrev=8'], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    known = `${VERSION}+${commit.trim()}`;
  } catch {
    known = VERSION;
  }
  return known;
}
