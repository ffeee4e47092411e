import { readFileSync, writeFileSync } from 'node:fs';

/** Resident memory of a process, MB; 0 if it has ended or there is no /proc. */
export function residentMb(pid: number): number {
  try {
    const kb = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0;
    return Number(kb) / 1024;
  } catch {
    return 0;
  }
}

/** Makes this process the kernel's first choice to kill when memory runs out. */
export function takeFirst(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, '1000');
  } catch {
    // The process has ended, or there is no /proc. Without /proc the memory budget is not enforced either.
  }
}
