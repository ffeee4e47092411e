import { once } from 'node:events';
import { closeSync, fsyncSync, openSync, statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { TimeBase } from '../../shared/time/clock.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { every } from '../../shared/time/every.ts';

const LOOK_MS = 1000;

export interface CopyOptions {
  readonly from: string;
  readonly to: string;
  /** Another process is writing it. */
  readonly isRunning: boolean;
  readonly machine: TimeBase;
  /** Bytes copied, and approximately the total. */
  readonly progress: (done: number, all: number) => void;
}

/** Copies a consistent snapshot of a SQLite file, using SQLite on its own thread, while others write. Durable once this resolves. */
export async function copyDatabase({ from, to, isRunning, machine, progress }: CopyOptions): Promise<void> {
  const worker = new Worker(new URL('./copy.worker.ts', import.meta.url), {
    workerData: { from, to, readOnly: isRunning },
  });
  const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const look = every(machine, LOOK_MS, () => progress(sizeOf(to), sizeOf(from)));
  try {
    await once(worker, 'exit');
  } catch (error) {
    throw new LoadstoneError('LS-BACKUP-005', `${from}: ${messageOf(error)}`);
  } finally {
    look.cancel();
  }
  sync(to);
  progress(sizeOf(to), sizeOf(to));
}

/** Flushes a file, or the names in a folder, to the medium. */
export function sync(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
