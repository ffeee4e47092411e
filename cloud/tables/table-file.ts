import { appendFileSync, writeFileSync } from 'node:fs';
import { fileWriter, ParquetWriter } from 'hyparquet-writer';
import { csvOf, type CsvOptions } from './csv.ts';
import { columnSources } from './parquet.ts';
import type { Table } from './table.ts';

/** A table that is written in parts; every part has the same columns. */
export interface TableFile {
  append(part: Table): Promise<void>;
  /** Completes the file; until then it is not readable. */
  close(): Promise<void>;
}

/** CSV after RFC 4180, with a single header. */
export function csvFile(path: string, options: CsvOptions): TableFile {
  let isFirst = true;
  writeFileSync(path, '');
  return {
    append: async (part) => {
      const text = csvOf(part, options);
      appendFileSync(path, isFirst ? text : text.slice(text.indexOf('\r\n') + 2));
      isFirst = false;
    },
    close: async () => undefined,
  };
}

/** Parquet with one row group per part. */
export function parquetFile(path: string): TableFile {
  const writer = fileWriter(path);
  let parquet: ParquetWriter | undefined;
  return {
    append: async (part) => {
      const { columnData, schema } = columnSources(part);
      parquet ??= new ParquetWriter({
        writer,
        schema,
        codec: 'SNAPPY',
        createdBy: 'loadstone',
      });
      if ((columnData[0]?.data.length ?? 0) > 0) await parquet.write({ columnData });
    },
    close: async () => {
      await parquet?.finish();
    },
  };
}
