import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeRules } from './compose-rules.ts';
import { shownAs } from './shown-event.ts';

const told = { id: 1, time: 0, source: 'owd-01', text: 'x', device: null, subject: null, active: true } as const;

test('the log and the list show an alarm at the same priority, whatever its source thinks of it', () => {
  const rules = composeRules('');
  const shown = (code: string, severity: 'high' | 'low') => {
    const { kind, severity: as } = shownAs({ ...told, kind: 'alarm', code, severity }, rules.of(code));
    return [kind, as];
  };
  assert.deepEqual(shown('LS-METER-002', 'high'), ['alarm', 'low'], 'a meter that the guard turns is of priority 3');
  assert.deepEqual(shown('LS-CONTROL-004', 'low'), ['alarm', 'high']);
  assert.deepEqual(shown('LS-CONTROL-006', 'low'), ['alarm', 'low'], 'its source says it');
  assert.deepEqual(shown('LS-CONTROL-007', 'high'), ['event', 'high'], 'there is no rule of it');
});
