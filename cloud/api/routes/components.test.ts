import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { START, TOKEN } from '../testing/api-fixture.ts';
import { plannerFixture } from '../testing/planner-fixture.ts';

const rig = await plannerFixture();
after(() => rig.close());
const DAY_MS = 86_400_000;

/** A day's weather forecast for two days, hourly. */
async function sendWeather(issuedAt: number): Promise<void> {
  const hours = Array.from({ length: 48 }, (_, hour) => issuedAt + hour * 3_600_000);
  const cloud = (time: number): number => 0.3 + 0.7 * Math.abs(Math.sin(Math.floor(time / DAY_MS) * 12.9));
  const sun = (time: number): number => Math.max(0, Math.sin(((time % DAY_MS) / DAY_MS - 0.25) * 2 * Math.PI));
  const answer = await rig.ask('POST', '/v1/weather', {
    token: TOKEN,
    payload: {
      source: 'knmi-harmonie',
      location: 'substation:owd',
      issuedAt: new Date(issuedAt).toISOString(),
      start: new Date(issuedAt).toISOString(),
      resolution: 'PT1H',
      ghiWm2: hours.map((time) => Math.round(700 * sun(time) * cloud(time))),
      windMs: hours.map((time) => 5 + 3 * Math.sin(time / 4e7)),
    },
  });
  assert.ok(answer.statusCode < 300, answer.body);
}

test('where weather allows, the median is split into sun, wind and the rest, in any unit and resolution', async () => {
  await rig.live(4);
  assert.equal((await rig.get('/v1/substations/owd/forecast')).json().components, null);
  for (let day = -30; day <= 0; day++) await sendWeather(START + day * DAY_MS);
  await rig.live(5);
  for (const query of ['', '?unit=MW', '?resolution=PT1H&start=2021-09-25T10:00:00Z']) {
    const newest = (await rig.get(`/v1/substations/owd/forecast${query}`)).json();
    const { components, values } = newest;
    assert.ok(components !== null);
    for (const [step, median] of (values.quantile_P50 as number[]).entries()) {
      const sum = components.solar[step] + components.wind[step] + components.other[step];
      assert.ok(Math.abs(sum - median) < 1e-9, `${sum} ${median}`);
      assert.ok(components.solar[step] <= 0 && components.wind[step] <= 0);
    }
    const kept = (await rig.get(`/v1/forecasts/${newest.id}${query}`)).json();
    assert.deepEqual(kept.components, components);
  }
  const feeder = (await rig.get('/v1/feeders/whf-1/forecast')).json();
  assert.equal(feeder.components, null, 'no weather is known there');
});
