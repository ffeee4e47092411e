import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookedTo } from './look.ts';

const T0 = Date.UTC(2021, 8, 25);

test('a longer ongoing span is refreshed less often', () => {
  const readings = (spanS: number, seconds: number, speed = 1): number =>
    new Set(
      Array.from({ length: seconds }, (_, second) => {
        const now = T0 + 1000 * speed * second;
        return lookedTo(now, { spanMs: 1000 * spanS + now - T0, speed });
      }),
    ).size;
  assert.equal(readings(60, 60), 16);
  assert.ok(readings(86_400, 3600) <= 4);
  assert.ok(readings(31 * 86_400, 3600) <= 2);
  assert.equal(readings(1800, 60, 60), 16, 'by the clock of the page');
});
