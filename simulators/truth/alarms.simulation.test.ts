import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeRules } from '../../cloud/alarms/compose-rules.ts';
import { alarmPredicates } from './alarm-predicates.ts';
import { alarmScenarios, foundSlowly } from './alarm-scenarios.ts';
import { judgeAlarms } from './run-alarms.ts';

const codes = composeRules('')
  .all()
  .map(({ code }) => code);

test('each code of the rule book has a predicate, and each predicate a code', () => {
  assert.deepEqual(Object.keys(alarmPredicates).toSorted(), codes.toSorted());
});

test('the alarms of the desk are true in every scenario', async (t) => {
  const judged = await judgeAlarms(alarmScenarios);
  t.diagnostic(`\n${judged.table}`);
  assert.deepEqual(judged.faults, []);
  const { floods, falseSentences, missedAlarms, standingMax } = judged.figures;
  assert.deepEqual({ floods, falseSentences, missedAlarms }, { floods: 0, falseSentences: 0, missedAlarms: 0 });
  assert.ok(standingMax <= 5, `${standingMax} alarms were active at once`);
  const raised = new Set(judged.rows.filter((row) => row.raised > 0).map(({ code }) => code));
  assert.deepEqual(
    codes.filter((code) => !raised.has(code)),
    foundSlowly,
    'all other codes were tested',
  );
});
