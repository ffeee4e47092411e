import { createHash } from 'node:crypto';

/** What happened in a run, line by line: two runs of a seed have the same lines, and so the same digest. */
export class Trace {
  readonly #hash = createHash('sha256');
  readonly #counts = new Map<string, number>();
  readonly #keep: ((line: string) => void) | undefined;

  /** False: nobody asks for what happened, so that it need not be put into words. */
  readonly wanted: boolean;

  /** `keep` gets every line, to find the first one in which two runs differ. */
  constructor(keep?: (line: string) => void, wanted = true) {
    this.#keep = keep;
    this.wanted = wanted;
  }

  note(time: number, kind: string, text: string): void {
    const line = `${time} ${kind} ${text}`;
    this.#hash.update(line).update('\n');
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    this.#keep?.(line);
  }

  count(kind: string): number {
    return this.#counts.get(kind) ?? 0;
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}

/** A short name of bytes. */
export const nameOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);
