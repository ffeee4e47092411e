import { lstat, mkdtemp, readdir, rmdir, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';

const PREFIX = 'loadstone-front-';
/** Of a Unix socket, its closing NUL left out (unix(7)). */
const MOST_PATH_BYTES = 107;

const socketIn = (folder: string): string => join(folder, 'http.sock');

/** A folder that only this user enters, and the path of a socket in it. LS-PORT-002 where there is no place for one. */
export async function socketFolder(): Promise<{ folder: string; socket: string }> {
  const start = join(tmpdir(), PREFIX);
  // mkdtemp adds six letters.
  if (Buffer.byteLength(socketIn(`${start}123456`)) > MOST_PATH_BYTES)
    throw new LoadstoneError('LS-PORT-002', `the path of ${tmpdir()} is too long for a socket`);
  try {
    const folder = await mkdtemp(start);
    return { folder, socket: socketIn(folder) };
  } catch (error) {
    throw new LoadstoneError('LS-PORT-002', `${tmpdir()}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Removes a folder and its socket, and nothing else that may have come to stand there. */
export async function removeSocketFolder(folder: string): Promise<void> {
  await unlink(socketIn(folder)).catch(() => undefined);
  await rmdir(folder).catch(() => undefined);
}

/** Removes what clouds of this user left behind that were killed: folders in whose socket nobody listens. */
export async function removeLeftovers(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name);
    const known = await lstat(folder).catch(() => undefined);
    if (known?.isDirectory() !== true || known.uid !== process.getuid?.()) continue;
    if (await isDeserted(socketIn(folder))) await removeSocketFolder(folder);
  }
}

/** Refused: a socket stands there and nobody listens. Where there is none yet, somebody may be about to make it. */
function isDeserted(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = connect(socket);
    asked.on('connect', () => resolve(false));
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
    asked.on('connect', () => asked.destroy());
  });
}
