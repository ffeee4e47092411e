import { Type, type Static } from 'typebox';
import { parseJson } from '../codec/json.ts';
import { signText, verifyText, type SigningKey } from '../codec/signed-document.ts';
import { TimeMs } from '../contracts/ids.ts';
import type { Reads } from '../contracts/reads.ts';
import { checker } from '../contracts/validate.ts';
import { bad, good, type Outcome } from '../outcome/outcome.ts';

/** Key roles: signing documents, models, heartbeats (`online`) and the audit log. */
export const keyRoles = ['documents', 'models', 'online', 'audit'] as const;
export type KeyRole = (typeof keyRoles)[number];

const TYPE = 'loadstone-keys+jws';
const closed = { additionalProperties: false } as const;

/** An Ed25519 key as JWK (RFC 8037). It never contains `d`. */
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
 * The valid keys by role, signed by the root. A list of a newer generation revokes the keys of the one before. A list does not expire,
 * because a root that is kept offline cannot sign every month. The first key of a role signs. Further keys of `audit` are former ones: they
 * signed older entries, but no longer vouch for the end of the log.
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

/** Verifies and reads a list that one of `keys` signed. LS-DOC-001 if none did. */
export async function verifyKeyList(jws: string, keys: readonly SigningKey[]): Promise<Outcome<KeyList>> {
  const text = await verifyText(jws, keys, TYPE);
  return text.ok ? readKeyList(text.value) : text;
}

export interface FollowedList {
  readonly list: KeyList;
  /** The lines that lead to the list from the root, ending with the list's own. */
  readonly lines: readonly string[];
}

/** Longest chain of lists that a gateway follows at once after an absence. */
const MOST_LINES = 64;

/**
 * The list in the last line, verified from `root` or from roots that succeeded it. A list that names another root than its signer hands
 * over to that root. It precedes the new root's lists as a line of its own, so that a gateway can catch up after an absence. A new root
 * counts only with a list that it signed itself. `introducers` may sign a single line instead of the root that it names. LS-DOC-001 if a
 * line is not signed by a valid key, LS-DOC-013 if it is not newer than the one before.
 */
export async function followKeyLists(
  text: string,
  root: SigningKey,
  introducers: readonly SigningKey[] = [],
): Promise<Outcome<FollowedList>> {
  const lines = text.split('\n');
  const followed: string[] = [];
  if (lines.length > MOST_LINES)
    return bad('LS-DOC-005', `${lines.length} lists at once; the maximum is ${MOST_LINES}`);
  let signer = root;
  let list: KeyList | undefined;
  for (const [at, jws] of lines.entries()) {
    const isLast = at === lines.length - 1;
    const read = await verifyKeyList(jws, lines.length === 1 ? [signer, ...introducers] : [signer]);
    // Skips lines that precede the handover to `root`.
    if (!read.ok && list === undefined && !isLast) continue;
    if (!read.ok) return read;
    if (isLast !== (read.value.root.x === signer.x))
      return bad(
        'LS-DOC-001',
        isLast
          ? 'the list names another root than the one that signs it'
          : 'a list before the last one hands over to no other root',
      );
    const before = list?.generation ?? 0;
    if (read.value.generation <= before)
      return bad('LS-DOC-013', `generation ${read.value.generation} follows ${before}`);
    list = read.value;
    signer = list.root;
    followed.push(jws);
  }
  return good({ list: list!, lines: followed });
}

/** Content of a list, without checking its signature. */
export const readListUnverified = (jws: string): Outcome<KeyList> =>
  readKeyList(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString('utf8'));

/** Content of the file that pins the cloud's keys at a gateway. Earlier versions read only `keys`. */
export interface PinnedKeys {
  readonly keys: readonly SigningKey[];
  /** The root whose lists count, and the newest list. Absent: the keys count for every role. */
  readonly pinned?: PinnedList | undefined;
}

export interface PinnedList {
  readonly root: SigningKey;
  /** Verified from `root`; see `followKeyLists`. */
  readonly list: string;
}

const Pinned = Type.Object({
  keys: Type.Array(Type.Object({ ...PublicKey.properties }), { minItems: 1, maxItems: 16 }),
  root: Type.Optional(PublicKey),
  list: Type.Optional(Type.String({ maxLength: LIMITS.maxChars })),
});
const checkPinned = checker(Pinned, 'LS-DOC-005');

/** LS-DOC-005 if the text is malformed or contains a private key, which does not belong on a gateway. */
export function readPinnedKeys(text: string): Outcome<PinnedKeys> {
  const parsed = parseJson(text, { ...LIMITS, maxChars: 100_000 });
  const checked = parsed.ok ? checkPinned(parsed.value) : parsed;
  if (!checked.ok) return checked;
  const { keys, root, list } = checked.value;
  if (keys.some((key) => 'd' in key)) return bad('LS-DOC-005', 'it contains a private key', '/keys');
  if ((root === undefined) !== (list === undefined))
    return bad('LS-DOC-005', 'root and list must be given together', '/root');
  return good({ keys, ...(root === undefined || list === undefined ? {} : { pinned: { root, list } }) });
}

/** Signing keys of the cloud. Callers fetch the key for each signature, so a rotation takes effect at once. */
export interface SigningKeys {
  /** Generation of the list in force. 0: one key signs everything and there is no list. */
  readonly generation: number;
  key(role: KeyRole): SigningKey;
  /**
   * Key lists for a gateway that holds an older one: if the root has changed since, a handover line before the newest list. For a gateway
   * that has not pinned a root yet, the key that it knows signs the list.
   */
  listFor(held: number): Promise<string>;
}

export const oneKey = (key: SigningKey): SigningKeys => ({
  generation: 0,
  key: () => key,
  listFor: async () => '',
});

/** The key that signs for a gateway. A gateway that reads no lists knows only the documents key. */
export const keyFor = (keys: SigningKeys, reads: Reads, role: KeyRole): SigningKey =>
  keys.key(reads.keyGeneration === undefined ? 'documents' : role);
