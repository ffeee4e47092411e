import { promisify } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';

/** RabbitMQ's limit for a message is 16 MiB by default. */
const MAX_BYTES = 12_000_000;
/** Limit of the decompressed size, also checked by the sender, so that nothing is sent that the receiver would refuse. */
const MAX_UNPACKED_BYTES = 256_000_000;

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);
const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** A value does not fit into a message: the owner must compute it itself. */
export class TooLarge extends Error {
  constructor(what: string) {
    super(`too large for a message: ${what}`);
  }
}

/** A value as the compressed bytes of a message. Throws TooLarge, and whatever a structured clone throws. */
export async function pack(value: unknown): Promise<Buffer> {
  const plain = serialize(value);
  if (plain.length > MAX_UNPACKED_BYTES)
    throw new TooLarge(`${inMb(plain)} MB; the maximum is ${MAX_UNPACKED_BYTES / 1e6} MB`);
  const bytes = await compress(plain, options);
  if (bytes.length > MAX_BYTES)
    throw new TooLarge(`${inMb(bytes)} MB compressed; the maximum is ${MAX_BYTES / 1e6} MB`);
  return bytes;
}

const inMb = ({ length }: Uint8Array): string => (length / 1e6).toFixed(1);

/** Use only with a broker where none but owners and nodes may write: the format is V8's own and is not safe against foreign bytes. */
export async function unpack(bytes: Uint8Array): Promise<unknown> {
  return deserialize(await decompress(bytes, { maxOutputLength: MAX_UNPACKED_BYTES })) as unknown;
}
