/**
 * Encodings of a desired document: its body as it is, compressed with Brotli (RFC 7932), or converted to columns and then compressed; and
 * the whole document as `bytes` instead of text. A gateway that reads columns also reads Brotli.
 */
export const documentEncodings = ['identity', 'br', 'columns', 'bytes'] as const;
export type DocumentEncoding = (typeof documentEncodings)[number];

/** Encodings and versions of desired documents that a gateway reads. Its node birth announces them. */
export interface Reads {
  readonly encodings: readonly DocumentEncoding[];
  /** Values of a document's `version`. */
  readonly versions: readonly number[];
  /** The gateway reads packed acknowledgements. Absent: JSON only. */
  readonly packedAcknowledgements?: true;
  /**
   * Nonce that signed heartbeats must cover. It is new at each birth, so older heartbeats do not count. Absent: the gateway reads unsigned
   * heartbeats.
   */
  readonly heartbeatNonce?: string;
  /** Generation of the gateway's key list, 0 for none. Absent: the gateway reads no key lists, and one key signs everything for it. */
  readonly keyGeneration?: number;
  /** When the newest weather document was issued that the gateway holds, ms UTC, 0 for none. Absent: the gateway takes no weather. */
  readonly weatherAt?: number;
}

/** What this software reads. */
export const THIS_READS: Reads = { encodings: documentEncodings, versions: [1], packedAcknowledgements: true };
/** Defaults for a gateway whose birth announces nothing: version 0.1.0. */
export const FIRST_READS: Reads = { encodings: ['identity'], versions: [1] };

const NONCE = /^[0-9a-f]{16,64}$/;
const GENERATION = /^[0-9]{1,9}$/;
const TIME = /^[0-9]{1,15}$/;
const MOST_CHARS = 200;
const SEPARATOR = ',';

export const encodingsText = ({ encodings }: Reads): string => encodings.join(SEPARATOR);
export const versionsText = ({ versions }: Reads): string => versions.join(SEPARATOR);

export const PACKED = 'packed';

/** Reads the texts of a birth. Unknown entries are ignored, and missing ones default to version 0.1.0. */
export function readsOf(
  encodings: unknown,
  versions: unknown,
  {
    acknowledgements,
    nonce,
    generation,
    weather,
  }: { acknowledgements?: unknown; nonce?: unknown; generation?: unknown; weather?: unknown } = {},
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
    ...(typeof weather === 'string' && TIME.test(weather) ? { weatherAt: Number(weather) } : {}),
  };
}

const partsOf = (text: unknown): string[] =>
  typeof text === 'string' && text.length <= MOST_CHARS ? text.split(SEPARATOR).map((part) => part.trim()) : [];
