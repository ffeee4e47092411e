import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gunzipSync, gzip } from 'node:zlib';
import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { Hash } from './audit-entry.ts';
import { entryOf, linesOf } from './audit-lines.ts';

/** Act of the first entry of a list after a cut. */
export const SEAL = 'audit.seal';

/** Content of that signed entry, about the archive before it; the entry's `prev` is `hash`. */
const Seal = Type.Object(
  {
    file: Type.String({ pattern: '^[\\w-]+-\\d+-\\d+\\.jsonl\\.gz$', maxLength: 100 }),
    /** Numbers of its first and last entry. */
    first: Type.Integer({ minimum: 1 }),
    last: Type.Integer({ minimum: 1 }),
    /** Hash of its last entry. */
    hash: Hash,
    /** Of the compressed file. */
    sha256: Hash,
  },
  { additionalProperties: false },
);
export type Seal = Static<typeof Seal>;
const seals = Compile(Seal);

/** Bytes of an archive by its name; undefined if it is missing. */
export type Archives = (file: string) => Uint8Array | undefined;

export const archivesIn =
  (folder: string): Archives =>
  (file) =>
    existsSync(join(folder, file)) ? readFileSync(join(folder, file)) : undefined;

/** The seal at the start of a list; undefined: the list starts with the very first entry, or cannot be read. */
export function sealOf(list: Uint8Array): Seal | undefined {
  const end = list.indexOf(0x0a);
  const entry = entryOf(list.subarray(0, end < 0 ? list.length : end));
  return typeof entry === 'object' && entry.what === SEAL && seals.Check(entry.to) ? entry.to : undefined;
}

/** Seals of the archives before a list, oldest first. Each archive starts with the seal of the previous one. */
export function sealsBefore(list: Uint8Array, archives: Archives): Seal[] {
  const found: Seal[] = [];
  let seal = sealOf(list);
  while (seal !== undefined && seal.first < (found[0]?.first ?? Infinity)) {
    found.unshift(seal);
    const earlier = unpacked(archives(seal.file));
    seal = earlier && sealOf(earlier);
  }
  return found;
}

/** Content of an archive; undefined if it is missing or corrupt. */
export function unpacked(archive: Uint8Array | undefined): Uint8Array | undefined {
  try {
    return archive && gunzipSync(archive);
  } catch {
    return undefined;
  }
}

/** The lines of an archive, oldest first; none if it cannot be read. */
export async function archivedLines(path: string): Promise<Uint8Array[]> {
  if (!existsSync(path)) return [];
  const list = await promisify(gunzip)(readFileSync(path)).catch(() => new Uint8Array());
  return linesOf(list).lines;
}

/** Writes entries to an archive next to their list. Durable once this resolves. */
export async function archive(
  list: Uint8Array,
  file: string,
  of: Pick<Seal, 'first' | 'last' | 'hash'>,
): Promise<Seal> {
  const packed = await promisify(gzip)(list);
  const place = (n: number): string => String(n).padStart(9, '0');
  const name = `${basename(file, '.jsonl')}-${place(of.first)}-${place(of.last)}.jsonl.gz`;
  await (await replaced(join(dirname(file), name), packed)).close();
  await syncFolder(file);
  return { ...of, file: name, sha256: sha256Of(packed) };
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Replaces a file atomically; returns it open for appending. `syncFolder` makes the new name durable. */
export async function replaced(file: string, bytes: Uint8Array): Promise<FileHandle> {
  const part = `${file}.part`;
  await rm(part, { force: true });
  const handle = await open(part, 'a+', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
    await rename(part, file);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

export async function syncFolder(file: string): Promise<void> {
  await using folder = await open(dirname(file));
  await folder.sync();
}
