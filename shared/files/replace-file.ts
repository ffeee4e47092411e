import { closeSync, fchmodSync, fchownSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Written {
  /** Permission bits. */
  readonly mode: number;
  /** Who gets the file if root writes it. Default: the owner of its folder. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * Writes a file atomically. Several processes may write the same file at the same time: the last one wins. If writing fails, the old file
 * stays, and nothing else.
 */
export function replaceFile(file: string, content: string | Uint8Array, { mode, owner }: Written): void {
  const { uid, gid } = owner ?? statSync(dirname(file));
  const part = `${file}.${process.pid}.part`;
  // Created exclusively and kept open: root may be writing into the service's folder, where the service could have planted a link.
  rmSync(part, { force: true });
  const handle = openSync(part, 'wx', 0o600);
  try {
    try {
      writeFileSync(handle, content, { flush: true });
      if (process.getuid?.() === 0) fchownSync(handle, uid, gid);
      fchmodSync(handle, mode);
    } finally {
      closeSync(handle);
    }
    renameSync(part, file);
  } catch (error) {
    // Nobody else would overwrite what a full disk left of it: the next process has another name for it.
    rmSync(part, { force: true });
    throw error;
  }
}
