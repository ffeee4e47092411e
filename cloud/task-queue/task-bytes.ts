import { promisify } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';

/** RabbitMQ takes 16 MiB in one message unless it is told otherwise. */
const MAX_BYTES = 12_000_000;
/** What a message may become as it is decompressed: nobody sends what the other side would not read. */
const MAX_UNPACKED_BYTES = 256_000_000;

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);
const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** It does not fit into a message: whoever asks computes it for itself. */
export class TooLarge extends Error {
  constructor(what: string) {
    super(`a message does not hold it: ${what}`);
  }
}

/**
 * A value as the bytes of a message: what a thread could be handed, compressed. Throws TooLarge, and what a structured clone throws.
 */
export async function pack(value: unknown): Promise<Buffer> {
  const plain = serialize(value);
  if (plain.length > MAX_UNPACKED_BYTES)
    throw new TooLarge(`${inMb(plain)} MB, and ${MAX_UNPACKED_BYTES / 1e6} are read`);
  const bytes = await compress(plain, options);
  if (bytes.length > MAX_BYTES) throw new TooLarge(`${inMb(bytes)} MB compressed, and it has ${MAX_BYTES / 1e6}`);
  return bytes;
}

const inMb = ({ length }: Uint8Array): string => (length / 1e6).toFixed(1);

/** Only of a broker where nobody but owners and nodes may write: the format is V8's own, and was not made for bytes of strangers. */
export async function unpack(bytes: Uint8Array): Promise<unknown> {
  return deserialize(await decompress(bytes, { maxOutputLength: MAX_UNPACKED_BYTES })) as unknown;
}
