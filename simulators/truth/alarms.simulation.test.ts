import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeRules } from '../../cloud/alarms/compose-rules.ts';
import { alarmPredicates } from './alarm-predicates.ts';
import { alarmScenarios } from './alarm-scenarios.ts';
import { judgeAlarms } from './run-alarms.ts';

test('each code of the rule book has a predicate', () => {
  const codes = composeRules('')
    .all()
    .map(({ code }) => code);
  assert.deepEqual(
    codes.filter((code) => alarmPredicates[code] === undefined),
    [],
  );
});

test('what the desk says of alarms is true, in every scenario', async (t) => {
  const judged = await judgeAlarms(alarmScenarios);
  t.diagnostic(`\n${judged.table}`);
  assert.deepEqual(judged.faults, []);
  const { floods, falseSentences, missedAlarms, standingMax } = judged.figures;
  assert.deepEqual({ floods, falseSentences, missedAlarms }, { floods: 0, falseSentences: 0, missedAlarms: 0 });
  assert.ok(standingMax <= 5, `${standingMax} alarms stood at once`);
  const raised = new Set(judged.rows.filter((row) => row.raised > 0).map(({ code }) => code));
  for (const code of [
    'LS-BROKER-004',
    'LS-BUDGET-001',
    'LS-BUDGET-002',
    'LS-BUDGET-003',
    'LS-BUDGET-004',
    'LS-CONTROL-004',
    'LS-CONTROL-005',
    'LS-DOC-011',
    'LS-FEEDER-001',
    'LS-GATEWAY-001',
    'LS-INGEST-020',
    'LS-JOURNAL-001',
    'LS-METER-001',
    'LS-METER-002',
    'LS-METER-006',
    'LS-METER-007',
    'LS-NODE-004',
    'LS-OPT-001',
    'LS-OPT-002',
    'LS-OPT-006',
    'LS-PKI-008',
    'LS-PREDICT-002',
  ])
    assert.ok(raised.has(code), `${code} was put to the test`);
});
