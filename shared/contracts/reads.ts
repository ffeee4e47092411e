/**
 * How a desired document may travel: its body as it is, compressed with Brotli (RFC 7932), or written in columns and then compressed; and
 * the whole of it as `bytes` in place of text. A gateway that reads columns reads Brotli.
 */
export const documentEncodings = ['identity', 'br', 'columns', 'bytes'] as const;
export type DocumentEncoding = (typeof documentEncodings)[number];

/** Encodings and versions of desired documents that a gateway reads. Its node birth states them. */
export interface Reads {
  readonly encodings: readonly DocumentEncoding[];
  /** Values of a document's `version`. */
  readonly versions: readonly number[];
  /** It reads packed acknowledgements; absent: JSON alone. */
  readonly packedAcknowledgements?: true;
  /** What it wants to find in signed heartbeats: drawn at each birth, so that none of before counts. Absent: it reads unsigned ones. */
  readonly heartbeatNonce?: string;
  /** Generation of the list of keys that it holds, 0 for none; absent: it reads none, and one key signs all that it is sent. */
  readonly keyGeneration?: number;
}

/** What this software reads. */
export const THIS_READS: Reads = { encodings: documentEncodings, versions: [1], packedAcknowledgements: true };
/** What a gateway reads whose birth says nothing of it: version 0.1.0. */
export const FIRST_READS: Reads = { encodings: ['identity'], versions: [1] };

const NONCE = /^[0-9a-f]{16,64}$/;
const GENERATION = /^[0-9]{1,9}$/;
const MOST_CHARS = 200;
const SEPARATOR = ',';

export const encodingsText = ({ encodings }: Reads): string => encodings.join(SEPARATOR);
export const versionsText = ({ versions }: Reads): string => versions.join(SEPARATOR);

export const PACKED = 'packed';

/** Reads the texts of a birth. What is not known here is passed over, and what is missing is as in version 0.1.0. */
export function readsOf(
  encodings: unknown,
  versions: unknown,
  { acknowledgements, nonce, generation }: { acknowledgements?: unknown; nonce?: unknown; generation?: unknown } = {},
): Reads {
  const named = partsOf(encodings);
  const numbers = partsOf(versions)
    .map(Number)
    .filter((number) => Number.isSafeInteger(number) && number > 0);
  return {
    // Every gateway reads uncompressed documents.
    encodings: documentEncodings.filter((each) => each === 'identity' || named.includes(each)),
    versions: numbers.length === 0 ? FIRST_READS.versions : numbers,
    ...(partsOf(acknowledgements).includes(PACKED) ? { packedAcknowledgements: true } : {}),
    ...(typeof nonce === 'string' && NONCE.test(nonce) ? { heartbeatNonce: nonce } : {}),
    ...(typeof generation === 'string' && GENERATION.test(generation) ? { keyGeneration: Number(generation) } : {}),
  };
}

const partsOf = (text: unknown): string[] =>
  typeof text === 'string' && text.length <= MOST_CHARS ? text.split(SEPARATOR).map((part) => part.trim()) : [];
