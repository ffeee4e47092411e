import { rmSync } from 'node:fs';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { TimeBase } from '../../../shared/time/clock.ts';
import type { JobContext } from '../../jobs/job-runner.ts';
import { zoneOf } from '../../tables/local-time.ts';
import { csvFile, parquetFile } from '../../tables/table-file.ts';
import type { Table } from '../../tables/table.ts';
import type { ExportTask } from './contract.ts';
import type { ExportStore } from './export-store.ts';

/** One piece of an export and the share that is done with it. */
export interface ExportPart {
  readonly table: Table;
  readonly done: number;
}

export interface ExportParts {
  /** Machine time: of the link's life. */
  readonly time: Pick<TimeBase, 'now'>;
  readonly exports: Pick<ExportStore, 'pathOf' | 'put' | 'prune'>;
  /** What is asked for, piece by piece; every piece has the same columns. */
  tables(task: ExportTask): AsyncIterable<ExportPart>;
}

const VALID_MS = 24 * 3_600_000;
const MOST_ROWS = 5_000_000;

/** Writes a file piece by piece; its link is valid for 24 h. */
export async function exportJob(parts: ExportParts, task: ExportTask, context: JobContext): Promise<string> {
  const { format = 'parquet', timezone, excel } = task.body;
  const { exports, time } = parts;
  await exports.prune(time.now());
  const id = `exp_${context.id.replace(/^job_/, '')}`;
  const path = exports.pathOf(id, format);
  const file =
    format === 'parquet'
      ? parquetFile(path)
      : csvFile(path, { excel, zone: timezone === undefined ? undefined : zoneOf(timezone) });
  let rows = 0;
  try {
    for await (const { table, done } of parts.tables(task)) {
      context.check();
      await file.append(table);
      rows += table.columns[0]?.values.length ?? 0;
      if (rows > MOST_ROWS)
        throw new LoadstoneError(
          'LS-API-006',
          `more than ${MOST_ROWS} rows in one export: ask for a shorter span`,
          '/body/end',
        );
      context.progress(done);
      // Who asks for the newest forecast meanwhile is answered in between.
      await new Promise(setImmediate);
    }
    await file.close();
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
  await exports.put({ id, owner: task.owner, targets: task.targets, format, rows, expiresAt: time.now() + VALID_MS });
  return `/v1/exports/${id}`;
}
