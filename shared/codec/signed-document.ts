import {
  calculateJwkThumbprint,
  CompactSign,
  compactVerify,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';
import { documentSchemas, type DesiredDocument, type DocumentType } from '../contracts/document.ts';
import { checker } from '../contracts/validate.ts';
import { messageOf } from '../outcome/message-of.ts';
import { bad, good, type Outcome } from '../outcome/outcome.ts';
import { fromColumns, toColumns } from './columns.ts';
import { parseJson } from './json.ts';
import { packed, unpacked } from './packed.ts';

/**
 * Desired documents travel as compact JWS, EdDSA over Ed25519 (RFC 7515, RFC 8037). The header has alg, kid and typ only. For gateways that
 * support it (see `Reads`) the payload is compressed: the header then has `zip` with `br` or `columns`, and lists it in `crit`. The
 * signature covers the compressed payload, so nothing is decompressed before the signature is verified.
 */
const ALGORITHM = 'EdDSA';
const TYPE = 'loadstone+jws';
export const MAX_DOCUMENT_CHARS = 2_000_000;

/** Compression of a payload: Brotli of its JSON, or Brotli of its JSON in columns. */
const zips = ['br', 'columns'] as const;
export type Zip = (typeof zips)[number];

/** Compressed bytes that are signed instead of the document's own bytes. */
export interface Compressed {
  readonly zip: Zip;
  readonly bytes: Uint8Array;
}

/** An Ed25519 key as JWK with its `kid`. A private key has `d`. */
export type SigningKey = JWK & { readonly kid: string };

const checks = {
  plan: checker(documentSchemas.plan, 'LS-DOC-005'),
  model: checker(documentSchemas.model, 'LS-DOC-005'),
  settings: checker(documentSchemas.settings, 'LS-DOC-005'),
  command: checker(documentSchemas.command, 'LS-DOC-005'),
  training: checker(documentSchemas.training, 'LS-DOC-005'),
  weather: checker(documentSchemas.weather, 'LS-DOC-005'),
} satisfies Record<DocumentType, unknown>;

export async function generateSigningKey(): Promise<{ privateKey: SigningKey; publicKey: SigningKey }> {
  const pair = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
  const jwk = await exportJWK(pair.publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { privateKey: { ...(await exportJWK(pair.privateKey)), kid }, publicKey: { ...jwk, kid } };
}

/** The public half, which gateways pin. */
export function publicHalf(key: SigningKey): SigningKey {
  const { d: _secret, ...rest } = key;
  return rest;
}

/** Keys as WebCrypto objects, cached because an import takes as long as a signature. Keys are immutable. */
const imported = new WeakMap<SigningKey, ReturnType<typeof importJWK>>();

function cryptoKey(key: SigningKey): ReturnType<typeof importJWK> {
  let found = imported.get(key);
  if (found === undefined) imported.set(key, (found = importJWK(key, ALGORITHM)));
  return found;
}

const publicHalves = new WeakMap<SigningKey, SigningKey>();

function verificationKey(key: SigningKey): ReturnType<typeof importJWK> {
  let half = publicHalves.get(key);
  if (half === undefined) publicHalves.set(key, (half = publicHalf(key)));
  return cryptoKey(half);
}

/** The bytes that are signed when a document is not compressed. */
export const documentBytes = (document: DesiredDocument): Uint8Array => bytesOf(document);

export const compressedDocument = (document: DesiredDocument, zip: Zip): Compressed => ({
  zip,
  bytes: packed(bytesOf(zip === 'columns' ? toColumns(document) : document)),
});

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** Checks a document of this program's own making, as signing does. */
export function checkContent(document: DesiredDocument): Outcome<DesiredDocument> {
  const place = notFiniteAt(document, '');
  if (place !== undefined) return bad('LS-DOC-006', `${place} is not a finite number`, place);
  return checks[document.type](document);
}

/** Signs a document, or `compressed` in its place. Refuses a document that does not match its schema. */
export async function signDocument(
  document: DesiredDocument,
  key: SigningKey,
  compressed?: Compressed,
): Promise<Outcome<string>> {
  const checked = checkContent(document);
  if (!checked.ok) return checked;
  const header = { alg: ALGORITHM, kid: key.kid, typ: TYPE };
  const secret = await cryptoKey(key);
  const signing =
    compressed === undefined
      ? new CompactSign(documentBytes(document)).setProtectedHeader(header)
      : new CompactSign(compressed.bytes).setProtectedHeader({ ...header, zip: compressed.zip, crit: ['zip'] });
  return good(await signing.sign(secret, { crit: { zip: true } }));
}

/** Signs arbitrary bytes. Returns the bare Ed25519 signature in base64url. */
export async function signRaw(bytes: Uint8Array<ArrayBuffer>, key: SigningKey): Promise<string> {
  const secret = (await cryptoKey(key)) as CryptoKey;
  return Buffer.from(await crypto.subtle.sign('Ed25519', secret, bytes)).toString('base64url');
}

/** Whether `signature` is a signature from `signRaw` by one of `keys`. */
export async function verifyRaw(
  bytes: Uint8Array<ArrayBuffer>,
  signature: string,
  keys: readonly SigningKey[],
): Promise<boolean> {
  const raw = Buffer.from(signature, 'base64url');
  for (const key of keys)
    if (await crypto.subtle.verify('Ed25519', (await verificationKey(key)) as CryptoKey, raw, bytes)) return true;
  return false;
}

/** Compression of a signed document's payload; undefined if there is none or it is unknown. Does not verify the signature. */
export const zipOf = (jws: string): Zip | undefined => knownZip(decodeProtectedHeader(jws)['zip']);

const knownZip = (zip: unknown): Zip | undefined => zips.find((known) => known === zip);

/** The key id that a document claims. Does not verify the signature. */
export const kidOf = (jws: string): string | undefined => decodeProtectedHeader(jws).kid;

/**
 * Reads a document that one of `keys` signed. The signature is verified before the content is parsed. Faults: LS-DOC-001 not signed by a
 * pinned key, LS-DOC-006 a number that is not finite, LS-DOC-009 an unknown version, LS-DOC-005 any other mismatch. Address, sequence and
 * validity are for the receiver to check.
 */
export async function verifyDocument(jws: string, keys: readonly SigningKey[]): Promise<Outcome<DesiredDocument>> {
  if (jws.length > MAX_DOCUMENT_CHARS) return bad('LS-DOC-005', `document of ${jws.length} characters is too long`);
  const payload = await verifiedPayload(jws, keys, TYPE);
  return payload.ok ? readDocument(payload.value) : payload;
}

/** Reads a document from storage that nobody else writes to. Its signature was verified before it was stored. */
export const readStoredDocument = (jws: string): Outcome<DesiredDocument> => {
  const payload = Buffer.from(jws.split('.')[1] ?? '', 'base64url');
  return readDocument({ bytes: new Uint8Array(payload), zip: zipOf(jws) });
};

function readDocument(payload: Payload): Outcome<DesiredDocument> {
  const bytes = payload.zip !== undefined ? unpacked(payload.bytes, MAX_DOCUMENT_CHARS) : payload.bytes;
  if (bytes === undefined)
    return bad('LS-DOC-005', `the document is not validly compressed, or has more than ${MAX_DOCUMENT_CHARS} bytes`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return bad('LS-DOC-005', 'the document is not UTF-8');
  }
  const parsed = parseJson(text, { code: 'LS-DOC-005', notFinite: 'LS-DOC-006', maxChars: MAX_DOCUMENT_CHARS });
  if (!parsed.ok) return parsed;
  return checkDocument(payload.zip === 'columns' ? fromColumns(parsed.value) : parsed.value);
}

/** Checks a parsed value against the schema that its `type` names. */
export function checkDocument(value: unknown): Outcome<DesiredDocument> {
  if (typeof value !== 'object' || value === null) return bad('LS-DOC-005', 'the document is not an object');
  const { type, version } = value as { readonly type?: unknown; readonly version?: unknown };
  if (typeof type !== 'string' || !Object.hasOwn(checks, type)) {
    return bad('LS-DOC-005', 'type is none of plan, model, settings, command, training, weather', '/type');
  }
  if (version !== 1) return bad('LS-DOC-009', `version ${String(version)}; this software reads 1`, '/version');
  return checks[type as DocumentType](value);
}

interface Payload {
  readonly bytes: Uint8Array;
  readonly zip: Zip | undefined;
}

/** Signs plain text with its own `typ`, as a compact JWS. */
export async function signText(text: string, key: SigningKey, typ: string): Promise<string> {
  const signing = new CompactSign(new TextEncoder().encode(text)).setProtectedHeader({
    alg: ALGORITHM,
    kid: key.kid,
    typ,
  });
  return signing.sign(await cryptoKey(key));
}

/** Verifies and reads text from `signText`. LS-DOC-001 if none of `keys` signed it. */
export async function verifyText(jws: string, keys: readonly SigningKey[], typ: string): Promise<Outcome<string>> {
  if (jws.length > MAX_DOCUMENT_CHARS) return bad('LS-DOC-005', `text of ${jws.length} characters is too long`);
  const payload = await verifiedPayload(jws, keys, typ);
  if (!payload.ok) return payload;
  return payload.value.zip !== undefined
    ? bad('LS-DOC-001', 'the header names zip')
    : good(new TextDecoder().decode(payload.value.bytes));
}

async function verifiedPayload(jws: string, keys: readonly SigningKey[], typ: string): Promise<Outcome<Payload>> {
  try {
    const header = decodeProtectedHeader(jws);
    const unknown = Object.keys(header).find((name) => !['alg', 'kid', 'typ', 'zip', 'crit'].includes(name));
    if (unknown !== undefined) return bad('LS-DOC-001', `the header names ${unknown.slice(0, 40)}`);
    const zipped = 'zip' in header;
    const zip = knownZip(header['zip']);
    if (zipped && zip === undefined) return bad('LS-DOC-001', `the header's zip is none of ${zips.join(', ')}`);
    if (JSON.stringify(header.crit) !== (zipped ? '["zip"]' : undefined))
      return bad('LS-DOC-001', "the header's crit must name zip, and only zip, if there is a zip");
    if (header.typ !== typ) return bad('LS-DOC-001', `the header's typ is not ${typ}`);
    if (header.alg !== ALGORITHM) return bad('LS-DOC-001', `the header's alg is not ${ALGORITHM}`);
    const key = keys.find((each) => each.kid === header.kid);
    if (key === undefined) return bad('LS-DOC-001', 'no pinned key has the kid of the signature');
    const options = { algorithms: [ALGORITHM], crit: { zip: true } };
    const { payload } = await compactVerify(jws, await verificationKey(key), options);
    return good({ bytes: payload, zip });
  } catch (error) {
    return bad('LS-DOC-001', messageOf(error));
  }
}

/** JSON pointer to the first number that JSON cannot represent. */
function notFiniteAt(value: unknown, pointer: string): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : pointer;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, each] of Object.entries(value)) {
    const found = notFiniteAt(each, `${pointer}/${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
