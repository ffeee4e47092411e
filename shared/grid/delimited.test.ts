import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDelimited } from './delimited.ts';

test('reads the CSV of a spreadsheet: quotes, semicolons, NULL, empty lines', () => {
  const { columns, entries } = readDelimited(
    '\uFEFF"id";"node";p\r\n"L 1; west";NULL;"1.5"\r\n\r\n"L 2";"N";\r\n',
    'Load.csv',
  );
  assert.deepEqual(columns, ['id', 'node', 'p']);
  const [first, second] = entries;
  assert.deepEqual([first!.text('id'), first!.maybe('node'), first!.number('p')], ['L 1; west', undefined, 1.5]);
  assert.throws(() => second!.number('p'), { code: 'LS-GRID-003', message: /Load\.csv line 4: p is missing/ });
  assert.throws(() => first!.text('node'), /Load\.csv line 2: node is missing/);
});

test('a row that does not match its header is refused with file and line', () => {
  const code = 'LS-GRID-003';
  assert.throws(() => readDelimited('id;p\n\na;1;2', 'Load.csv'), {
    code,
    message: /Load\.csv line 3: 3 cells for 2/,
  });
  assert.throws(() => readDelimited('id;p;id\na;1;b', 'Load.csv'), {
    code,
    message: /line 1: the column "id" appears twice/,
  });
  assert.throws(() => readDelimited('id;p\n"a;1\n', 'Load.csv'), { code, message: /line 2: a quoted cell/ });
});
