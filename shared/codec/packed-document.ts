/**
 * A signed document without the third that base64 adds. A compact JWS is text and begins with `e`; the packed form is:
 * 1 uint8 | length of the header in bytes, uint16 LE | header | signature, 64 bytes | payload.
 * Unpacking restores the exact text, which is then verified and stored.
 */
const PACKED = 1;
const HEAD_BYTES = 3;
const SIGNATURE_BYTES = 64;

/** Packs a compact JWS. If packing would not restore the exact text, the result is the text itself in UTF-8. */
export function packDocument(jws: string): Uint8Array {
  const text = new TextEncoder().encode(jws);
  const [header, payload, signature] = jws.split('.').map((part) => Buffer.from(part, 'base64url'));
  if (header === undefined || payload === undefined || signature?.length !== SIGNATURE_BYTES) return text;
  const bytes = new Uint8Array(HEAD_BYTES + header.length + signature.length + payload.length);
  bytes.set([PACKED, header.length & 255, header.length >>> 8]);
  bytes.set(header, HEAD_BYTES);
  bytes.set(signature, HEAD_BYTES + header.length);
  bytes.set(payload, HEAD_BYTES + header.length + SIGNATURE_BYTES);
  return documentText(bytes) === jws ? bytes : text;
}

/** The compact JWS of either form. Any other bytes give text whose signature does not verify. */
export function documentText(bytes: Uint8Array): string {
  if (bytes[0] !== PACKED || bytes.length < HEAD_BYTES) return new TextDecoder().decode(bytes);
  const header = HEAD_BYTES + bytes[1]! + 256 * bytes[2]!;
  const signature = header + SIGNATURE_BYTES;
  const encoded = (from: number, to?: number): string => Buffer.from(bytes.subarray(from, to)).toString('base64url');
  return `${encoded(HEAD_BYTES, header)}.${encoded(signature)}.${encoded(header, signature)}`;
}
