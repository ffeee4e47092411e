import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A way to make a process of this machine meet a disk that takes nothing any more. */
export interface SmallDisk {
  /** In words, for the report. */
  readonly how: string;
  fill(pid: number | undefined): void;
  free(pid: number | undefined): void;
  close(): void;
}

const FILLER = 'filler';
const CHUNK = Buffer.alloc(64 * 1024);

/** Mounts a tmpfs of so many bytes on `folder`; where that is not allowed, the limit of the kernel on file sizes takes its place. */
export function smallDisk(folder: string, bytes: number): SmallDisk {
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=0700`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return sizeLimit();
  }
  return {
    how: `a tmpfs of ${bytes / 1e6} MB that is filled (ENOSPC)`,
    fill: () => fill(join(folder, FILLER)),
    free: () => rmSync(join(folder, FILLER), { force: true }),
    close: () => void execFileSync('umount', ['--lazy', folder], { stdio: 'ignore' }),
  };
}

/** setrlimit(2), RLIMIT_FSIZE: from now on no file of the process grows (EFBIG). The hard limit stays, so it can be lifted again. */
export function sizeLimit(): SmallDisk {
  const set = (pid: number | undefined, soft: string): void => {
    if (pid === undefined) return;
    try {
      execFileSync('prlimit', ['--pid', String(pid), `--fsize=${soft}:`], { stdio: 'ignore' });
    } catch {
      // It has ended meanwhile.
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
