import { hex, sha256Of } from '../../shared/codec/sha256.ts';
import { refused } from '../../shared/sentences/refused.ts';
import { MODEL_CHUNK_BYTES } from '../../shared/contracts/model.ts';
import { good, type Outcome } from '../../shared/outcome/outcome.ts';
import type { Disk, DiskFile } from '../../shared/ports/disk.ts';
import { backOff } from '../../shared/time/back-off.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';

/** Content that the cloud offers under a hash: a model by its manifest, or the weights of a round. */
export interface Fetchable {
  readonly id: string;
  readonly sha256: string;
  readonly bytes: number;
}

export interface ModelFetchOptions<What extends Fetchable> {
  readonly disk: Disk;
  readonly clock: Clock;
  /** Folder of the files, separate from other fetches; default: model. */
  readonly folder?: string;
  /** Requests one chunk, without a promise that it will come. */
  readonly request: (sha256: string, index: number) => Promise<void>;
  /** Called with the bytes whose length and hash match, or why there are none. */
  readonly onDone: (manifest: What, result: Outcome<Uint8Array>) => void | Promise<void>;
}

const WINDOW = 4;
const RETRY_MS = [5000, 60_000] as const;
const SYNC_EACH = 16;
const HASH_BYTES = 32;

interface Fetching<What extends Fetchable> {
  readonly manifest: What;
  readonly chunks: number;
  file: DiskFile | undefined;
  /** Index of the next chunk; those before it are on disk. */
  next: number;
  /** Chunks that came out of order. */
  readonly early: Map<number, Uint8Array>;
  asked: number;
  /** Consecutive requests without a chunk. */
  unanswered: number;
  restarted: boolean;
}

/** Fetches model bytes by their hash, in chunks, and resumes where it stopped, even after a restart. */
export class ModelFetch<What extends Fetchable> {
  readonly #options: ModelFetchOptions<What>;
  readonly #folder: string;
  #fetching: Fetching<What> | undefined;
  #connected = false;
  #timer: Timer | undefined;

  constructor(options: ModelFetchOptions<What>) {
    this.#options = options;
    this.#folder = options.folder ?? 'model';
  }

  /** Returns the bytes if they are on disk, complete and correct. */
  async load(manifest: What): Promise<Uint8Array | undefined> {
    const bytes = await this.#options.disk.read(this.#whole(manifest.sha256)).catch(() => undefined);
    return bytes !== undefined && (await fits(manifest, bytes)) ? bytes : undefined;
  }

  /** Begins or resumes a fetch, and ends that of another model. Files with other hashes are removed, except those in `keep`. */
  async begin(manifest: What, keep: readonly string[] = []): Promise<void> {
    if (this.#fetching?.manifest.sha256 === manifest.sha256) return;
    await this.#end();
    const held = await this.load(manifest);
    if (held !== undefined) {
      await this.#options.onDone(manifest, good(held));
      return;
    }
    await this.#tidy([manifest.sha256, ...keep]);
    this.#fetching = {
      manifest,
      chunks: Math.ceil(manifest.bytes / MODEL_CHUNK_BYTES),
      file: undefined,
      next: await this.#resumeAt(manifest),
      early: new Map(),
      asked: 0,
      unanswered: 0,
      restarted: false,
    };
    await this.#ask();
  }

  async connected(): Promise<void> {
    this.#connected = true;
    await this.#ask();
  }

  disconnected(): void {
    this.#connected = false;
    this.#timer?.cancel();
  }

  /** Payload of model/chunk: 32 bytes of hash, uint32 LE index, bytes. Unrequested chunks are ignored. */
  async chunk(payload: Uint8Array): Promise<void> {
    const fetching = this.#fetching;
    if (fetching === undefined || payload.length <= HASH_BYTES + 4) return;
    const { manifest } = fetching;
    if (hex(payload.subarray(0, HASH_BYTES)) !== manifest.sha256) return;
    const index = new DataView(payload.buffer, payload.byteOffset, payload.byteLength).getUint32(HASH_BYTES, true);
    const bytes = payload.subarray(HASH_BYTES + 4);
    const wanted = index < fetching.chunks && index >= fetching.next && index < fetching.next + WINDOW;
    if (!wanted || bytes.length !== chunkBytes(manifest, index)) return;
    fetching.early.set(index, bytes.slice());
    try {
      await this.#store(fetching);
    } catch {
      // The disk failed, so the chunk is requested again later.
      fetching.early.clear();
      await this.#reopen(fetching);
      return;
    }
    fetching.unanswered = 0;
    if (fetching.next === fetching.chunks) await this.#finish(fetching);
    else await this.#ask();
  }

  async stop(): Promise<void> {
    this.#connected = false;
    await this.#end();
  }

