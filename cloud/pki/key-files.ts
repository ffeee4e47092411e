import { existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { generateSigningKey, kidOf, type SigningKey } from '../../shared/codec/signed-document.ts';
import { writePrivate, writePublic } from '../../shared/files/private-files.ts';
import { LoadstoneError, unwrap } from '../../shared/outcome/outcome.ts';
import {
  keyRoles,
  publicKeyOf,
  readListUnverified,
  signKeyList,
  type KeyList,
  type KeyRole,
} from '../../shared/pki/key-list.ts';

/** Folder of the signing keys, below the data folder. */
export const KEYS_FOLDER = 'keys';

export const keyFiles = (data: string) => {
  const folder = join(data, KEYS_FOLDER);
  return {
    folder,
    /** The list in force, signed by the root. Only the keys that it names are valid. */
    list: join(folder, 'list.jws'),
    /** Lists by which one root handed over to the next, oldest first, one per line. */
    handovers: join(folder, 'handovers.jws'),
    /** The root's key; it may be kept elsewhere. */
    root: join(folder, 'root.json'),
    /** The documents key keeps its name from when it was the only key. */
    role: (role: KeyRole): string =>
      role === 'documents' ? join(data, 'signing-key.json') : join(folder, `${role}.json`),
    /** A role's key for a future list. */
    next: (role: KeyRole): string => join(folder, `${role}.next.json`),
    /** The file to copy to gateways. */
    pinned: join(data, 'trusted-keys.json'),
  };
};

/** The list in force; undefined before the first start. */
export function readList(data: string): string | undefined {
  const { list } = keyFiles(data);
  return existsSync(list) ? readFileSync(list, 'utf8').trim() : undefined;
}

/** Throws LS-KEY-001 if the file is missing or no private key. */
export function readKey(file: string): SigningKey {
  let why = 'expected a private Ed25519 key as JWK with kid';
  try {
    const key = JSON.parse(readFileSync(file, 'utf8')) as Partial<SigningKey>;
    if (key.kty === 'OKP' && typeof key.d === 'string' && typeof key.kid === 'string') return key as SigningKey;
  } catch (error) {
    // Otherwise reported without the content.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') why = 'the file is missing';
  }
  throw new LoadstoneError('LS-KEY-001', `${file}: ${why}`);
}

export async function keyIn(file: string): Promise<SigningKey> {
  if (existsSync(file)) return readKey(file);
  const { privateKey } = await generateSigningKey();
  writePrivate(file, JSON.stringify(privateKey));
  return privateKey;
}

export const newList = (last: Pick<KeyList, 'generation' | 'root' | 'roles'>, now: number): KeyList => ({
  version: 1,
  generation: last.generation + 1,
  issuedAt: Math.round(now),
  root: last.root,
  roles: last.roles,
});

/**
 * Creates root, keys and first list. The list comes last: until it exists, another call continues where an earlier one ended. An older
 * cloud's only key becomes the documents key, and its audit entries stay valid.
 */
export async function makeKeys(data: string, { root: place, now }: { root: string; now: number }): Promise<void> {
  const files = keyFiles(data);
  if (existsSync(files.list)) throw new LoadstoneError('LS-KEY-001', `${files.list} already exists`);
  const audit = join(data, 'audit.jsonl');
  const wasOne = existsSync(files.role('documents')) && existsSync(audit) && statSync(audit).size > 0;
  const root = await keyIn(place === '' ? files.root : place);
  const of = async (role: KeyRole) => publicKeyOf(await keyIn(files.role(role)));
  const documents = await of('documents');
  const roles = {
    documents: [documents],
    models: [await of('models')],
    online: [await of('online')],
    audit: [await of('audit'), ...(wasOne ? [documents] : [])],
  };
  const list = newList({ generation: 0, root: publicKeyOf(root), roles }, now);
  putList(data, list, await signKeyList(list, root));
}

/**
 * Lists by which one root handed over to the next, oldest first, ending at the root of the list in force. Lines that do not lead there
 * belong to lists that never came into force; a gateway that followed one would refuse all later lists.
 */
export function readHandovers(
  data: string,
  { root }: KeyList,
): { readonly jws: string; readonly generation: number }[] {
  const { handovers } = keyFiles(data);
  const lines = existsSync(handovers) ? readFileSync(handovers, 'utf8').split('\n').filter(Boolean) : [];
  const chain: { jws: string; generation: number }[] = [];
  let to: string | undefined = root.kid;
  for (const jws of lines.toReversed()) {
    const { generation, root: next } = unwrap(readListUnverified(jws));
    if (next.kid !== to) continue;
    chain.unshift({ jws, generation });
    to = kidOf(jws);
  }
  return chain;
}

/** Puts a signed list in force; the keys that it names replace the previous ones. */
export function putList(data: string, list: KeyList, jws: string): void {
  writePrivate(keyFiles(data).list, `${jws}\n`);
  settle(data, list);
}

/**
 * Completes a list's activation, which a kill may have interrupted. The running cloud and `loadstone keys` may do so for the same list at
 * the same time.
 */
export function settle(data: string, list: KeyList): void {
  const files = keyFiles(data);
  for (const role of keyRoles) {
    const next = files.next(role);
    try {
      if (existsSync(next) && readKey(next).kid === list.roles[role][0]!.kid) renameSync(next, files.role(role));
    } catch (error) {
      // If it is gone, the other process has moved it.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' && existsSync(next)) throw error;
    }
  }
  const pinned = { keys: list.roles.documents.slice(0, 1), root: list.root, list: readList(data) };
  // Public keys: readable for whoever copies them to a gateway.
  writePublic(files.pinned, JSON.stringify(pinned));
}
