import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseCsv } from './parse-csv.ts';

const refuse = (what: string, { line, row }: { line: number; row: number }): never => {
  throw new Error(`line ${line}, row ${row}: ${what}`);
};
const cellsOf = (text: string) => {
  const { columns, rows } = parseCsv(text, refuse);
  return [columns, ...rows.map(({ cells }) => cells)];
};

test('comma or semicolon, quotes, byte order mark, blanks, empty lines, any line ending', () => {
  const expected = [
    ['a', 'b'],
    ['1', '2 "x", y'],
    ['', '4'],
  ];
  for (const text of [
    'a,b\n1,"2 ""x"", y"\n,4',
    '\uFEFFa,b\r\n1,"2 ""x"", y"\r\n,4\r\n',
    ' a , b \n\n 1 , "2 ""x"", y" \n \n"",4\n\n',
    '"a";"b"\r1;"2 ""x"", y"\r;4\r',
  ])
    assert.deepEqual(cellsOf(text), expected);
  assert.deepEqual(cellsOf('a;b,c\n1;2,5\n'), [
    ['a;b', 'c'],
    ['1;2', '5'],
  ]);
  assert.deepEqual(cellsOf('a;b\n1,5;2,5'), [
    ['a', 'b'],
    ['1,5', '2,5'],
  ]);
  assert.deepEqual(cellsOf('a,"b\nc"\n"1\r\n2",3'), [
    ['a', 'b\nc'],
    ['1\n2', '3'],
  ]);
  assert.deepEqual(cellsOf('__proto__,constructor\n1,2'), [
    ['__proto__', 'constructor'],
    ['1', '2'],
  ]);
  for (const nothing of ['', '\uFEFF', '\n', ' \r\n\t\n']) assert.deepEqual(cellsOf(nothing), [[]]);
});

test('an error names its line, also after multi-line cells', () => {
  const cases: [text: string, reason: RegExp][] = [
    ['a,b\n1,2\n3\n', /^line 3, row 1: 1 cells for 2 columns$/],
    ['a,b\n\n1,2,3', /^line 3, row 0: 3 cells for 2 columns$/],
    ['a,b\r\n"x\r\ny",2\r\n\r\n3,4,5', /^line 5, row 1: 3 cells for 2 columns$/],
    ['a;b;a\n1;2;3', /^line 1, row -1: the column "a" appears twice$/],
    [
      'a,b\n1,2"\n',
      /^line 2, row 0: column 2: a cell with a quote must be quoted as a whole, and the quote in it written twice$/,
    ],
    [
      'a,b\n1,2\n"3"4,5\n',
      /^line 3, row 1: column 1: a cell with a quote must be quoted as a whole, and the quote in it written twice/,
    ],
    ['a,b\n"1" 2,3', /^line 2, row 0: column 1: a cell with a quote/],
    ['a"b,c\n', /^line 1, row -1: column 1: a cell with a quote/],
    ['a,b\n1,2\n"3,4\n5,6\n', /^line 3, row 1: a quoted cell that starts here or below does not end$/],
    ['"', /^line 1, row -1: a quoted cell/],
  ];
  for (const [text, reason] of cases)
    assert.throws(() => parseCsv(text, refuse), { message: reason }, JSON.stringify(text));
});

test('too many rows are rejected before the rest is read', () => {
  const rows = (count: number) => `a\n${'1\n\n'.repeat(count)}`;
  assert.equal(parseCsv(rows(3), refuse, 3).rows.length, 3);
  assert.throws(() => parseCsv(`${rows(4)}"open`, refuse, 3), {
    message: 'line 8, row 3: more than 3 rows',
  });
});

test('property: quoted data is read back as written', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', '\r', 'é', ' ', '.'), maxLength: 6 });
  const quoted = (cells: readonly string[]): string => cells.map((each) => `"${each.replaceAll('"', '""')}"`).join(';');
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell), { maxLength: 10 }), (rows) => {
      const text = ['a;b;c', ...rows.map(quoted)].join('\r\n');
      assert.deepEqual(
        cellsOf(text).slice(1),
        rows.map((cells) => cells.map((each) => each.replaceAll('\r\n', '\n').trim())),
      );
    }),
  );
});

test('400,000 arbitrary characters are read or rejected in linear time', () => {
  const shapes = [
    'a',
    ' ',
    ',',
    ';',
    '"',
    '\n',
    '\r',
    '",',
    '"\n',
    '""\n',
    'a ',
    'a"',
    '"a",',
    '" ',
    ' ,',
    ',"\n',
    '\uFEFF',
  ];
  const before = process.cpuUsage();
  for (const shape of shapes)
    for (const text of [shape, `"${shape}`, `a,b\n${shape}`, `${shape}"`].map((begin) => begin.padEnd(4e5, shape)))
      try {
        parseCsv(text, refuse);
      } catch (error) {
        assert.match((error as Error).message, /^line \d+, row -?\d+: /);
      }
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 60e6, `${((user + system) / 1e6).toFixed(1)} s for ${4 * shapes.length} texts`);
});
