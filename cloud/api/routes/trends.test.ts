import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { START, TOKEN } from '../testing/api-fixture.ts';
import { plannerFixture } from '../testing/planner-fixture.ts';

const rig = await plannerFixture({});
after(() => rig.close());

const DAY_MS = 86_400_000;

const asked = (series: number, days: number, points = 30) => {
  const names = Array.from({ length: series }, (_, at) => `owd-01/device-${at}/activePowerKw`).join(',');
  const span = `start=${new Date(START - days * DAY_MS).toISOString()}&end=${new Date(START).toISOString()}`;
  return rig.ask('GET', `/v1/trends?series=${names}&${span}&points=${points}`, { token: TOKEN });
};

test('a year of a screenful of series is answered; a larger request is rejected with what would fit', async () => {
  for (const [series, days, points] of [
    [4, 366, 400],
    [60, 1, 90],
    [48, 31, 400],
    [1, 800, 1000],
  ] as const)
    assert.equal((await asked(series, days, points)).statusCode, 200, `${series} series over ${days} days`);
  for (const [series, days, points, words] of [
    [60, 31, 30, /60 series over 31 days.*at most 48 series, or at most 25 days/],
    [61, 1, 30, /61 series.*at most 60/],
    [60, 1, 1000, /60,000 steps.*at most 333 points/],
    [1, 801, 30, /801 days.*at most 800/],
  ] as const) {
    const answer = await asked(series, days, points);
    const { code, detail } = answer.json();
    assert.deepEqual([answer.statusCode, code], [413, 'LS-API-006']);
    assert.match(detail, words);
  }
});
