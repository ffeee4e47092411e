import { readdirSync, readFileSync } from 'node:fs';

/** A process of this machine; the start time distinguishes it from a later one with the same pid. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly startedAt: string;
  readonly command: string;
}

/** Every running process, without zombies. */
function all(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        // The name in brackets may hold spaces and brackets; proc(5): the state is the first field after it.
        const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (state === 'Z' || state === 'X') return [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return [{ pid: Number(name), parent: Number(parent), startedAt: rest[17]!, command }];
      } catch {
        return []; // It has ended in the meantime.
      }
    });
}

/** A process and all its descendants. */
export function familyOf(pid: number): Process[] {
  const everyone = all();
  const family = everyone.filter((each) => each.pid === pid);
  for (const member of family) family.push(...everyone.filter(({ parent }) => parent === member.pid));
  return family;
}

/** The members of `processes` that still run. */
export function leftOf(processes: readonly Process[]): Process[] {
  const now = new Map(all().map((each) => [each.pid, each]));
  return processes.filter(({ pid, startedAt }) => now.get(pid)?.startedAt === startedAt);
}
