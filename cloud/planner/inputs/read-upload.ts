import { bad, good, LoadstoneError, type Outcome } from '../../../shared/outcome/outcome.ts';
import { readCsv } from '../../tables/read-csv.ts';
import { readParquet } from '../../tables/read-parquet.ts';
import type { ReadTable } from '../../tables/read-table.ts';

export interface UploadFile {
  readonly format: 'csv' | 'parquet';
  readonly bytes: Uint8Array;
}

/** Parses an uploaded file. Runs in a thread, because a hostile file may crash it. */
export async function readUpload({ format, bytes }: UploadFile): Promise<Outcome<ReadTable>> {
  try {
    return good(format === 'csv' ? readCsv(new TextDecoder().decode(bytes)) : await readParquet(bytes));
  } catch (error) {
    if (error instanceof LoadstoneError) return bad(error.code, error.message, error.pointer);
    throw error;
  }
}
