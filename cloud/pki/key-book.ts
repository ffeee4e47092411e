import { publicHalf, type SigningKey } from '../../shared/codec/signed-document.ts';
import { LoadstoneError, unwrap } from '../../shared/outcome/outcome.ts';
import {
  keyRoles,
  readListUnverified,
  signKeyList,
  verifyKeyList,
  type KeyList,
  type KeyRole,
  type SigningKeys,
} from '../../shared/pki/key-list.ts';
import { keyFiles, makeKeys, readHandovers, readKey, readList, settle } from './key-files.ts';

/** The cloud's signing keys, according to the root's newest list. */
export class KeyBook implements SigningKeys {
  readonly #data: string;
  #held: Held;

  private constructor(data: string, held: Held) {
    this.#data = data;
    this.#held = held;
  }

  /** Creates missing keys, so that a first start needs no further step. */
  static async open(data: string, now: number): Promise<KeyBook> {
    if (readList(data) === undefined) await makeKeys(data, { root: '', now });
    return new KeyBook(data, await readHeld(data));
  }

  get generation(): number {
    return this.#held.list.generation;
  }

  /** What the audit log records about the list in force. */
  get facts(): { readonly generation: number; readonly root: string } {
    const { generation, root } = this.#held.list;
    return { generation, root: root.kid };
  }

  key(role: KeyRole): SigningKey {
    return this.#held.keys[role];
  }

  /** The key that signs the audit log, and its predecessors. */
  audit(): { readonly key: SigningKey; readonly former: readonly SigningKey[] } {
    return { key: this.key('audit'), former: this.#held.list.roles.audit.slice(1) };
  }

  async listFor(held: number): Promise<string> {
    const { jws, introduction, handovers } = this.#held;
    if (held === 0) return introduction;
    return [...handovers.filter(({ generation }) => generation > held).map((each) => each.jws), jws].join('\n');
  }

  /** Loads what "loadstone keys" has put in force. */
  async reload(): Promise<void> {
    this.#held = await readHeld(this.#data);
  }
}

interface Held {
  readonly jws: string;
  /** The same list signed by the key that older gateways know. */
  readonly introduction: string;
  readonly handovers: ReturnType<typeof readHandovers>;
  readonly list: KeyList;
  readonly keys: Readonly<Record<KeyRole, SigningKey>>;
}

/** The list in force, verified by the root that it names; the gateways pin that root. */
export async function readSignedList(data: string): Promise<{ readonly jws: string; readonly list: KeyList }> {
  const jws = readList(data);
  if (jws === undefined)
    throw new LoadstoneError('LS-KEY-001', `${keyFiles(data).list} is missing; create it with "loadstone keys init"`);
  const { root } = unwrap(readListUnverified(jws));
  return { jws, list: unwrap(await verifyKeyList(jws, [root])) };
}

async function readHeld(data: string): Promise<Held> {
  const { jws, list } = await readSignedList(data);
  settle(data, list);
  const entries = keyRoles.map((role): [KeyRole, SigningKey] => {
    const key = readKey(keyFiles(data).role(role));
    const named = list.roles[role][0]!;
    if (publicHalf(key).x !== named.x)
      throw new LoadstoneError(
        'LS-KEY-001',
        `${keyFiles(data).role(role)} is not the key that the list of generation ${list.generation} names for ${role}`,
      );
    return [role, { ...key, kid: named.kid }];
  });
  const keys = Object.fromEntries(entries) as Held['keys'];
  const introduction = await signKeyList(list, keys.documents);
  return { jws, introduction, handovers: readHandovers(data, list), list, keys };
}
