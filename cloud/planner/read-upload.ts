import { bad, good, LoadstoneError, type Outcome } from '../../shared/outcome/outcome.ts';
import { readCsv } from '../tables/read-csv.ts';
import { readParquet } from '../tables/read-parquet.ts';
import type { ReadTable } from '../tables/read-table.ts';

export interface UploadFile {
  readonly format: 'csv' | 'parquet';
  readonly bytes: Uint8Array;
}

/** Reads a file that somebody sent; in a thread, which a hostile one may end. */
export async function readUpload({ format, bytes }: UploadFile): Promise<Outcome<ReadTable>> {
  try {
    return good(format === 'csv' ? readCsv(new TextDecoder().decode(bytes)) : await readParquet(bytes));
  } catch (error) {
    if (error instanceof LoadstoneError) return bad(error.code, error.message, error.pointer);
    throw error;
  }
}
