import { readFileSync } from 'node:fs';

/** Bytes that were handed to `write` since the start, by a thread of this process or by all of it (proc(5)). */
function writtenBy(thread?: number): number {
  const text = readFileSync(thread === undefined ? '/proc/self/io' : `/proc/self/task/${thread}/io`, 'utf8');
  return Number(/^wchar: (\d+)$/m.exec(text)![1]);
}

/** What stores write to their files, logs included: by what was asked of them on the main thread, and by all other threads together. */
export class Written {
  readonly #bytes: Record<string, number> = {};
  readonly #before = { all: writtenBy(), main: writtenBy(process.pid) };

  /** Counts what the main thread writes until `work` is done; one at a time. */
  async during<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = writtenBy(process.pid);
    try {
      return await work();
    } finally {
      this.#bytes[name] = (this.#bytes[name] ?? 0) + writtenBy(process.pid) - before;
    }
  }

  /** `others`: what the other threads are called. */
  bytes(others: string): Readonly<Record<string, number>> {
    const main = writtenBy(process.pid) - this.#before.main;
    return { [others]: writtenBy() - this.#before.all - main, ...this.#bytes };
  }
}
