import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { Type, type Static } from 'typebox';
import type { SigningKey } from '../../shared/codec/signed-document.ts';
import { canonicalJson } from './canonical-json.ts';

const Text = Type.String({ maxLength: 1000 });
const MaybeText = Type.Union([Text, Type.Null()]);
export const Hash = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Signature = Type.String({ pattern: '^[A-Za-z0-9_-]{86}$' });
const Position = { n: Type.Integer({ minimum: 1 }), at: Type.Integer() };

/** One act, done or refused. `n` counts from 1, `at` is ms UTC of machine time. */
export const AuditEntry = Type.Object(
  {
    ...Position,
    who: Text,
    what: Text,
    /** Object of the act: `device:owd-01/battery-1`, `user:anna`. */
    on: MaybeText,
    from: Type.Unknown(),
    to: Type.Unknown(),
    why: MaybeText,
    approver: MaybeText,
    /** `done`, or the error code of the refusal. */
    outcome: Text,
    /** Hash of the previous entry; zeros in the first. */
    prev: Hash,
    kid: Text,
    /** Ed25519 signature over the hash of all other fields. */
    sig: Signature,
  },
  { additionalProperties: false },
);
export type AuditEntry = Static<typeof AuditEntry>;

/** The signed state of the whole list: a list that ends before `n`, or has another entry there, was altered. */
export const AuditCheckpoint = Type.Object(
  { ...Position, hash: Hash, kid: Text, sig: Signature },
  { additionalProperties: false },
);
export type AuditCheckpoint = Static<typeof AuditCheckpoint>;

/** A caller's facts about an act; the log adds number, time and signature. */
export interface AuditFacts {
  readonly who: string;
  readonly what: string;
  readonly on?: string | undefined;
  readonly from?: unknown;
  readonly to?: unknown;
  readonly why?: string | undefined;
  readonly approver?: string | undefined;
  readonly outcome: string;
}

export const FIRST_PREV = '0'.repeat(64);
/** The act by which a new key takes over: `from` is the previous public key, `to` the id of the new one. */
export const HANDED_OVER = 'audit.key';
const MOST_CHARS = 1000;
const MOST_VALUE_CHARS = 4000;

const clip = (text: string): string => text.slice(0, MOST_CHARS);
const orNull = (text: string | undefined): string | null => (text === undefined ? null : clip(text));

/** A value as JSON; one that is too long is reduced to its beginning and its hash. */
function clippedValue(value: unknown): unknown {
  const text = canonicalJson(value ?? null);
  if (text.length <= MOST_VALUE_CHARS) return JSON.parse(text);
  return { begins: text.slice(0, MOST_CHARS), sha256: createHash('sha256').update(text).digest('hex') };
}

type Unsigned<T> = Omit<T, 'sig'>;

/** Each kind is signed under its own name, so that no signature passes for another kind. */
const sealed = (kind: 'entry' | 'checkpoint', hash: string): Buffer => Buffer.from(`loadstone.audit.${kind}\n${hash}`);

/** SHA-256 (hex) over the canonical JSON without the signature. */
export function hashOf(record: AuditEntry | AuditCheckpoint): string {
  const { sig: _sig, ...rest } = record;
  return hashOfUnsigned(rest);
}
const hashOfUnsigned = (record: object): string => createHash('sha256').update(canonicalJson(record)).digest('hex');

/** Signs entries and checkpoints with the cloud's Ed25519 key. */
export class AuditSeal {
  readonly #key: KeyObject;
  readonly kid: string;

  constructor(key: SigningKey) {
    this.#key = createPrivateKey({ key: { ...key }, format: 'jwk' });
    this.kid = key.kid;
  }

  entry(facts: AuditFacts, place: { readonly n: number; readonly at: number; readonly prev: string }): AuditEntry {
    return this.#signed<AuditEntry>('entry', {
      ...place,
      who: clip(facts.who),
      what: clip(facts.what),
      on: orNull(facts.on),
      from: clippedValue(facts.from),
      to: clippedValue(facts.to),
      why: orNull(facts.why),
      approver: orNull(facts.approver),
      outcome: clip(facts.outcome),
      kid: this.kid,
    });
  }

  checkpoint(state: { readonly n: number; readonly at: number; readonly hash: string }): AuditCheckpoint {
    return this.#signed<AuditCheckpoint>('checkpoint', { ...state, kid: this.kid });
  }

  #signed<T extends AuditEntry | AuditCheckpoint>(kind: 'entry' | 'checkpoint', record: Unsigned<T>): T {
    const sig = sign(null, sealed(kind, hashOfUnsigned(record)), this.#key).toString('base64url');
    return { ...record, sig } as unknown as T;
  }
}

/** Checks whether one of `keys` has signed a record. */
export function signatureCheck(
  keys: readonly SigningKey[],
): (kind: 'entry' | 'checkpoint', record: AuditEntry | AuditCheckpoint) => boolean {
  const byId = new Map(
    keys.map(({ kid, kty, crv, x }) => [
      kid,
      createPublicKey({ key: { kty: kty ?? '', crv: crv ?? '', x: x ?? '' }, format: 'jwk' }),
    ]),
  );
  return (kind, record) => {
    const key = byId.get(record.kid);
    if (key === undefined) return false;
    const signature = Buffer.from(record.sig, 'base64url');
    return signature.toString('base64url') === record.sig && verify(null, sealed(kind, hashOf(record)), key, signature);
  };
}
