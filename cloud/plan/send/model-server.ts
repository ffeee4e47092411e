import { encodeChunk } from '../../../shared/codec/chunk.ts';
import { MODEL_CHUNK_BYTES, type ChunkRequest } from '../../../shared/contracts/model.ts';
import type { ModelSource, Send } from '../problem/ports.ts';

/**
 * Payload of one chunk: 32 bytes SHA-256 of the bundle, uint32 LE index, then the chunk. Undefined if the hash is unknown or the index is
 * beyond the end.
 */
export async function modelChunk(
  models: ModelSource,
  { sha256, index }: ChunkRequest,
): Promise<Uint8Array | undefined> {
  const bytes = await models.bytes(sha256);
  if (bytes === undefined || index * MODEL_CHUNK_BYTES >= bytes.length) return undefined;
  return encodeChunk({ sha256, index, bytes });
}

/** Answers a gateway's request for a chunk. An unknown one gets no answer, and the gateway retries or gives up. */
export async function serveChunk(
  { models, send }: { readonly models: ModelSource; readonly send: Send },
  gateway: string,
  request: ChunkRequest,
): Promise<boolean> {
  const payload = await modelChunk(models, request);
  if (payload === undefined) return false;
  await send(gateway, 'modelChunk', payload);
  return true;
}
