import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { PART_TOKEN, plannerFixture } from '../testing/planner-fixture.ts';

const rig = await plannerFixture();
after(() => rig.close());
await rig.live(4);

test('group contributions add up to the median and are described in words', async () => {
  await rig.forecasts.train(['substation:owd']);
  await rig.live(1);
  const forecast = (await rig.get('/v1/substations/owd/forecast')).json();
  const answer = await rig.get(`/v1/forecasts/${forecast.id}/explanation`);
  assert.equal(answer.statusCode, 200, answer.body);
  const { base, contributions, summary, sentences } = answer.json();
  const median: number[] = forecast.values.quantile_P50;
  assert.equal(base.length, median.length);
  const { mean = [], reconciled } = rig.forecasts.newest('substation:owd')!;
  const { before, spread } = reconciled!;
  for (const [step, value] of median.entries()) {
    const sum = Object.values<number[]>(contributions).reduce((all, each) => all + each[step]!, base[step]);
    assert.ok(Math.abs(sum - value) < 0.1, `${step}: ${sum} ${value}`);
    // Only the model contributes here. That the parts add up shows that the explanation read the same inputs as the forecast.
    const made = before[step]! + (value - mean[step]!) / spread[step]!;
    assert.ok(Math.abs(contributions.adjustment[step] - (value - made)) < 1);
  }
  assert.equal(summary.length, 2);
  assert.match(summary[0], /^Over the next day on average: \d+ kW/);
  const first = sentences.find(({ text }: { text: string }) => text === summary[0]);
  assert.equal(first.code, 'forecast.mean');
  assert.match(summary[0], new RegExp(`average: ${first.parameters.power} kW`));
});

test('a fallback forecast is not explained, and a forecast of a foreign part is not shown', async () => {
  const feeder = (await rig.get('/v1/feeders/whf-1/forecast')).json();
  const answer = await rig.get(`/v1/forecasts/${feeder.id}/explanation`);
  assert.equal(answer.statusCode, 422);
  assert.equal(answer.json().code, 'LS-FORECAST-009');
  const hidden = await rig.ask('GET', `/v1/forecasts/${feeder.id}/explanation`, { token: PART_TOKEN });
  assert.equal(hidden.statusCode, 404);
});
