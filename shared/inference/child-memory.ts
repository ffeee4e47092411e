import { readFileSync, writeFileSync } from 'node:fs';

/** Resident memory of a process, MB; 0 where it has ended, or where there is no /proc. */
export function residentMb(pid: number): number {
  try {
    const kb = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0;
    return Number(kb) / 1024;
  } catch {
    return 0;
  }
}

/** Where memory runs short, the kernel takes this process before all others. */
export function takeFirst(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, '1000');
  } catch {
    // It has ended, or there is no /proc: its limits hold all the same.
  }
}
