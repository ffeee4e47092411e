import assert from 'node:assert/strict';
import { test } from 'node:test';
import { towardOf, whole } from './rounding.ts';

test('a limit, and the power of a device that only takes or feeds in, is rounded towards zero', () => {
  const rows = [
    ['activePowerLimitKw', { min: 0, max: 100 }, 'zero'],
    ['activePowerLimitKw', undefined, 'zero'],
    ['activePowerKw', { min: 0, max: 100 }, 'zero'],
    ['activePowerKw', { min: -100, max: 0 }, 'zero'],
    ['activePowerKw', { min: -100, max: 100 }, 'nearest'],
    ['activePowerKw', undefined, 'nearest'],
    ['reactivePowerKvar', { min: 0, max: 40 }, 'nearest'],
    ['voltageTargetPu', { min: 0.9, max: 1.1 }, 'nearest'],
  ] as const;
  for (const [key, span, toward] of rows) assert.equal(towardOf(key, span), toward, `${key} ${JSON.stringify(span)}`);
});

test('floating-point error makes no step', () => {
  assert.deepEqual(
    [33.99, -33.99, 0.29 * 100, 1.1 * 30, -0.5].map((raw) => whole(raw, 'zero')),
    [33, -33, 29, 33, 0],
  );
  assert.deepEqual(
    [33.5, -33.6, -0.2].map((raw) => whole(raw, 'nearest')),
    [34, -34, 0],
  );
});
