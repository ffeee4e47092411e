import { rmSync } from 'node:fs';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { TimeBase } from '../../../shared/time/clock.ts';
import type { JobContext } from '../../jobs/job-runner.ts';
import { zoneOf } from '../../tables/local-time.ts';
import { csvFile, parquetFile } from '../../tables/table-file.ts';
import type { Table } from '../../tables/table.ts';
import type { ExportTask } from './contract.ts';
import type { ExportStore } from './export-store.ts';

/** One part of an export and the share done with it. */
export interface ExportPart {
  readonly table: Table;
  readonly done: number;
}

export interface ExportParts {
  /** Machine time, for the expiry of the link. */
  readonly time: Pick<TimeBase, 'now'>;
  readonly exports: Pick<ExportStore, 'pathOf' | 'put' | 'prune'>;
  /** Yields the requested data part by part; all parts have the same columns. */
  tables(task: ExportTask): AsyncIterable<ExportPart>;
}

const VALID_MS = 24 * 3_600_000;
const MOST_ROWS = 5_000_000;

/** Writes a file part by part; its link is valid for 24 h. LS-API-006: too many rows. */
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
          `the export has more than ${MOST_ROWS} rows; ask for a shorter span`,
          '/body/end',
        );
      context.progress(done);
      // Yields, so that requests are answered meanwhile.
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
