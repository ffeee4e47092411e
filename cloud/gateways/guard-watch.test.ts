import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GuardWatch } from './guard-watch.ts';

test('a guard that starts acting is announced once, even while it holds an earlier bound', () => {
  const watch = new GuardWatch();
  const rows: readonly [active: boolean, since: number | null, begins: boolean][] = [
    [false, null, false],
    [true, 10_000, true],
    [true, 15_000, false],
    [true, 20_000, false],
    [true, 500_000, true],
    [true, 505_000, false],
    [false, 505_000, false],
    [true, 520_000, true],
  ];
  for (const [active, since, begins] of rows)
    assert.equal(watch.reported('owd-01', { active, since, reliefKw: 0, element: null }), begins, `${active} ${since}`);
});

test('what an earlier cloud announced is not repeated after a restart unless the guard acts', () => {
  const watch = new GuardWatch();
  assert.equal(watch.reported('owd-01', { active: false, since: 90_000, reliefKw: 0, element: null }), false);
});
