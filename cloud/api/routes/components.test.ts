import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { START, TOKEN } from '../testing/api-fixture.ts';
import { plannerFixture } from '../testing/planner-fixture.ts';

const rig = await plannerFixture();
after(() => rig.close());
const DAY_MS = 86_400_000;

/** An hourly weather forecast. */
async function sendWeather(issuedAt: number, hoursAhead = 48): Promise<void> {
  const hours = Array.from({ length: hoursAhead }, (_, hour) => issuedAt + hour * 3_600_000);
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

test('with weather, the median splits into solar, wind and other, in any unit and resolution', async () => {
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
    const stored = (await rig.get(`/v1/forecasts/${newest.id}${query}`)).json();
    assert.deepEqual(stored.components, components);
  }
  const feeder = (await rig.get('/v1/feeders/whf-1/forecast')).json();
  assert.equal(feeder.components, null, 'no weather is known for these steps');
});

test("beyond the models' horizon the median is split as far as the weather reaches", async () => {
  const issuedAt = rig.clock.plant.now();
  await sendWeather(issuedAt - (issuedAt % 3_600_000), 72);
  await rig.live(1);
  const ask = async (payload: object) => {
    const accepted = await rig.ask('POST', '/v1/forecasts', { token: TOKEN, payload });
    await rig.jobs.finished(accepted.json().id, 60_000);
    const job = (await rig.get(String(accepted.headers['location']))).json();
    return (await rig.get(job.result.href)).json();
  };
  for (const asked of [{}, { resolution: 'PT1H', unit: 'MW' }]) {
    const { components, values, start, resolution } = await ask({ target: 'substation:owd', horizon: 'P5D', ...asked });
    const stepMs = resolution === 'PT1H' ? 3_600_000 : 900_000;
    const end = issuedAt - (issuedAt % 3_600_000) + 72 * 3_600_000;
    for (const [step, median] of (values.quantile_P50 as number[]).entries()) {
      const isKnown = Date.parse(start) + (step + 1) * stepMs <= end;
      const parts: (number | null)[] = [components.solar[step], components.wind[step], components.other[step]];
      if (isKnown) assert.ok(Math.abs(parts.reduce<number>((sum, part) => sum + part!, 0) - median) < 1e-9);
      else assert.deepEqual(parts, [null, null, null], `${step}`);
    }
  }
});
