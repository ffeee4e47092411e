import { readFileSync } from 'node:fs';

/** Bytes passed to `write` since the start, by one thread or by the whole process (proc(5)). */
function writtenBy(thread?: number): number {
  const text = readFileSync(thread === undefined ? '/proc/self/io' : `/proc/self/task/${thread}/io`, 'utf8');
  return Number(/^wchar: (\d+)$/m.exec(text)![1]);
}

/** Bytes that stores write to their files, logs included: by operation on the main thread, and by all other threads together. */
export class Written {
  readonly #bytes: Record<string, number> = {};
  readonly #before = { all: writtenBy(), main: writtenBy(process.pid) };

  /** Counts the main thread's writes until `work` is done; run one at a time. */
  async during<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = writtenBy(process.pid);
    try {
      return await work();
    } finally {
      this.#bytes[name] = (this.#bytes[name] ?? 0) + writtenBy(process.pid) - before;
    }
  }

  /** `others` is the key for the other threads. */
  bytes(others: string): Readonly<Record<string, number>> {
    const main = writtenBy(process.pid) - this.#before.main;
    return { [others]: writtenBy() - this.#before.all - main, ...this.#bytes };
  }
}
