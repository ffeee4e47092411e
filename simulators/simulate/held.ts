import { readJournal } from '../../edge/journal/inspect.ts';
import type { JournalEntry } from '../../edge/journal/record.ts';
import { parseSegmentName, scanSegment } from '../../edge/journal/segment.ts';
import { streams } from '../../shared/contracts/frame.ts';
import type { SimDisk } from '../sim/sim-disk.ts';

const keyOf = ({ stream, run, offset }: Pick<JournalEntry, 'stream' | 'run' | 'offset'>): string =>
  `${stream}/${run}/${offset}`;

/** Every complete record that a gateway's journal ever held: present ones, those held when the machine died, and removed ones. */
export class HeldRecords {
  readonly #disk: SimDisk;
  readonly #entries = new Map<string, JournalEntry>();
  /** Those covered by a sync; a record written while syncs failed was never accepted. */
  readonly #accepted = new Map<string, JournalEntry>();
  #marked: readonly JournalEntry[] = [];

  constructor(disk: SimDisk) {
    this.#disk = disk;
    disk.onRemove = (path, bytes, synced) => this.#removed(path, bytes, synced);
  }

  /** Reads the disk as it is now. */
  async look(): Promise<void> {
    for await (const entry of readJournal(this.#disk)) this.#entries.set(keyOf(entry), entry);
    for await (const entry of readJournal(this.#disk.synced())) this.#accepted.set(keyOf(entry), entry);
  }

  /** Marks the records accepted so far: they must be accounted for at the end. */
  mark(): void {
    this.#marked = [...this.#accepted.values()];
  }

  marked(): readonly JournalEntry[] {
    return this.#marked;
  }

  entries(): Iterable<JournalEntry> {
    return this.#entries.values();
  }

  #removed(path: string, bytes: Uint8Array, synced: number): void {
    for (const stream of streams) {
      if (!path.startsWith(`${stream}/`)) continue;
      const name = parseSegmentName(stream, path.slice(stream.length + 1));
      if (name === undefined) continue;
      for (const entry of scanSegment(name, bytes).entries) this.#entries.set(keyOf(entry), entry);
      const accepted = scanSegment(name, bytes.subarray(0, synced)).entries;
      for (const entry of accepted) this.#accepted.set(keyOf(entry), entry);
    }
  }
}
