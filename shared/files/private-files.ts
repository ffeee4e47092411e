import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { dirname, join } from 'node:path';

const OTHERS = 0o077;
const FILE = 0o600;
const FOLDER = 0o700;
/** Of a folder in which many have files of their own, such as /tmp. */
const STICKY = 0o1000;

/** What this process makes from here on is its own user's alone, what its threads and children make included. */
export const writeForOneself = (): void => void process.umask(OTHERS);

/**
 * Takes the entries of a folder that `isOurs` names, what lies in them and the folder itself from everybody but their owner. Links
 * are not followed; sockets, and a folder that many share, are left. Returns what could not be taken, each with why.
 */
export function makeFolderPrivate(folder: string, isOurs: (name: string) => boolean): string[] {
  const own = entriesOf(folder).filter(isOurs);
  return [...own.flatMap((name) => privateBelow(join(folder, name))), ...taken(folder, FOLDER, statSync)];
}

/** The same for single files; those that are not there are left. */
export const makeFilesPrivate = (...files: string[]): string[] => files.flatMap((file) => taken(file, FILE, statSync));

/** Writes a file whole or not at all, for its user alone: where root writes, for the owner of the folder above. */
export function writePrivate(file: string, text: string): void {
  const folder = dirname(file);
  if (mkdirSync(folder, { recursive: true, mode: FOLDER }) !== undefined) own(folder);
  const part = `${file}.part`;
  writeFileSync(part, text, { mode: FILE, flush: true });
  own(part);
  renameSync(part, file);
}

function own(path: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dirname(path));
  chownSync(path, uid, gid);
}

function privateBelow(path: string): string[] {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() === true) return taken(path, FILE, lstatSync);
  if (stats?.isDirectory() !== true) return [];
  return [...taken(path, FOLDER, lstatSync), ...entriesOf(path).flatMap((name) => privateBelow(join(path, name)))];
}

type Look = (path: string, options: { throwIfNoEntry: false }) => Stats | undefined;

function taken(path: string, mode: number, look: Look): string[] {
  try {
    const stats = look(path, { throwIfNoEntry: false });
    if (stats !== undefined && (stats.mode & OTHERS) !== 0 && (stats.mode & STICKY) === 0) chmodSync(path, mode);
    return [];
  } catch (error) {
    return [String(error)];
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // It is not there yet, or is not ours to read: whoever opens it says so.
    return [];
  }
}
