import { unpacked } from '../../../shared/codec/packed.ts';
import { MAX_DOCUMENT_CHARS, zipOf } from '../../../shared/codec/signed-document.ts';
import type { DesiredDocument } from '../../../shared/contracts/document.ts';
import type { StoredDocument } from './document-store.ts';

/** Columns that `stored` reads. */
export const COLUMNS = 'packed, content, jws';

/** A signed form without its content, which is stored already. */
export function sealOf(jws: string): string {
  const [header, , signature] = jws.split('.');
  return `${header}..${signature}`;
}

/** Reads a row of the table of documents. One from before compression has its text in `content`, and its signed form whole. */
export function stored(row: Record<string, unknown> | undefined): StoredDocument | undefined {
  if (row === undefined) return undefined;
  const jws = (row['jws'] as string | null) ?? undefined;
  const compressed = row['packed'] as Uint8Array | null;
  if (compressed === null) return { document: JSON.parse(row['content'] as string) as DesiredDocument, jws };
  const plain = unpacked(compressed, MAX_DOCUMENT_CHARS);
  if (plain === undefined) throw new Error('a stored document cannot be decompressed');
  return {
    document: JSON.parse(new TextDecoder().decode(plain)) as DesiredDocument,
    jws: jws === undefined ? undefined : sealed(jws, zipOf(jws) === undefined ? plain : compressed),
  };
}

function sealed(seal: string, signs: Uint8Array): string {
  const [header, , signature] = seal.split('.');
  return `${header}.${Buffer.from(signs).toString('base64url')}.${signature}`;
}
