import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { SeededRandom } from '../../../shared/ports/random.ts';
import { START, TOKEN } from '../testing/api-fixture.ts';
import { plannerFixture } from '../testing/planner-fixture.ts';

const rig = await plannerFixture();
after(() => rig.close());
const DAY_MS = 86_400_000;
const random = new SeededRandom(3);
const iso = (time: number): string => new Date(time).toISOString();

/** A weather forecast of two days, issued each midnight of the history and once more at its end; each says something else. */
for (let day = -40; day <= 0; day++) {
  const issuedAt = iso(START + day * DAY_MS);
  const cloud = 0.3 + 0.7 * random.next();
  const column = (of: (step: number) => number): number[] => Array.from({ length: 192 }, (_, step) => of(step));
  const vintage = {
    source: 'harmonie',
    location: 'substation:owd',
    issuedAt,
    start: issuedAt,
    resolution: 'PT15M',
    ghiWm2: column((step) => Math.max(0, 800 * cloud * Math.sin((2 * Math.PI * (step - 24)) / 96))),
    windMs: column(() => 12 * cloud),
  };
  const sent = await rig.ask('POST', '/v1/weather', { token: TOKEN, payload: vintage });
  assert.equal(sent.statusCode, 201, sent.body);
}
await rig.forecasts.train(['substation:owd']);

test('a backtest by the weather forecasts of the time differs from one by later ones and from one without', async () => {
  const rowsOf = async (weather: string) => {
    const payload = {
      target: 'substation:owd',
      models: ['active'],
      start: iso(START - 4 * DAY_MS),
      end: iso(START),
      issue: 'PT12H',
      horizon: 'PT24H',
      resolution: 'PT1H',
      weather,
    };
    const answer = await rig.ask('POST', '/v1/backtests', { token: TOKEN, payload, headers: { prefer: 'wait=25' } });
    assert.equal(answer.statusCode, 200, answer.body);
    const { rows } = answer.json<{ rows: { weather: string; leadTime: string | null; n: number; maeKw: number }[] }>();
    assert.deepEqual([...new Set(rows.map((row) => row.weather))], [weather]);
    return rows.find(({ leadTime }) => leadTime === 'PT24H')!;
  };
  const [vintage, actual, none] = [await rowsOf('vintage'), await rowsOf('actual'), await rowsOf('none')];
  assert.deepEqual([actual.n, none.n], [vintage.n, vintage.n]);
  assert.notEqual(vintage.maeKw, actual.maeKw);
  assert.notEqual(vintage.maeKw, none.maeKw);
});
