import type { Fault } from '../../shared/outcome/outcome.ts';
import type { Where } from '../telemetry/database.ts';
import { SqliteFile } from '../telemetry/sqlite-file.ts';
import type { Job, JobRequest, JobStatus } from './job.ts';

const migrations = [
  `CREATE TABLE job (
     number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, owner TEXT NOT NULL,
     request TEXT NOT NULL, status TEXT NOT NULL, progress REAL NOT NULL, attempts INTEGER NOT NULL,
     created_at INTEGER NOT NULL, finished_at INTEGER, href TEXT, fault TEXT
   );
   CREATE INDEX job_status ON job (status, number)`,
];

/** Jobs and their requests, on the medium before they are accepted, so that a restart goes on with them. */
export class JobStore extends SqliteFile {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'jobs', migrations, what: 'the job store' });
  }

  add(id: string, asked: JobRequest, createdAt: number): Job {
    this.db
      .prepare(
        `INSERT INTO job (id, kind, owner, request, status, progress, attempts, created_at) VALUES (?, ?, ?, ?, 'queued', 0, 0, ?)`,
      )
      .run(id, asked.kind, asked.owner, JSON.stringify(asked.request), createdAt);
    return this.get(id)!;
  }

  get(id: string): Job | undefined {
    return jobOf(this.db.prepare('SELECT * FROM job WHERE id = ?').get(id));
  }

  /** Not yet over, of one owner. */
  waiting(owner: string): number {
    const row = this.db
      .prepare(`SELECT count(*) AS n FROM job WHERE owner = ? AND status IN ('queued', 'running')`)
      .get(owner);
    return Number(row?.['n'] ?? 0);
  }

  /** The oldest that waits; it counts as running from now on. */
  take(): { readonly job: Job; readonly request: unknown; readonly attempts: number } | undefined {
    const row = this.db
      .prepare(
        `UPDATE job SET status = 'running', attempts = attempts + 1
           WHERE number = (SELECT min(number) FROM job WHERE status = 'queued') RETURNING *`,
      )
      .get();
    if (row === undefined) return undefined;
    return { job: jobOf(row)!, request: JSON.parse(String(row['request'])), attempts: Number(row['attempts']) };
  }

  /** What ran when the process ended waits again. */
  requeue(): void {
    this.db.exec(`UPDATE job SET status = 'queued', progress = 0 WHERE status = 'running'`);
  }

  progress(id: string, share: number): void {
    this.db.prepare(`UPDATE job SET progress = ? WHERE id = ? AND status = 'running'`).run(share, id);
  }

  /** Ends a job that is not over yet; answers whether it was not. */
  finish(id: string, end: { status: JobStatus; at: number; href?: string; fault?: Fault }): boolean {
    const { changes } = this.db
      .prepare(
        `UPDATE job SET status = ?, finished_at = ?, href = ?, fault = ?, progress = CASE ? WHEN 'succeeded' THEN 1 ELSE progress END
           WHERE id = ? AND status IN ('queued', 'running')`,
      )
      .run(
        end.status,
        end.at,
        end.href ?? null,
        end.fault === undefined ? null : JSON.stringify(end.fault),
        end.status,
        id,
      );
    return Number(changes) > 0;
  }

  /** Forgets what was over before `time`. */
  prune(time: number): number {
    return Number(this.db.prepare('DELETE FROM job WHERE finished_at < ?').run(time).changes);
  }
}

function jobOf(row: Record<string, unknown> | undefined): Job | undefined {
  if (row === undefined) return undefined;
  return {
    id: String(row['id']),
    kind: String(row['kind']),
    owner: String(row['owner']),
    status: row['status'] as JobStatus,
    progress: Number(row['progress']),
    createdAt: Number(row['created_at']),
    finishedAt: row['finished_at'] === null ? null : Number(row['finished_at']),
    href: row['href'] as string | null,
    fault: row['fault'] === null ? null : (JSON.parse(row['fault'] as string) as Fault),
  };
}
