import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import { readParquet } from './read-parquet.ts';

const START = Date.UTC(2021, 8, 24);
const compressors = {
  ZSTD: (page: Uint8Array) => new Uint8Array(zstdCompressSync(page)),
  GZIP: (page: Uint8Array) => new Uint8Array(gzipSync(page)),
  BROTLI: (page: Uint8Array) => new Uint8Array(brotliCompressSync(page)),
};
const values = Array.from({ length: 50 }, (_, i) => 500 + i);
const times = values.map((_, i) => new Date(START + i * 900_000));
const columnData: ColumnSource[] = [
  { name: 'start', type: 'TIMESTAMP', data: times },
  { name: 'value', type: 'DOUBLE', data: values },
];

test('Parquet is read in the codecs that polars and others write', async () => {
  for (const codec of ['UNCOMPRESSED', 'SNAPPY', 'ZSTD', 'GZIP', 'BROTLI'] as const) {
    const file = parquetWriteBuffer({ columnData, codec, compressors });
    const { count, columns } = await readParquet(new Uint8Array(file));
    assert.equal(count, 50, codec);
    assert.deepEqual(columns['value'], values);
    assert.deepEqual(columns['start'], times.map(Number));
  }
});

test("a page that decompresses beyond its header's size is rejected", async () => {
  const bomb = { GZIP: () => new Uint8Array(gzipSync(new Uint8Array(1_000_000))) };
  const file = parquetWriteBuffer({ columnData, codec: 'GZIP', compressors: bomb });
  await assert.rejects(readParquet(new Uint8Array(file)), { code: 'LS-API-001' });
});

test('pages that decompress to too much in total are rejected, however small the file is', async () => {
  const wide = Array.from({ length: 3 }, (_, column): ColumnSource => {
    const data = Array.from({ length: 45 }, (_each, row) => `${row}`.padEnd(1_000_000, String(column)));
    return { name: `c${column}`, type: 'STRING', data };
  });
  const GZIP = (page: Uint8Array): Uint8Array => new Uint8Array(gzipSync(page, { level: 1 }));
  const file = parquetWriteBuffer({ columnData: wide, codec: 'GZIP', compressors: { GZIP } });
  assert.ok(file.byteLength < 2_000_000, String(file.byteLength));
  await assert.rejects(readParquet(new Uint8Array(file)), { code: 'LS-API-006' });
  const two = parquetWriteBuffer({ columnData: wide.slice(0, 2), codec: 'GZIP', compressors: { GZIP } });
  assert.equal((await readParquet(new Uint8Array(two))).count, 45);
});

test('times without a time zone are not read as UTC', async () => {
  const file = parquetWriteBuffer({
    columnData: columnData.map(({ name, data }) => ({ name, data })),
    schema: [
      { name: 'root', num_children: 2 },
      {
        name: 'start',
        type: 'INT64',
        repetition_type: 'REQUIRED',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MILLIS' },
      },
      { name: 'value', type: 'DOUBLE', repetition_type: 'REQUIRED' },
    ],
  });
  await assert.rejects(readParquet(new Uint8Array(file)), /start have no time zone/);
});
