import type { Frame } from '../../shared/contracts/frame.ts';
import type { LoadSeries } from '../../shared/forecast/series.ts';
import type { UncontrolledLoad } from '../../shared/forecast/uncontrolled.ts';
import type { Disk, DiskFile } from '../../shared/ports/disk.ts';
import { LoadHistory } from '../forecast/load-history.ts';

export interface LoadBookOptions {
  readonly disk: Disk;
  readonly load: UncontrolledLoad;
  /** Means from before the first start. */
  readonly seed?: LoadSeries | undefined;
}

const STEP_S = 900;
const STEP_MS = STEP_S * 1000;
const DAY = 96;
/** Half a year of load is kept for training. */
const KEEP_DAYS = 182;
/** Entries further ahead of now were written under another clock. */
const AHEAD_MS = 86_400_000;
const PATH = 'training/loads.bin';
/** One entry: start of the interval, ms UTC, and its mean, kW; two float64, little endian. */
const ENTRY_BYTES = 16;

/**
 * 15-min means of the uncontrolled load, the gateway's training data. They are kept beside the journal for longer than its frames, 16 bytes
 * an interval, appended as each interval closes, and never leave the gateway. An entry torn by a power loss is dropped.
 */
export class LoadBook {
  readonly #options: LoadBookOptions;
  readonly #history: LoadHistory;
  #file: DiskFile | undefined;
  #waiting: Uint8Array[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(options: LoadBookOptions) {
    this.#options = options;
    this.#history = new LoadHistory(options.load, STEP_MS, KEEP_DAYS * DAY, (start, value) =>
      this.#closed(start, value),
    );
  }

  /** Reads the file at plant time `now`; a disk error leaves the book empty. */
  async open(now: number): Promise<void> {
    const { disk, seed } = this.#options;
    if (seed !== undefined) this.#history.seed(seed);
    const bytes = await disk.read(PATH).catch(() => undefined);
    const all = bytes === undefined ? [] : [...entriesIn(bytes)];
    // Either these entries come from a clock that was ahead, or this clock is behind. They are kept, but used only if every entry is ahead.
    const ahead = all.filter(([start]) => start > now + AHEAD_MS);
    const known = seriesOf(
      new Map(ahead.length === all.length ? all : all.filter(([start]) => start <= now + AHEAD_MS)),
    );
    if (known !== undefined) this.#history.seed(known);
    const series = this.#history.series();
    if (series.values.length === 0) return;
    // Rewrites the file without old or torn entries and with the seeded ones.
    await disk
      .replace(PATH, Buffer.concat([entriesOf(series), ...ahead.map(([start, value]) => entry(start, value))]))
      .catch(() => undefined);
  }

  observe(frame: Frame): void {
    this.#history.observe(frame);
  }

  /** Closes the intervals that ended before plant time `now` and returns all known means. */
  series(now: number): LoadSeries {
    this.#history.present(now);
    return this.#history.series();
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file?.close().catch(() => undefined);
  }

  #closed(start: number, value: number): void {
    this.#waiting.push(entry(start, value));
    this.#writing = this.#writing.then(() => this.#write());
  }

  async #write(): Promise<void> {
    const entries = this.#waiting.splice(0);
    if (entries.length === 0) return;
    try {
      this.#file ??= await this.#opened();
      for (const each of entries) await this.#file.append(each);
      await this.#file.sync();
    } catch {
      // The book has a gap after a restart; the journal reports the disk error.
      await this.#file?.close().catch(() => undefined);
      this.#file = undefined;
    }
  }

  /** The file, without the part of an entry that a failed append may have left: entries are read on a grid. */
  async #opened(): Promise<DiskFile> {
    const { disk } = this.#options;
    const file = await disk.open(PATH);
    const torn = file.size % ENTRY_BYTES;
    if (torn === 0) return file;
    await file.close();
    await disk.truncate(PATH, file.size - torn);
    return disk.open(PATH);
  }
}

function entry(start: number, value: number): Uint8Array {
  const bytes = new Uint8Array(ENTRY_BYTES);
  const view = new DataView(bytes.buffer);
  view.setFloat64(0, start, true);
  view.setFloat64(8, value, true);
  return bytes;
}

function entriesOf({ start, values }: LoadSeries): Uint8Array {
  const bytes = new Uint8Array(values.length * ENTRY_BYTES);
  for (const [i, value] of values.entries()) bytes.set(entry(start + i * STEP_MS, value), i * ENTRY_BYTES);
  return bytes;
}

/** Means by the start of their interval; entries off the grid are dropped. */
function entriesIn(bytes: Uint8Array): Map<number, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const known = new Map<number, number>();
  for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
    const start = view.getFloat64(at, true);
    if (Number.isSafeInteger(start) && start > 0 && start % STEP_MS === 0)
      known.set(start, view.getFloat64(at + 8, true));
  }
  return known;
}

/** Undefined if there is no entry. Entries older than `KEEP_DAYS` before the newest are dropped. */
function seriesOf(known: ReadonlyMap<number, number>): LoadSeries | undefined {
  const last = known.keys().reduce((most, start) => Math.max(most, start), 0);
  if (last === 0) return undefined;
  const reach = KEEP_DAYS * DAY * STEP_MS;
  const start = known.keys().reduce((least, each) => (each > last - reach ? Math.min(least, each) : least), last);
  const values = Float64Array.from(
    { length: (last - start) / STEP_MS + 1 },
    (_, i) => known.get(start + i * STEP_MS) ?? Number.NaN,
  );
  return { start, stepS: STEP_S, values };
}
