import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCsv } from './read-csv.ts';
import { MOST_ROWS } from './read-table.ts';

test('CSV columns are text, and empty cells are null', () => {
  assert.deepEqual(readCsv('\uFEFFtarget;value\r\n"a;b";3050,1\r\nc; ""\r\n'), {
    count: 2,
    columns: { target: ['a;b', 'c'], value: ['3050,1', null] },
    hasSemicolons: true,
  });
  assert.deepEqual(readCsv('target,__proto__\na,1').columns['target'], ['a']);
});

test('an invalid row is rejected with its line and a pointer to it', () => {
  const refused = (text: string): unknown[] => {
    try {
      return [readCsv(text)];
    } catch (error) {
      const { code, message, pointer } = error as { code: string; message: string; pointer: string };
      return [code, /line \d+: .*/.exec(message)?.[0], pointer];
    }
  };
  assert.deepEqual(refused('a,b\n\n"x\r\ny",2\r\n1\n'), ['LS-API-001', 'line 5: 1 cells for 2 columns', '/body/1']);
  assert.deepEqual(refused('a,b\n1,"2\n3,4'), [
    'LS-API-001',
    'line 2: a quoted cell that starts here or below does not end',
    '/body/0',
  ]);
  assert.deepEqual(refused('a,b\n1,"2"5\n'), [
    'LS-API-001',
    'line 2: column 2: a cell with a quote must be quoted as a whole, and the quote in it written twice',
    '/body/0',
  ]);
  assert.deepEqual(refused('a,a\n1,2'), ['LS-API-001', 'line 1: the column "a" appears twice', '/body']);
  assert.deepEqual(refused(' \n'), ['LS-API-001', 'line 1: the header names no column', '/body']);
  assert.deepEqual(refused(`a\n${'1\n'.repeat(MOST_ROWS + 1)}`), [
    'LS-API-006',
    `line ${MOST_ROWS + 2}: more than ${MOST_ROWS} rows`,
    `/body/${MOST_ROWS}`,
  ]);
});
