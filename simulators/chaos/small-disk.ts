import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Makes a process of this machine hit a full disk. */
export interface SmallDisk {
  /** Description for the report. */
  readonly how: string;
  fill(pid: number | undefined): void;
  free(pid: number | undefined): void;
  close(): void;
}

const FILLER = 'filler';
const CHUNK = Buffer.alloc(64 * 1024);

/** Mounts a tmpfs of `bytes` on `folder`; without permission to mount, a file size limit of the kernel replaces it. */
export function smallDisk(folder: string, bytes: number): SmallDisk {
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=0700`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return sizeLimit();
  }
  return {
    how: `a full tmpfs of ${bytes / 1e6} MB (ENOSPC)`,
    fill: () => fill(join(folder, FILLER)),
    free: () => rmSync(join(folder, FILLER), { force: true }),
    close: () => void execFileSync('umount', ['--lazy', folder], { stdio: 'ignore' }),
  };
}

/** setrlimit(2), RLIMIT_FSIZE: no file of the process can grow any more (EFBIG). The hard limit stays, so that the limit can be lifted. */
export function sizeLimit(): SmallDisk {
  const set = (pid: number | undefined, soft: string): void => {
    if (pid === undefined) return;
    try {
      execFileSync('prlimit', ['--pid', String(pid), `--fsize=${soft}:`], { stdio: 'ignore' });
    } catch {
      // It has ended in the meantime.
    }
  };
  return {
    how: 'a limit on file sizes (RLIMIT_FSIZE, EFBIG)',
    fill: (pid) => set(pid, '1'),
    free: (pid) => set(pid, 'unlimited'),
    close: () => undefined,
  };
}

function fill(file: string): void {
  const to = openSync(file, 'w');
  try {
    for (let size = CHUNK.length; size >= 1; size = Math.floor(size / 2)) writeUntilFull(to, size);
  } finally {
    closeSync(to);
  }
}

function writeUntilFull(to: number, size: number): void {
  try {
    while (writeSync(to, CHUNK, 0, size) > 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
