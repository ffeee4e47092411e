import type { Fault } from '../../shared/outcome/outcome.ts';
import { SqlStore, type SqlPlace } from '../sql/sql-store.ts';
import type { GivenUpJob, JobEnd, JobLane, JobStore, TakenJob } from './job-store.ts';
import type { Job, JobRequest, JobStatus } from './job.ts';

const migrations = [
  `CREATE TABLE job (
     number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, owner TEXT NOT NULL,
     request TEXT NOT NULL, status TEXT NOT NULL, progress REAL NOT NULL, attempts INTEGER NOT NULL,
     created_at INTEGER NOT NULL, finished_at INTEGER, href TEXT, fault TEXT
   );
   CREATE INDEX job_status ON job (status, number)`,
  `ALTER TABLE job ADD COLUMN given_up INTEGER NOT NULL DEFAULT 0;
   CREATE INDEX job_given_up ON job (finished_at) WHERE given_up = 1`,
];

const ALL: JobLane = { kinds: { except: [] }, served: [] };

/** Jobs in a database. */
export class SqliteJobStore extends SqlStore implements JobStore {
  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. */
  constructor(at: SqlPlace) {
    super({ at, name: 'jobs', migrations, what: 'the job store' });
  }

  async add(
    id: string,
    { kind, owner, request }: JobRequest,
    { createdAt, most }: { readonly createdAt: number; readonly most: number },
  ): Promise<Job | undefined> {
    const [row] = await this.sql.rows(
      `INSERT INTO job (id, kind, owner, request, status, progress, attempts, created_at)
         SELECT ?, ?, ?, ?, 'queued', 0, 0, ?
         WHERE (SELECT count(*) FROM job WHERE owner = ? AND status IN ('queued', 'running')) < ? RETURNING *`,
      id,
      kind,
      owner,
      JSON.stringify(request),
      createdAt,
      owner,
      most,
    );
    return jobOf(row);
  }

  async get(id: string): Promise<Job | undefined> {
    return jobOf((await this.sql.rows('SELECT * FROM job WHERE id = ?', id))[0]);
  }

  async waiting(): Promise<number> {
    const [row] = await this.sql.rows(`SELECT count(*) AS n FROM job WHERE status = 'queued'`);
    return Number(row!['n']);
  }

  async take({ kinds, served }: JobLane = ALL): Promise<TakenJob | undefined> {
    const named = 'only' in kinds ? kinds.only : kinds.except;
    const list = ["''", ...named.map(() => '?')].join(', ');
    const turns = ["WHEN '' THEN 0", ...served.map((_, at) => `WHEN ? THEN ${served.length - at}`)].join(' ');
    const [row] = await this.sql.rows(
      `UPDATE job SET status = 'running', attempts = attempts + 1 WHERE number = (
         SELECT number FROM job WHERE status = 'queued' AND kind ${'only' in kinds ? 'IN' : 'NOT IN'} (${list})
           ORDER BY CASE owner ${turns} ELSE 0 END, number LIMIT 1
       ) RETURNING *`,
      ...named,
      ...served,
    );
    if (row === undefined) return undefined;
    return { job: jobOf(row)!, request: JSON.parse(String(row['request'])), attempts: Number(row['attempts']) };
  }

  async giveBack(id: string): Promise<void> {
    await this.sql.run(
      `UPDATE job SET status = 'queued', progress = 0, attempts = attempts - 1 WHERE id = ? AND status = 'running'`,
      id,
    );
  }

  async requeue(): Promise<void> {
    await this.sql.run(`UPDATE job SET status = 'queued', progress = 0 WHERE status = 'running'`);
  }

  async progress(id: string, share: number): Promise<void> {
    await this.sql.run(`UPDATE job SET progress = ? WHERE id = ? AND status = 'running'`, share, id);
  }

  async finish(id: string, { status, at, href, fault, isGivenUp = false }: JobEnd): Promise<Job | undefined> {
    const [row] = await this.sql.rows(
      `UPDATE job SET status = ?, finished_at = ?, href = ?, fault = ?, given_up = ?, progress = CASE ? WHEN 'succeeded' THEN 1 ELSE progress END
         WHERE id = ? AND status IN ('queued', 'running') RETURNING *`,
      status,
      at,
      href ?? null,
      fault === undefined ? null : JSON.stringify(fault),
      Number(isGivenUp),
      status,
      id,
    );
    return jobOf(row);
  }

  async giveUp(
    id: string,
    { kind, owner, request }: JobRequest,
    { at, fault }: { readonly at: number; readonly fault: Fault },
  ): Promise<void> {
    await this.sql.run(
      `INSERT INTO job (id, kind, owner, request, status, progress, attempts, created_at, finished_at, fault, given_up)
         VALUES (?, ?, ?, ?, 'failed', 0, 1, ?, ?, ?, 1)
         ON CONFLICT (id) DO UPDATE SET status = 'failed', attempts = job.attempts + 1, request = excluded.request,
           finished_at = excluded.finished_at, fault = excluded.fault, given_up = 1`,
      id,
      kind,
      owner,
      JSON.stringify(request),
      at,
      at,
      JSON.stringify(fault),
    );
  }

  async givenUp(limit: number): Promise<GivenUpJob[]> {
    const rows = await this.sql.rows('SELECT * FROM job WHERE given_up = 1 ORDER BY finished_at DESC LIMIT ?', limit);
    return rows.map((row) => ({
      job: jobOf(row)!,
      request: JSON.parse(String(row['request'])),
      attempts: Number(row['attempts']),
    }));
  }

  async again(id: string): Promise<boolean> {
    const rows = await this.sql.rows(
      `UPDATE job SET status = 'queued', progress = 0, attempts = 0, finished_at = NULL, fault = NULL, given_up = 0
         WHERE id = ? AND given_up = 1 RETURNING id`,
      id,
    );
    return rows.length === 1;
  }

  async discard(id: string): Promise<boolean> {
    const rows = await this.sql.rows(
      'UPDATE job SET given_up = 0, attempts = 0 WHERE id = ? AND given_up = 1 RETURNING id',
      id,
    );
    return rows.length === 1;
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
