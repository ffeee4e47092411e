import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import {
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  snappyUncompress,
} from 'hyparquet';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { MOST_ROWS, type ReadTable } from './read-table.ts';

/** No real writer makes larger pages. */
const MOST_PAGE_BYTES = 64_000_000;
/** For all pages together: a page of a kilobyte may claim to hold the maximum. */
const MOST_BYTES = 128_000_000;

/** Decompressors for one file, which share the size budget. polars writes ZSTD. */
function compressors(): Compressors {
  let left = MOST_BYTES;
  const within = (bytes: number): { readonly maxOutputLength: number } => {
    left -= bytes;
    if (!(bytes >= 0 && bytes <= MOST_PAGE_BYTES && left >= 0))
      throw new LoadstoneError('LS-API-006', `more than ${MOST_BYTES / 1e6} MB in one upload after decompression`);
    return { maxOutputLength: Math.max(1, bytes) };
  };
  return {
    SNAPPY: (page, bytes) => {
      within(bytes);
      const whole = new Uint8Array(bytes);
      snappyUncompress(page, whole);
      return whole;
    },
    ZSTD: (page, bytes) => zstdDecompressSync(page, within(bytes)),
    GZIP: (page, bytes) => gunzipSync(page, within(bytes)),
    BROTLI: (page, bytes) => brotliDecompressSync(page, within(bytes)),
  };
}

/**
 * Reads a Parquet file, uncompressed or with Snappy, ZSTD, GZIP or BROTLI. Throws LS-API-001 for anything else. Call it where a hostile
 * file does no harm.
 */
export async function readParquet(bytes: Uint8Array): Promise<ReadTable> {
  const file = new Uint8Array(bytes).buffer;
  let rows: Record<string, unknown>[];
  try {
    const metadata = await parquetMetadataAsync(file);
    const rowsTold = metadata.row_groups.reduce((sum, { num_rows: each }) => sum + Number(each), 0);
    if (Math.max(Number(metadata.num_rows), rowsTold) > MOST_ROWS)
      throw new LoadstoneError('LS-API-006', `more than ${MOST_ROWS} rows in one upload`);
    assertZoned(metadata);
    rows = await parquetReadObjects({ file, metadata, compressors: compressors() });
  } catch (error) {
    if (error instanceof LoadstoneError) throw error;
    const why = error instanceof Error ? error.message.slice(0, 120) : 'unreadable';
    throw new LoadstoneError('LS-API-001', `this Parquet file cannot be read: ${why}`, '/body');
  }
  const names = Object.keys(rows[0] ?? {});
  return {
    count: rows.length,
    columns: Object.fromEntries(names.map((name) => [name, rows.map((row) => cellOf(row[name]))])),
  };
}

/** A time without a zone would be read as UTC, whatever its writer meant. */
function assertZoned({ schema }: FileMetaData): void {
  const naive = schema.find(({ logical_type: type }) => type?.type === 'TIMESTAMP' && !type.isAdjustedToUTC);
  if (naive !== undefined)
    throw new LoadstoneError(
      'LS-API-001',
      `the times in ${naive.name.slice(0, 40)} have no time zone: write them as UTC, for example by tz_localize in pandas`,
      '/body',
    );
}

function cellOf(value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  throw new LoadstoneError('LS-API-001', 'a column holds lists or records: use plain values', '/body');
}
