import { existsSync, rmSync } from 'node:fs';
import type { SigningKey } from '../../shared/codec/signed-document.ts';
import { LoadstoneError, unwrap } from '../../shared/outcome/outcome.ts';
import {
  followKeyLists,
  keyRoles,
  publicKeyOf,
  signKeyList,
  type KeyList,
  type KeyRole,
  type PublicKey,
} from '../../shared/pki/key-list.ts';
import { readSignedList } from './key-book.ts';
import { writePrivate } from '../../shared/files/private-files.ts';
import { keyFiles, keyIn, newList, putList, readHandovers, readKey } from './key-files.ts';

/** Maximum number of audit keys that a list names. Older ones are vouched for by their successor's takeover entry. */
const MOST_OF_AUDIT = 16;
const former = (list: KeyList): readonly PublicKey[] => list.roles.audit.slice(0, MOST_OF_AUDIT - 1);

/** The next list, unsigned, with a new key for a role. The key is stored until then; another call reuses it. */
export async function listToSign(data: string, role: KeyRole, now: number): Promise<KeyList> {
  const { list } = await readSignedList(data);
  const files = keyFiles(data);
  const key = publicKeyOf(await keyIn(files.next(role)));
  const before = role === 'audit' ? former(list) : [];
  return newList({ ...list, roles: { ...list.roles, [role]: [key, ...before] } }, now);
}

export async function rotateRole(data: string, role: KeyRole, root: SigningKey, now: number): Promise<void> {
  const { list: before } = await readSignedList(data);
  if (before.root.x !== root.x)
    throw new LoadstoneError('LS-KEY-001', 'this is not the key of the root that signed the list in force');
  // A key made for an earlier list may have been exposed.
  rmSync(keyFiles(data).next(role), { force: true });
  const list = await listToSign(data, role, now);
  putList(data, list, await signKeyList(list, root));
}

/** The current list as the next one, unsigned: a root handover changes no other key. */
export async function sameKeys(data: string, now: number): Promise<KeyList> {
  return newList((await readSignedList(data)).list, now);
}

/** Puts a list under another root: the handover line signed by `root`, then the list signed by `next`. */
export async function handedOver(list: KeyList, root: SigningKey, next: SigningKey): Promise<string> {
  const under = { ...list, root: publicKeyOf(next) };
  return [await signKeyList(under, root), await signKeyList({ ...under, generation: list.generation + 1 }, next)].join(
    '\n',
  );
}

/**
 * Continues under another root after the previous one was lost. Nothing hands over to it, so each gateway refuses its lists until somebody
 * pins the new root there; until the next rotation, gateways go on with the current keys.
 */
export async function replaceLostRoot(data: string, next: SigningKey, now: number): Promise<void> {
  const list = { ...(await sameKeys(data, now)), root: publicKeyOf(next) };
  const jws = await signKeyList(list, next);
  rmSync(keyFiles(data).handovers, { force: true });
  putList(data, list, jws);
}

/**
 * Puts a list in force that was signed elsewhere, preceded by handover lines if the root changes. LS-KEY-001: the list is older, its root
 * was not handed over to, it names a key that is not here, or it omits a former audit key.
 */
export async function importList(data: string, text: string): Promise<void> {
  const { list: held } = await readSignedList(data);
  const { list, lines } = unwrap(await followKeyLists(text, held.root));
  const fault = (why: string): LoadstoneError => new LoadstoneError('LS-KEY-001', why);
  if (list.generation <= held.generation)
    throw fault(`the list has generation ${list.generation}; generation ${held.generation} is already in force`);
  const files = keyFiles(data);
  for (const role of keyRoles) {
    const { x } = list.roles[role][0]!;
    const isHere = [files.role(role), files.next(role)].some((file) => existsSync(file) && readKey(file).x === x);
    if (!isHere)
      throw fault(`the key that the list names for ${role} is missing here; create it with "loadstone keys rotate"`);
  }
  const listed = list.roles.audit.slice(1).map(({ x }) => x);
  if (!former(held).every(({ x }) => x === list.roles.audit[0]!.x || listed.includes(x)))
    throw fault('the list omits a key that has signed audit entries');
  const before = readHandovers(data, held).map(({ jws }) => jws);
  if (lines.length > 1) writePrivate(files.handovers, `${[...before, ...lines.slice(0, -1)].join('\n')}\n`);
  putList(data, list, lines.at(-1)!);
}
