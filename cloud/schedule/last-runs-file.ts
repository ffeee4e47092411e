import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { LastRuns } from './last-runs.ts';

/** Last runs of the scheduled jobs in a small JSON file, replaced at once or not at all. A file that cannot be read starts anew. */
export class LastRunsFile implements LastRuns {
  readonly #path: string;
  #runs: Record<string, number> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async seen(job: string, now: number): Promise<number> {
    const known = this.#loaded()[job];
    if (known === undefined) await this.set(job, now);
    return known ?? now;
  }

  async set(job: string, at: number): Promise<void> {
    const runs = { ...this.#loaded(), [job]: at };
    writeFileSync(`${this.#path}.part`, JSON.stringify(runs));
    renameSync(`${this.#path}.part`, this.#path);
    this.#runs = runs;
  }

  #loaded(): Record<string, number> {
    this.#runs ??= existsSync(this.#path) ? parse(readFileSync(this.#path, 'utf8')) : {};
    return this.#runs;
  }
}

function parse(text: string): Record<string, number> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(Object.entries(value).filter(([, at]) => Number.isFinite(at)));
  } catch {
    return {};
  }
}
