import { readFileSync } from 'node:fs';

/** Exists in Node but not in its types. */
interface Groups {
  readonly initgroups?: (user: string, extraGroup: number) => void;
}

/** The user that the unit runs the daemon as. */
export const SERVICE_USER = 'loadstone-edge';

/** Id of a user's primary group; undefined if there is no such user. */
export function groupOfUser(name: string): number | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${name}:`));
  return line === undefined ? undefined : Number(line.split(':')[3]);
}

/**
 * Switches a check by root to the service's user, so that it finds files that the service cannot read. Without such a user nothing
 * changes. Returns a message about the switch.
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
