import { chmodSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generateSigningKey, kidOf, type SigningKey } from '../../shared/codec/signed-document.ts';
import { writePrivate } from '../../shared/files/private-files.ts';
import { LoadstoneError, unwrap } from '../../shared/outcome/outcome.ts';
import {
  keyRoles,
  publicKeyOf,
  readListUnverified,
  signKeyList,
  type KeyList,
  type KeyRole,
} from '../../shared/pki/key-list.ts';

/** Folder of the keys that sign, below the data folder. */
export const KEYS_FOLDER = 'keys';

export const keyFiles = (data: string) => {
  const folder = join(data, KEYS_FOLDER);
  return {
    folder,
    /** The list in force, as the root has signed it. What it names counts, whatever else stands here. */
    list: join(folder, 'list.jws'),
    /** Lists by which one root handed over to the next, oldest first, a line each. */
    handovers: join(folder, 'handovers.jws'),
    /** The root's key. It may be carried away. */
    root: join(folder, 'root.json'),
    /** That of documents has the name that it had when it was the only one. */
    role: (role: KeyRole): string =>
      role === 'documents' ? join(data, 'signing-key.json') : join(folder, `${role}.json`),
    /** A role's key that a list to come names. */
    next: (role: KeyRole): string => join(folder, `${role}.next.json`),
    /** What is copied to gateways. */
    pinned: join(data, 'trusted-keys.json'),
  };
};

/** The list in force; undefined before the first start. */
export function readList(data: string): string | undefined {
  const { list } = keyFiles(data);
  return existsSync(list) ? readFileSync(list, 'utf8').trim() : undefined;
}

/** LS-KEY-001 where there is none, or it is no private key. */
export function readKey(file: string): SigningKey {
  let why = 'expected a private Ed25519 key as JWK with kid';
  try {
    const key = JSON.parse(readFileSync(file, 'utf8')) as Partial<SigningKey>;
    if (key.kty === 'OKP' && typeof key.d === 'string' && typeof key.kid === 'string') return key as SigningKey;
  } catch (error) {
    // Otherwise told without the content.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') why = 'it is not there';
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
 * Makes root, keys and first list. The list comes last: until it is there, the same call goes on where an earlier one ended. A cloud of
 * before had one key: it goes on as that of documents, and what it signed of the audit stands.
 */
export async function makeKeys(data: string, { root: place, now }: { root: string; now: number }): Promise<void> {
  const files = keyFiles(data);
  if (existsSync(files.list)) throw new LoadstoneError('LS-KEY-001', `${files.list} is there already`);
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
 * What one root handed over to the next by, oldest first, down to the root of the list in force. A line that does not lead there is of a
 * list that never came into force: whoever followed it would take no list any more.
 */
export function readHandovers(
  data: string,
  { root }: KeyList,
): { readonly jws: string; readonly generation: number }[] {
  const { handovers } = keyFiles(data);
  const lines = existsSync(handovers) ? readFileSync(handovers, 'utf8').split('\n').filter(Boolean) : [];
  const way: { jws: string; generation: number }[] = [];
  let to: string | undefined = root.kid;
  for (const jws of lines.toReversed()) {
    const { generation, root: next } = unwrap(readListUnverified(jws));
    if (next.kid !== to) continue;
    way.unshift({ jws, generation });
    to = kidOf(jws);
  }
  return way;
}

/** Puts a signed list in force; the keys that it names take the place of those before. */
export function putList(data: string, list: KeyList, jws: string): void {
  writePrivate(keyFiles(data).list, `${jws}\n`);
  settle(data, list);
}

/** What follows from the list in force. A kill may have come between. */
export function settle(data: string, list: KeyList): void {
  const files = keyFiles(data);
  for (const role of keyRoles)
    if (existsSync(files.next(role)) && readKey(files.next(role)).kid === list.roles[role][0]!.kid)
      renameSync(files.next(role), files.role(role));
  const pinned = { keys: list.roles.documents.slice(0, 1), root: list.root, list: readList(data) };
  const part = `${files.pinned}.part`;
  writeFileSync(part, JSON.stringify(pinned), { flush: true });
  // Public keys: whoever brings them to a gateway reads them.
  chmodSync(part, 0o644);
  renameSync(part, join(dirname(files.pinned), 'trusted-keys.json'));
}
