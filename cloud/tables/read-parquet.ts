import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { MOST_ROWS, type ReadTable } from './read-table.ts';

/** A Parquet file, uncompressed or Snappy. What is no such file is LS-API-001; call it where a hostile one does no harm. */
export async function readParquet(bytes: Uint8Array): Promise<ReadTable> {
  const file = new Uint8Array(bytes).buffer;
  let rows: Record<string, unknown>[];
  try {
    const metadata = await parquetMetadataAsync(file);
    if (Number(metadata.num_rows) > MOST_ROWS)
      throw new LoadstoneError('LS-API-006', `more than ${MOST_ROWS} rows in one upload`);
    rows = await parquetReadObjects({ file, metadata });
  } catch (error) {
    if (error instanceof LoadstoneError) throw error;
    const why = error instanceof Error ? error.message.slice(0, 120) : 'unreadable';
    throw new LoadstoneError('LS-API-001', `this is no Parquet that we read: ${why}`, '/body');
  }
  const names = Object.keys(rows[0] ?? {});
  return {
    count: rows.length,
    columns: Object.fromEntries(names.map((name) => [name, rows.map((row) => cellOf(row[name]))])),
  };
}

function cellOf(value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  throw new LoadstoneError('LS-API-001', 'a column holds lists or records: plain values are read', '/body');
}
