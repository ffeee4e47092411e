import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StandingCommands } from './standing-commands.ts';

const override = (number: number, expiresAt: number) => ({
  number,
  target: 'device:owd-01/battery-1',
  gateway: 'owd-01',
  body: {
    id: `cmd-${number}`,
    kind: 'override' as const,
    device: 'battery-1',
    setpoint: { activePowerKw: 5 },
    reason: 'drill',
    user: 'anna',
    expiresAt,
  },
  approver: null,
  issuedAt: 0,
  acceptUntil: expiresAt,
  endedAt: null,
  measuredKw: null,
});

test('an override still stands after the clock was ahead for a moment', () => {
  const standing = new StandingCommands();
  standing.given(override(1, 1000));
  assert.deepEqual(standing.overrides(5000), []);
  assert.deepEqual(
    standing.overrides(500).map(({ body }) => body.id),
    ['cmd-1'],
  );
  standing.ended('cmd-1');
  assert.deepEqual(standing.overrides(500), []);
});

test('overrides without a reported end are kept up to a limit', () => {
  const standing = new StandingCommands();
  for (let number = 0; number < 300; number++) standing.given(override(number, 1000));
  assert.deepEqual(standing.overrides(5000), []);
  assert.equal(standing.overrides(500).length, 100);
});
