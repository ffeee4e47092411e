import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { csvOf } from './csv.ts';
import { foldOf, localDay, localMoment, zoneOf } from './local-time.ts';
import { parquetOf } from './parquet.ts';
import { parquetFile } from './table-file.ts';
import { tableOf } from './table.ts';

const AUTUMN = Date.parse('2021-10-31T00:15:00Z');
const columns = [
  ['target', 'text'],
  ['start', 'time'],
  ['value', 'number'],
  ['isFallback', 'flag'],
] as const;
const amsterdam = zoneOf('Europe/Amsterdam')!;

test('CSV: header, decimal point, empty for missing, quotes, no formulas', () => {
  const text = csvOf(
    tableOf(columns, [
      { target: 'a "b", c', start: AUTUMN, value: 1234.5, isFallback: false },
      { target: '=SUM(A1)', start: AUTUMN, value: null, isFallback: true },
    ]),
  );
  assert.equal(
    text,
    'target,start,value,isFallback\r\n"a ""b"", c",2021-10-31T00:15:00Z,1234.5,false\r\n' +
      "'=SUM(A1),2021-10-31T00:15:00Z,,true\r\n",
  );
});

test('CSV: formulas after a semicolon or tab are escaped too; numbers and signs stay', () => {
  const told = ['a; =HYPERLINK("x")', 'a;@b', 'a\t-cmd|x', 'P; -5 kW', 'a - b; c=d'];
  const [, ...lines] = csvOf(
    tableOf(
      [['text', 'text']],
      told.map((text) => ({ text })),
    ),
  )
    .trimEnd()
    .split('\r\n');
  assert.deepEqual(lines, [`"a; '=HYPERLINK(""x"")"`, "a;'@b", "a\t'-cmd|x", 'P; -5 kW', 'a - b; c=d']);
});

test('a repeated hour stays two hours, told apart by offset or, in a spreadsheet, by fold', () => {
  const rows = [0, 1, 2].map((hour) => ({
    target: 't',
    start: AUTUMN + hour * 3_600_000,
    value: hour,
    isFallback: false,
  }));
  const table = tableOf(columns, rows);
  const plain = csvOf(table, { zone: amsterdam }).split('\r\n').slice(1, 4);
  assert.deepEqual(
    plain.map((line) => line.split(',')[2]),
    ['2021-10-31T02:15:00+02:00', '2021-10-31T02:15:00+01:00', '2021-10-31T03:15:00+01:00'],
  );
  const excel = csvOf(table, { zone: amsterdam, excel: true });
  assert.equal(excel.charCodeAt(0), 0xfeff);
  assert.deepEqual(
    excel
      .split('\r\n')
      .slice(1, 4)
      .map((line) => line.split(',').slice(2, 4)),
    [
      ['2021-10-31 02:15:00', '0'],
      ['2021-10-31 02:15:00', '1'],
      ['2021-10-31 03:15:00', '0'],
    ],
  );
});

test('property: local time and fold identify one moment in every zone', () => {
  const zones = ['Europe/Amsterdam', 'America/St_Johns', 'Australia/Lord_Howe', 'UTC', 'Asia/Kathmandu'].map((name) =>
    zoneOf(name)!,
  );
  fc.assert(
    fc.property(fc.integer({ min: 1_577_836_800_000 / 900_000, max: 1_767_225_600_000 / 900_000 }), (quarter) => {
      const time = quarter * 900_000;
      for (const zone of zones) {
        const day = localDay(zone, time);
        const moment = localMoment(zone, day, zone.timeOfDayMs(time));
        assert.equal(foldOf(zone, time) === 1, moment < time, `${zone.zone} ${new Date(time).toISOString()}`);
        if (foldOf(zone, time) === 0) assert.equal(moment, time);
      }
    }),
  );
});

test('an hour skipped by daylight saving uses the offset before it; an unknown zone is rejected', () => {
  const day = Date.UTC(2021, 2, 28) / 86_400_000;
  assert.equal(localMoment(amsterdam, day, 2.5 * 3_600_000), Date.parse('2021-03-28T01:30:00Z'));
  assert.equal(zoneOf('Mars/Olympus'), undefined);
});

test('Parquet round trip: same columns, times to the millisecond, nulls', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          target: fc.option(fc.string({ maxLength: 20 })),
          start: fc.option(fc.integer({ min: 0, max: 4e12 })),
          value: fc.option(fc.double({ noNaN: true })),
          isFallback: fc.option(fc.boolean()),
        }),
        { minLength: 1, maxLength: 50 },
      ),
      async (rows) => {
        const bytes = parquetOf(tableOf(columns, rows));
        const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
        assert.equal(Number(parquetMetadata(file).num_rows), rows.length);
        const back = await parquetReadObjects({ file });
        assert.deepEqual(
          back,
          rows.map((row) => ({ ...row, start: row.start === null ? null : new Date(row.start) })),
        );
      },
    ),
    { numRuns: 50 },
  );
});

test('Parquet states that its times are UTC, in answers and in files, so that pandas reads them with their zone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-parquet-'));
  const path = join(folder, 'part.parquet');
  const table = tableOf(columns, [{ target: 'a', start: AUTUMN, value: 1, isFallback: false }]);
  const file = parquetFile(path);
  await file.append(table);
  await file.close();
  for (const bytes of [parquetOf(table), readFileSync(path)]) {
    const { schema } = parquetMetadata(new Uint8Array(bytes).buffer);
    const start = schema.find(({ name }) => name === 'start')!;
    assert.deepEqual(start.logical_type, { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' });
    // Older readers know only this one.
    assert.equal(start.converted_type, 'TIMESTAMP_MILLIS');
  }
  rmSync(folder, { recursive: true });
});
