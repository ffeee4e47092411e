import { Type, type Static } from 'typebox';
import { parseJson } from '../codec/json.ts';
import { signText, verifyText, type SigningKey } from '../codec/signed-document.ts';
import { TimeMs } from '../contracts/ids.ts';
import type { Reads } from '../contracts/reads.ts';
import { checker } from '../contracts/validate.ts';
import { bad, good, type Outcome } from '../outcome/outcome.ts';

/** What a key may sign: documents; models apart from them; heartbeats; the list of who did what. */
export const keyRoles = ['documents', 'models', 'online', 'audit'] as const;
export type KeyRole = (typeof keyRoles)[number];

const TYPE = 'loadstone-keys+jws';
const closed = { additionalProperties: false } as const;

/** An Ed25519 key as JWK (RFC 8037). It never has `d`. */
export const PublicKey = Type.Object(
  {
    kty: Type.Literal('OKP'),
    crv: Type.Literal('Ed25519'),
    x: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
    kid: Type.String({ minLength: 1, maxLength: 64 }),
  },
  closed,
);
export type PublicKey = Static<typeof PublicKey>;
const Keys = Type.Array(PublicKey, { minItems: 1, maxItems: 16 });

/**
 * The keys that count, by role, as the root signs them. A list of a newer generation ends the keys of the one before. It does not expire:
 * a root that is locked away cannot sign each month. The first key of a role is the one that signs. Further keys of `audit` are of
 * before: they signed entries, and vouch for no end of the list any more.
 */
export const KeyList = Type.Object(
  {
    version: Type.Literal(1),
    generation: Type.Integer({ minimum: 1, maximum: 999_999_999 }),
    /** Machine time. */
    issuedAt: TimeMs,
    root: PublicKey,
    roles: Type.Object({ documents: Keys, models: Keys, online: Keys, audit: Keys }, closed),
  },
  closed,
);
export type KeyList = Static<typeof KeyList>;

const check = checker(KeyList, 'LS-DOC-005');
const LIMITS = { code: 'LS-DOC-005', maxChars: 20_000 } as const;

export const publicKeyOf = ({ x = '', kid }: SigningKey): PublicKey => ({ kty: 'OKP', crv: 'Ed25519', x, kid });

export function readKeyList(text: string): Outcome<KeyList> {
  const parsed = parseJson(text, LIMITS);
  return parsed.ok ? check(parsed.value) : parsed;
}

export const signKeyList = (list: KeyList, key: SigningKey): Promise<string> =>
  signText(JSON.stringify(list), key, TYPE);

/** A list that one of `keys` has signed: LS-DOC-001 where none has. */
export async function verifyKeyList(jws: string, keys: readonly SigningKey[]): Promise<Outcome<KeyList>> {
  const text = await verifyText(jws, keys, TYPE);
  return text.ok ? readKeyList(text.value) : text;
}

export interface FollowedList {
  readonly list: KeyList;
  /** What led to it from the root, its own line last. */
  readonly lines: readonly string[];
}

/** A gateway that was away follows so many roots at once. */
const MOST_LINES = 64;

/**
 * The list in the last of the lines, by `root` or by the roots that have come after it. A list that names another root than the one
 * that has signed it hands over to that one: it is a line of its own before the lists of the new root, so a gateway that was away finds
 * the way. A new root counts only with a list that it has signed itself. `introducers` may sign a single line in place of the root that
 * it names. LS-DOC-001 where a line is signed by nobody that counts, LS-DOC-013 where it is not newer than the one before.
 */
export async function followKeyLists(
  text: string,
  root: SigningKey,
  introducers: readonly SigningKey[] = [],
): Promise<Outcome<FollowedList>> {
  const lines = text.split('\n');
  const followed: string[] = [];
  if (lines.length > MOST_LINES)
    return bad('LS-DOC-005', `${lines.length} lists at once; at most ${MOST_LINES} are read`);
  let signer = root;
  let list: KeyList | undefined;
  for (const [at, jws] of lines.entries()) {
    const isLast = at === lines.length - 1;
    const read = await verifyKeyList(jws, lines.length === 1 ? [signer, ...introducers] : [signer]);
    // What leads to `root` itself is of before.
    if (!read.ok && list === undefined && !isLast) continue;
    if (!read.ok) return read;
    if (isLast !== (read.value.root.x === signer.x))
      return bad('LS-DOC-001', isLast ? 'the list names another root than that it goes by' : 'no root is handed over');
    const before = list?.generation ?? 0;
    if (read.value.generation <= before)
      return bad('LS-DOC-013', `generation ${read.value.generation} after ${before}`);
    list = read.value;
    signer = list.root;
    followed.push(jws);
  }
  return good({ list: list!, lines: followed });
}

/** What a list says, whoever has signed it. */
export const readListUnverified = (jws: string): Outcome<KeyList> =>
  readKeyList(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString('utf8'));

/** What stands in the file that pins the cloud's keys at a gateway. Versions before read `keys` alone. */
export interface PinnedKeys {
  readonly keys: readonly SigningKey[];
  /** Whose lists count, and the newest one. Absent: the keys count for every role. */
  readonly pinned?: PinnedList | undefined;
}

export interface PinnedList {
  readonly root: SigningKey;
  /** By the root, see `followKeyLists`. */
  readonly list: string;
}

const Pinned = Type.Object({
  keys: Type.Array(Type.Object({ ...PublicKey.properties }), { minItems: 1, maxItems: 16 }),
  root: Type.Optional(PublicKey),
  list: Type.Optional(Type.String({ maxLength: LIMITS.maxChars })),
});
const checkPinned = checker(Pinned, 'LS-DOC-005');

/** LS-DOC-005 where it is none, or holds a private key: that does not belong on a gateway. */
export function readPinnedKeys(text: string): Outcome<PinnedKeys> {
  const parsed = parseJson(text, { ...LIMITS, maxChars: 100_000 });
  const checked = parsed.ok ? checkPinned(parsed.value) : parsed;
  if (!checked.ok) return checked;
  const { keys, root, list } = checked.value;
  if (keys.some((key) => 'd' in key)) return bad('LS-DOC-005', 'it holds a private key', '/keys');
  if ((root === undefined) !== (list === undefined)) return bad('LS-DOC-005', 'root and list stand together', '/root');
  return good({ keys, ...(root === undefined || list === undefined ? {} : { pinned: { root, list } }) });
}

/** What signs at the cloud. It is asked anew for each signature: a rotation counts at once. */
export interface SigningKeys {
  /** Of the list in force; 0: one key signs everything and there is no list. */
  readonly generation: number;
  key(role: KeyRole): SigningKey;
  /**
   * For a gateway that holds an older list: where the root has changed since, a line that hands over before the newest list. One that has
   * pinned no root yet gets it signed by the key that it knows.
   */
  listFor(held: number): Promise<string>;
}

export const oneKey = (key: SigningKey): SigningKeys => ({
  generation: 0,
  key: () => key,
  listFor: async () => '',
});

/** What signs for a gateway: one that reads no list knows the key of documents alone. */
export const keyFor = (keys: SigningKeys, reads: Reads, role: KeyRole): SigningKey =>
  keys.key(reads.keyGeneration === undefined ? 'documents' : role);
