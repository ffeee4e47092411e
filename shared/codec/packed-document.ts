/**
 * A signed document without the third that base64 adds. A compact JWS is text and begins with `e`; packed it is:
 * 1 uint8 | bytes of the header uint16 LE | header | signature, 64 bytes | payload.
 * It is unpacked to the same text, and that is what is verified and kept.
 */
const PACKED = 1;
const HEAD_BYTES = 3;
const SIGNATURE_BYTES = 64;

/** A compact JWS as bytes; as its text where these would not give the same text back. */
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

/** The compact JWS of either form. What is neither gives a text that no signature fits. */
export function documentText(bytes: Uint8Array): string {
  if (bytes[0] !== PACKED || bytes.length < HEAD_BYTES) return new TextDecoder().decode(bytes);
  const header = HEAD_BYTES + bytes[1]! + 256 * bytes[2]!;
  const signature = header + SIGNATURE_BYTES;
  const encoded = (from: number, to?: number): string => Buffer.from(bytes.subarray(from, to)).toString('base64url');
  return `${encoded(HEAD_BYTES, header)}.${encoded(signature)}.${encoded(header, signature)}`;
}
