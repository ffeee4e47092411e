import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gridOf } from './shown-steps.ts';

test('the horizon counts from the start that was asked for, also where it lies before the forecast', () => {
  const stored = { start: Date.UTC(2021, 8, 25, 10, 15), resolutionS: 900, steps: 192 };
  const steps = (start: string | undefined, horizon: string, resolution?: string) =>
    gridOf(stored, {
      horizon,
      ...(start === undefined ? {} : { start }),
      ...(resolution === undefined ? {} : { resolution }),
    }).steps;
  assert.equal(steps(undefined, 'PT6H'), 24);
  assert.equal(steps('2021-09-25T12:00:00Z', 'PT6H'), 24);
  assert.equal(steps('2021-09-25T08:15:00Z', 'PT6H'), 16, 'two of the six hours lie before the forecast');
  assert.equal(steps('2021-09-25T10:15:00Z', 'PT1H', 'PT1H'), 1, 'the hour from 11:00 on');
  assert.throws(() => steps('2021-09-25T08:15:00Z', 'PT1H'), /ends before the first step of the forecast at/);
});
