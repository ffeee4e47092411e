import { MODEL_CHUNK_BYTES, type ChunkRequest } from '../../shared/contracts/model.ts';
import type { ModelSource, Send } from './ports.ts';

/**
 * Payload of one chunk: 32 bytes SHA-256 of the bundle, uint32 LE index, then the chunk. Undefined where the hash is not known or
 * the index lies behind the end.
 */
export function modelChunk(models: ModelSource, { sha256, index }: ChunkRequest): Uint8Array | undefined {
  const bytes = models.bytes(sha256);
  if (bytes === undefined || index * MODEL_CHUNK_BYTES >= bytes.length) return undefined;
  const chunk = bytes.subarray(index * MODEL_CHUNK_BYTES, (index + 1) * MODEL_CHUNK_BYTES);
  const payload = new Uint8Array(36 + chunk.length);
  payload.set(Buffer.from(sha256, 'hex'));
  new DataView(payload.buffer).setUint32(32, index, true);
  payload.set(chunk, 36);
  return payload;
}

/** Answers a gateway's request for a chunk; what is not known is not answered, and the gateway asks again or gives up. */
export async function serveChunk(
  { models, send }: { readonly models: ModelSource; readonly send: Send },
  gateway: string,
  request: ChunkRequest,
): Promise<boolean> {
  const payload = modelChunk(models, request);
  if (payload === undefined) return false;
  await send(gateway, 'modelChunk', payload);
  return true;
}
