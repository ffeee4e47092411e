import type { Where } from '../telemetry/database.ts';
import { SqliteFile } from '../telemetry/sqlite-file.ts';

const migrations = ['CREATE TABLE counted (key TEXT PRIMARY KEY, count TEXT NOT NULL) WITHOUT ROWID'];

/** Counted failed attempts of one kind that are not in the audit list yet. Times in ms UTC of machine time. */
export interface AttemptCount {
  /** null: several. */
  readonly account: string | null;
  readonly address: string | null;
  /** Codes of refusal, and how often each came. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly attempts: number;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly what: string;
}

/** Counts of failed attempts by key, on disk when `put` returns. A killed process loses none. */
export class AttemptStore extends SqliteFile {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'attempts', migrations, what: 'the store of counted attempts' });
  }

  all(): Map<string, AttemptCount> {
    const rows = this.prepared('SELECT key, count FROM counted').all();
    return new Map(rows.map(({ key, count }) => [String(key), JSON.parse(String(count)) as AttemptCount]));
  }

  put(key: string, count: AttemptCount): void {
    this.prepared('INSERT OR REPLACE INTO counted VALUES (?, ?)').run(key, JSON.stringify(count));
  }

  remove(key: string): void {
    this.prepared('DELETE FROM counted WHERE key = ?').run(key);
  }
}
