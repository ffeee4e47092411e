import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { START } from '../testing/api-fixture.ts';
import { loadAt, PART_TOKEN, plannerFixture, QUARTER_MS } from '../testing/planner-fixture.ts';

const rig = await plannerFixture();
after(() => rig.close());
const QUARTERS = 2 * 96 + 8;
await rig.live(QUARTERS);
const at = (quarters: number): string => new Date(START + quarters * QUARTER_MS).toISOString();
const url = `/v1/scorecards?target=substation:owd&start=${at(0)}&end=${at(QUARTERS)}`;

interface Row {
  readonly model: string;
  readonly leadTime: string;
  readonly n: number;
  readonly maeKw: number;
  readonly skill: { readonly bestNaive: number } | null;
}

test('issued forecasts are scored by lead time beside naive baselines, matching a plain sum', async () => {
  const { items } = (await rig.get(url)).json<{ items: Row[] }>();
  const of = (model: string, leadTime: string): Row =>
    items.find((row) => row.model === model && row.leadTime === leadTime)!;
  const actual = (time: number): number => loadAt('owd-01/transformer', time);

  const naive = of('baseline:seasonalNaive24', 'PT24H');
  const errors = Array.from({ length: naive.n }, (_, i) => START + i * QUARTER_MS).map((time) =>
    Math.abs(actual(time - 86_400_000) - actual(time)),
  );
  assert.equal(naive.n, QUARTERS);
  assert.ok(Math.abs(naive.maeKw - errors.reduce((sum, error) => sum + error, 0) / errors.length) < 1e-3);

  const own = of('same-hour-mean', 'PT1H');
  const { items: vintages } = (
    await rig.get(`/v1/forecasts?target=substation:owd&start=${at(0)}&end=${at(QUARTERS)}&quantiles=0.5&limit=1000`)
  ).json<{ items: { start: string; quantile_P50: number }[] }>();
  const mae =
    vintages.reduce((sum, row) => sum + Math.abs(row.quantile_P50 - actual(Date.parse(row.start))), 0) /
    vintages.length;
  assert.equal(own.n, vintages.length);
  assert.ok(Math.abs(own.maeKw - mae) < 1e-3, `${own.maeKw} ${mae}`);
  assert.ok(own.skill !== null && own.skill.bestNaive < 1);
  // Lead times above 24 h exist from the second day on alone.
  assert.ok(of('same-hour-mean', 'PT48H').n < own.n - 90);
});

test('scores one lead-time class; an empty or overlong span is refused; rights are checked', async () => {
  const one = (await rig.get(`${url}&leadTime=PT6H`)).json<{ items: Row[] }>().items;
  assert.deepEqual([...new Set(one.map(({ leadTime }) => leadTime))], ['PT6H']);
  const ask = (query: string) => rig.get(`/v1/scorecards?target=substation:owd&${query}`);
  assert.equal((await ask(`start=${at(4)}&end=${at(4)}`)).statusCode, 422);
  assert.equal((await ask(`start=2020-01-01T00:00:00Z&end=${at(4)}`)).statusCode, 413);
  const foreign = await rig.ask('GET', url.replace('owd', 'whf'), { token: PART_TOKEN });
  assert.equal(foreign.statusCode, 403);
});
