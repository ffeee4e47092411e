import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foundSlowly, longAlarmScenarios } from './alarm-scenarios.ts';
import { judgeAlarms } from './run-alarms.ts';

test('the alarms of the desk are true over hours and a day', async (t) => {
  const judged = await judgeAlarms(longAlarmScenarios);
  t.diagnostic(`\n${judged.table}`);
  assert.deepEqual(judged.faults, []);
  assert.equal(judged.figures.floods, 0);
  assert.ok(judged.figures.standingMax <= 5, `${judged.figures.standingMax} alarms were active at once`);
  const raised = judged.rows.filter((row) => row.raised > 0).map(({ code }) => code);
  for (const code of foundSlowly) assert.ok(raised.includes(code), `${code} was tested`);
});
