import { existsSync, rmSync } from 'node:fs';
import type { SigningKey } from '../../shared/codec/signed-document.ts';
import { LoadstoneError, unwrap } from '../../shared/outcome/outcome.ts';
import {
  keyRoles,
  publicKeyOf,
  signKeyList,
  verifyKeyList,
  type KeyList,
  type KeyRole,
} from '../../shared/pki/key-list.ts';
import { readSignedList } from './key-book.ts';
import { keyFiles, keyIn, newList, putList, readKey } from './key-files.ts';

/** Keys of before by which the entries of an audit list are known. */
const MOST_OF_AUDIT = 16;

/** The list with a new key for a role, to be signed. That key waits; asked again, it is the same. */
export async function listToSign(data: string, role: KeyRole, now: number): Promise<KeyList> {
  const { list } = await readSignedList(data);
  const files = keyFiles(data);
  const key = publicKeyOf(await keyIn(files.next(role)));
  const before = role === 'audit' ? list.roles.audit : [];
  if (before.length >= MOST_OF_AUDIT)
    throw new LoadstoneError('LS-KEY-001', `the key of the audit has changed ${MOST_OF_AUDIT} times already`);
  return newList({ ...list, roles: { ...list.roles, [role]: [key, ...before] } }, now);
}

export async function rotateRole(data: string, role: KeyRole, root: SigningKey, now: number): Promise<void> {
  const { list: before } = await readSignedList(data);
  if (before.root.x !== root.x)
    throw new LoadstoneError('LS-KEY-001', 'that is not the key of the root that signed the list in force');
  // A key that waits for a list of before may have lain about.
  rmSync(keyFiles(data).next(role), { force: true });
  const list = await listToSign(data, role, now);
  putList(data, list, await signKeyList(list, root));
}

/** Puts a list in force that was signed elsewhere. LS-KEY-001 where it is older, of another root, or names a key that is not here. */
export async function importList(data: string, jws: string): Promise<void> {
  const { list: held } = await readSignedList(data);
  const list = unwrap(await verifyKeyList(jws, [held.root]));
  const fault = (why: string): LoadstoneError => new LoadstoneError('LS-KEY-001', why);
  if (list.root.x !== held.root.x) throw fault('the list names another root');
  if (list.generation <= held.generation)
    throw fault(`the list is of generation ${list.generation}; ${held.generation} is in force`);
  const files = keyFiles(data);
  for (const role of keyRoles) {
    const { x } = list.roles[role][0]!;
    const isHere = [files.role(role), files.next(role)].some((file) => existsSync(file) && readKey(file).x === x);
    if (!isHere) throw fault(`the key that the list names for ${role} is not here; "loadstone keys rotate" makes it`);
  }
  const kept = list.roles.audit.slice(1).map(({ x }) => x);
  if (!held.roles.audit.every(({ x }) => x === list.roles.audit[0]!.x || kept.includes(x)))
    throw fault('the list leaves out a key that has signed entries of the audit');
  putList(data, list, jws);
}
