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

/** The keys that sign at this cloud, as the newest list of the root has them. */
export class KeyBook implements SigningKeys {
  readonly #data: string;
  #held: Held;

  private constructor(data: string, held: Held) {
    this.#data = data;
    this.#held = held;
  }

  /** Makes what is not there yet: a first start needs no further step. */
  static async open(data: string, now: number): Promise<KeyBook> {
    if (readList(data) === undefined) await makeKeys(data, { root: '', now });
    return new KeyBook(data, await readHeld(data));
  }

  get generation(): number {
    return this.#held.list.generation;
  }

  /** What the list of who did what is told of the list in force. */
  get facts(): { readonly generation: number; readonly root: string } {
    const { generation, root } = this.#held.list;
    return { generation, root: root.kid };
  }

  key(role: KeyRole): SigningKey {
    return this.#held.keys[role];
  }

  /** What the audit is signed by, and was before. */
  audit(): { readonly key: SigningKey; readonly former: readonly SigningKey[] } {
    return { key: this.key('audit'), former: this.#held.list.roles.audit.slice(1) };
  }

  async listFor(held: number): Promise<string> {
    const { jws, introduction, handovers } = this.#held;
    if (held === 0) return introduction;
    return [...handovers.filter(({ generation }) => generation > held).map((each) => each.jws), jws].join('\n');
  }

  /** Takes in what "loadstone keys" has put in force. */
  async reload(): Promise<void> {
    this.#held = await readHeld(this.#data);
  }
}

interface Held {
  readonly jws: string;
  /** The same by the key that gateways of before know. */
  readonly introduction: string;
  readonly handovers: ReturnType<typeof readHandovers>;
  readonly list: KeyList;
  readonly keys: Readonly<Record<KeyRole, SigningKey>>;
}

/** The list in force, verified by the root that it names: what pins that root is at the gateways. */
export async function readSignedList(data: string): Promise<{ readonly jws: string; readonly list: KeyList }> {
  const jws = readList(data);
  if (jws === undefined)
    throw new LoadstoneError('LS-KEY-001', `${keyFiles(data).list} is not there; "loadstone keys init" makes it`);
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
