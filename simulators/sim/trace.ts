import { createHash } from 'node:crypto';

/** Events of a run, line by line. Two runs of a seed have the same lines and so the same digest. */
export class Trace {
  readonly #hash = createHash('sha256');
  readonly #counts = new Map<string, number>();
  readonly #keep: ((line: string) => void) | undefined;

  /** False if no one reads the trace, so that callers need not format lines. */
  readonly wanted: boolean;

  /** `keep` receives every line, to find the first difference between two runs. */
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

/** A short name for bytes. */
export const nameOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);
