import type { Disk, DiskFile } from '../../shared/ports/disk.ts';
import { encodeRecords, type JournalEntry } from './record.ts';
import { segmentPath } from './segment.ts';
import type { Segment, StreamLog } from './stream-log.ts';

export interface WriterOptions {
  readonly disk: Disk;
  readonly log: StreamLog;
  readonly run: number;
  /** A segment is closed before it would grow beyond this. */
  readonly segmentBytes: number;
}

/** Appends records to the newest segment of one stream and begins a new segment when it is full. */
export class SegmentWriter {
  readonly #options: WriterOptions;
  #file: DiskFile | undefined;
  #segment: Segment | undefined;
  #recent: JournalEntry[] = [];
  /** Set after a failed write: bytes beyond `bytes` were never accepted and must be cut off before the next write. */
  #broken: Segment | undefined;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Records of the newest segment, kept in memory so that they need not be read back. */
  recent(): readonly JournalEntry[] {
    return this.#recent;
  }

  async repair(): Promise<void> {
    const broken = this.#broken;
    if (broken === undefined) return;
    if (broken.bytes === 0) {
      await this.#options.disk.remove(broken.path);
      this.#segment = undefined;
    } else await this.#options.disk.truncate(broken.path, broken.bytes);
    this.#broken = undefined;
  }

  /** Resolves with the records once they are on the medium. Rejects otherwise, and then none of them counts. */
  async write(
    batch: readonly { readonly time: number; readonly payload: Uint8Array }[],
  ): Promise<readonly JournalEntry[]> {
    const { log, run } = this.#options;
    const entries = batch.map(({ time, payload }, index): JournalEntry => ({
      stream: log.stream,
      run,
      offset: log.next + index,
      time,
      payload,
    }));
    const bytes = encodeRecords(entries);
    const segment = await this.#segmentFor(bytes.length);
    try {
      this.#file ??= await this.#options.disk.open(segment.path);
      await this.#file.append(bytes);
      await this.#file.sync();
    } catch (error) {
      this.#broken = segment;
      await this.close().catch(() => {});
      throw error;
    }
    if (segment.bytes === 0) log.segments.push(segment);
    log.accept(segment, entries, bytes.length);
    this.#recent.push(...entries);
    return entries;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async #segmentFor(bytes: number): Promise<Segment> {
    const { log, run, segmentBytes } = this.#options;
    if (this.#segment !== undefined && this.#segment.bytes > 0 && this.#segment.bytes + bytes > segmentBytes) {
      this.#segment = undefined;
      this.#recent = [];
      await this.close();
    }
    const first = log.next;
    this.#segment ??= {
      path: segmentPath({ stream: log.stream, first, run }),
      run,
      first,
      last: first - 1,
      bytes: 0,
      newest: 0,
      marks: [],
    };
    return this.#segment;
  }
}
