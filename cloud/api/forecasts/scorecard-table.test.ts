import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scorecardTable } from './scorecard-rows.ts';

test('a scorecard has the same columns whether or not it has a skill and a limit', () => {
  const row = { target: 'substation:owd', model: 'm', n: 4 };
  const whole = {
    ...row,
    peak: { top5PctMaeKw: 1, limit: { hits: 1, misses: 0, falseAlarms: 2 } },
    skill: { bestNaive: 0.3, ci95: [0.2, 0.4], naive: 'persistence' },
  };
  const bare = { ...row, peak: { top5PctMaeKw: 1, limit: null }, skill: null };
  const columnsOf = (...rows: object[]) => scorecardTable(rows).columns.map(({ name, kind }) => [name, kind]);
  const columns = columnsOf(whole);
  assert.deepEqual(columnsOf(bare), columns);
  assert.deepEqual(columnsOf(bare, whole), columns);
});
