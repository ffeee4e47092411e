import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayNamed, dayOf } from './local-day.ts';

const AMSTERDAM = 'Europe/Amsterdam';

test('a day begins at its own midnight and is as long as the clock says', () => {
  for (const [zone, at, name, start, hours] of [
    ['UTC', '2021-09-25T13:00:00Z', '2021-09-25', '2021-09-25T00:00:00Z', 24],
    [AMSTERDAM, '2021-09-24T22:30:00Z', '2021-09-25', '2021-09-24T22:00:00Z', 24],
    [AMSTERDAM, '2021-03-28T12:00:00Z', '2021-03-28', '2021-03-27T23:00:00Z', 23],
    [AMSTERDAM, '2021-10-31T00:30:00Z', '2021-10-31', '2021-10-30T22:00:00Z', 25],
    [AMSTERDAM, '2021-10-31T22:30:00Z', '2021-10-31', '2021-10-30T22:00:00Z', 25],
    ['America/New_York', '2021-11-07T12:00:00Z', '2021-11-07', '2021-11-07T04:00:00Z', 25],
  ] as const) {
    const day = dayOf(Date.parse(at), zone);
    assert.deepEqual(day, { name, start: Date.parse(start), minutes: 60 * hours }, `${at} in ${zone}`);
    assert.deepEqual(dayNamed(name, zone), day);
  }
  assert.equal(dayNamed('', 'UTC'), undefined);
});