  async #store(fetching: Fetching<What>): Promise<void> {
    const path = this.#part(fetching.manifest.sha256);
    for (let bytes = fetching.early.get(fetching.next); bytes !== undefined;) {
      fetching.file ??= await this.#options.disk.open(path);
      await fetching.file.append(bytes);
      fetching.early.delete(fetching.next);
      fetching.next++;
      if (fetching.next % SYNC_EACH === 0) await fetching.file.sync();
      bytes = fetching.early.get(fetching.next);
    }
  }

  async #finish(fetching: Fetching<What>): Promise<void> {
    const { manifest } = fetching;
    const { disk, onDone } = this.#options;
    const path = this.#part(manifest.sha256);
    try {
      await fetching.file?.sync();
      await fetching.file?.close();
      fetching.file = undefined;
      const bytes = await disk.read(path);
      if (bytes !== undefined && (await fits(manifest, bytes))) {
        await disk.rename(path, this.#whole(manifest.sha256));
        this.#fetching = undefined;
        this.#timer?.cancel();
        await onDone(manifest, good(bytes));
        return;
      }
      await disk.remove(path);
    } catch {
      await this.#reopen(fetching);
      return;
    }
    fetching.next = 0;
    fetching.asked = 0;
    if (fetching.restarted) {
      this.#fetching = undefined;
      await onDone(
        manifest,
        refused('LS-MODEL-001', 'the bytes of {model} do not have the hash of its manifest', { model: manifest.id }),
      );
      return;
    }
    // A resumed part may have been torn by a power cut: try once more from the start.
    fetching.restarted = true;
    await this.#ask();
  }

  /** Requests the chunks in the window that were not requested yet. */
  async #ask(): Promise<void> {
    const fetching = this.#fetching;
    if (fetching === undefined || !this.#connected) return;
    if (fetching.next === fetching.chunks) {
      await this.#finish(fetching);
      return;
    }
    const end = Math.min(fetching.chunks, fetching.next + WINDOW);
    const from = Math.max(fetching.next, fetching.asked);
    fetching.asked = Math.max(fetching.asked, end);
    for (let index = from; index < end; index++) await this.#options.request(fetching.manifest.sha256, index);
    this.#timer?.cancel();
    this.#timer = this.#options.clock.machine.after(backOff(RETRY_MS, fetching.unanswered + 1), async () => {
      fetching.unanswered++;
      fetching.asked = fetching.next;
      if (this.#fetching === fetching) await this.#ask();
    });
  }

  async #reopen(fetching: Fetching<What>): Promise<void> {
    await fetching.file?.close().catch(() => {});
    fetching.file = undefined;
    fetching.next = await this.#resumeAt(fetching.manifest).catch(() => 0);
    fetching.asked = fetching.next;
  }

  /** Number of complete chunks on disk; a partial one is cut off. */
  async #resumeAt(manifest: What): Promise<number> {
    const path = this.#part(manifest.sha256);
    const { disk } = this.#options;
    try {
      const size = (await disk.read(path))?.length ?? 0;
      if (size > manifest.bytes) await disk.remove(path);
      if (size > manifest.bytes || size === 0) return 0;
      if (size === manifest.bytes) return Math.ceil(size / MODEL_CHUNK_BYTES);
      const chunks = Math.floor(size / MODEL_CHUNK_BYTES);
      await disk.truncate(path, chunks * MODEL_CHUNK_BYTES);
      return chunks;
    } catch {
      return 0;
    }
  }

  /** Removes models that are no longer needed. */
  async #tidy(keep: readonly string[]): Promise<void> {
    const { disk } = this.#options;
    const files = await disk.list(this.#folder).catch(() => []);
    for (const file of files) {
      const isBytes = file.endsWith('.onnx') || file.endsWith('.part');
      if (isBytes && !keep.some((sha256) => file.startsWith(sha256)))
        await disk.remove(`${this.#folder}/${file}`).catch(() => {});
    }
  }

  #whole(sha256: string): string {
    return `${this.#folder}/${sha256}.onnx`;
  }

  #part(sha256: string): string {
    return `${this.#folder}/${sha256}.part`;
  }

  async #end(): Promise<void> {
    this.#timer?.cancel();
    const file = this.#fetching?.file;
    this.#fetching = undefined;
    await file?.close().catch(() => {});
  }
}

const chunkBytes = (manifest: Fetchable, index: number): number =>
  Math.min(MODEL_CHUNK_BYTES, manifest.bytes - index * MODEL_CHUNK_BYTES);

async function fits(manifest: Fetchable, bytes: Uint8Array): Promise<boolean> {
  if (bytes.length !== manifest.bytes) return false;
  return (await sha256Of(bytes)) === manifest.sha256;
}
