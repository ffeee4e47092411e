import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeRules } from './compose-rules.ts';
import { shownAs } from './shown-event.ts';

const event = { id: 1, time: 0, source: 'owd-01', text: 'x', device: null, subject: null, active: true } as const;

test('log and list show an alarm with the priority of its rule, not of its source', () => {
  const rules = composeRules('');
  const shown = (code: string, severity: 'high' | 'low') => {
    const { kind, severity: as } = shownAs({ ...event, kind: 'alarm', code, severity }, rules.of(code));
    return [kind, as];
  };
  assert.deepEqual(shown('LS-METER-002', 'high'), ['alarm', 'low'], 'the rule sets priority 3');
  assert.deepEqual(shown('LS-CONTROL-004', 'low'), ['alarm', 'high']);
  assert.deepEqual(shown('LS-CONTROL-006', 'low'), ['alarm', 'low'], 'the rule leaves it to the source');
  assert.deepEqual(shown('LS-CONTROL-007', 'high'), ['event', 'high'], 'there is no rule');
});
