import { readFileSync } from 'node:fs';

/** Known to Node, not to its types. */
interface Groups {
  readonly initgroups?: (user: string, extraGroup: number) => void;
}

/** The user as whom the unit runs the daemon. */
export const SERVICE_USER = 'loadstone-edge';

/** The number of a user's own group; undefined: there is no such user. */
export function groupOfUser(name: string): number | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${name}:`));
  return line === undefined ? undefined : Number(line.split(':')[3]);
}

/**
 * A check by root goes on as the user of the service, so that it finds the files that the service cannot read. Where there is no
 * such user it stays who it is. Says as whom it goes on.
 */
export function becomeServiceUser(name: string): string | undefined {
  const { getuid, setgid, setuid, initgroups } = process as NodeJS.Process & Groups;
  if (getuid?.() !== 0 || setgid === undefined || setuid === undefined || initgroups === undefined) return undefined;
  const group = groupOfUser(name);
  if (group === undefined) return undefined;
  initgroups(name, group);
  setgid(group);
  setuid(name);
  return `files are read as ${name}, the user of the service`;
}
