// Checks the subjects of the commits since version 0.1.0: "area: what changes", at most 72 characters. The reasons belong in the body.
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

const SINCE = '3f009d63fb9da2fe936da954a903a689b7e3d43f';
const MOST = 72;

/** What is wrong with a subject; undefined if nothing is. */
export function subjectFault(subject: string): string | undefined {
  if (subject.length > MOST) return `${subject.length} characters; the limit is ${MOST}`;
  if (!/^[a-z][a-z0-9-]*: [A-Za-z0-9"'`-]/.test(subject)) return 'does not begin with "area: ", such as "guard: "';
  if (subject.endsWith('.')) return 'ends with a full stop';
  return undefined;
}

function subjectsSince(): string[] | undefined {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    return git('log', '--no-merges', '--format=%h %s', `${SINCE}..HEAD`).split('\n').filter(Boolean);
  } catch {
    return undefined;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const lines = subjectsSince();
  if (lines === undefined) {
    process.stdout.write('commit subjects: not checked, this copy has no history since version 0.1.0\n');
  } else {
    const faults = lines.flatMap((line) => {
      const at = line.indexOf(' ');
      const fault = subjectFault(line.slice(at + 1));
      return fault === undefined ? [] : [`${line}\n  ${fault}`];
    });
    for (const fault of faults) process.stderr.write(`${fault}\n`);
    process.stdout.write(`commit subjects: ${lines.length} checked, ${faults.length} at fault\n`);
    process.exitCode = faults.length > 0 ? 1 : 0;
  }
}
