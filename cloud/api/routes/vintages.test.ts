import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { parquetReadObjects } from 'hyparquet';
import { START } from '../testing/api-fixture.ts';
import { PART_TOKEN, plannerFixture, QUARTER_MS } from '../testing/planner-fixture.ts';

const rig = await plannerFixture();
after(() => rig.close());
await rig.live(12);
const at = (quarters: number): string => new Date(START + quarters * QUARTER_MS).toISOString();
const list = (query: string) => `/v1/forecasts?target=substation:owd&${query}`;

test('each step has the newest vintage issued in time; an earlier asOf answers as it did then', async () => {
  const query = `start=${at(8)}&end=${at(12)}&leadTime=PT1H&quantiles=0.5`;
  const { items } = (await rig.get(list(query))).json();
  assert.equal(items.length, 4);
  for (const [step, row] of items.entries()) {
    assert.equal(row.leadTimeS, 3600);
    assert.equal(Date.parse(row.start), START + (8 + step) * QUARTER_MS);
    assert.equal(row.isFallback, true);
    assert.equal(typeof row.quantile_P50, 'number');
  }
  const past = await rig.get(list(`${query}&issuedBefore=${at(4)}`));
  await rig.live(2);
  const again = await rig.get(list(`${query}&asOf=${at(4)}`));
  assert.deepEqual(again.json(), past.json());
  assert.deepEqual(
    again.json().items.map((row: { issuedAt: string }) => Date.parse(row.issuedAt)),
    Array.from({ length: 4 }, () => START + 4 * QUARTER_MS),
  );
});

test('availableAt uses the local day of each step', async () => {
  const next = (
    await rig.get(list(`start=${at(24)}&end=${at(184)}&availableAt=D-1T0300[Europe/Amsterdam]&limit=1000`))
  ).json();
  const days = new Set(next.items.map((row: { issuedAt: string }) => row.issuedAt));
  // 03:00 in Amsterdam is 01:00 UTC. The local day that starts at 22:00 UTC is the first with a forecast issued by then on its eve.
  assert.deepEqual([...days], ['2021-09-25T01:00:00Z']);
  assert.equal(next.items[0].start, '2021-09-25T22:00:00Z');
});

test('pages stay stable while new vintages arrive', async () => {
  const query = `start=${at(2)}&end=${at(12)}&vintages=all&quantiles=0.5`;
  const whole = (await rig.get(list(`${query}&limit=1000`))).json().items;
  const pages = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const more: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const { items, nextCursor } = (await rig.get(list(`${query}&limit=7${more}`))).json();
    pages.push(...items);
    cursor = nextCursor;
    await rig.live(1);
  }
  assert.ok(whole.length > 30);
  assert.deepEqual(pages, whole);
});

test('a vintage by id is immutable: 304 when already fetched', async () => {
  const [row] = (await rig.get(list(`start=${at(8)}&end=${at(9)}&quantiles=0.5`))).json().items;
  const answer = await rig.get(`/v1/forecasts/${row.forecastId}?resolution=PT1H&quantiles=0.5&horizon=PT4H`);
  assert.match(String(answer.headers['cache-control']), /immutable/);
  assert.equal(answer.json().values.quantile_P50.length, 4);
  assert.equal(answer.json().kind, 'issued');
  const etag = String(answer.headers['etag']);
  const again = await rig.get(`/v1/forecasts/${row.forecastId}?resolution=PT1H&quantiles=0.5&horizon=PT4H`, {
    'if-none-match': `"other", W/${etag}`,
  });
  assert.equal(again.statusCode, 304);
  assert.equal(again.body, '');
});

test('a horizon beyond the end of a forecast is a warning, and shows what there is', async () => {
  const ask = async (url: string) => (await rig.get(url)).json<{ id: string; values: object; warnings: string[] }>();
  const whole = await ask('/v1/substations/owd/forecast?quantiles=0.5&horizon=PT48H');
  assert.deepEqual(
    whole.warnings.filter((text) => text.startsWith('horizon')),
    [],
  );
  const end = new Date(rig.forecasts.newest('substation:owd')!.start + 48 * 3_600_000)
    .toISOString()
    .replace('.000', '');
  for (const [horizon, url] of [
    ['P3D', '/v1/substations/owd/forecast'],
    ['PT49H', `/v1/forecasts/${whole.id}`],
  ]) {
    const longer = await ask(`${url}?quantiles=0.5&horizon=${horizon}`);
    assert.deepEqual(longer.values, whole.values);
    assert.equal(longer.warnings.at(-1), `horizon: ${horizon} reaches beyond the end of the forecast at ${end}`);
  }
  assert.equal((await rig.get('/v1/substations/owd/forecast?horizon=P99999999999999D')).statusCode, 200);
  // From half past one on, 48 h hold 47 hours that start on the hour.
  const heads = await rig.vintages.heads({
    target: 'substation:owd',
    kind: 'issued',
    from: START,
    to: START + 7 * QUARTER_MS,
  });
  const odd = heads.find((head) => head.start === START + 6 * QUARTER_MS)!;
  for (const [horizon, count] of [
    ['PT47H', 0],
    ['PT48H', 1],
  ] as const) {
    const hourly = await ask(`/v1/forecasts/${odd.id}?quantiles=0.5&resolution=PT1H&horizon=${horizon}`);
    assert.equal(Object.values(hourly.values)[0].length, 47);
    assert.equal(hourly.warnings.filter((text) => text.startsWith(`horizon: ${horizon} reaches beyond`)).length, count);
  }
});

test('the same rows come as CSV for a spreadsheet and as Parquet', async () => {
  const query = `start=${at(8)}&end=${at(10)}&quantiles=0.1,0.5`;
  const { items } = (await rig.get(list(query))).json();
  const csv = (await rig.get(list(`${query}&format=csv&excel=true&timezone=Europe/Amsterdam`))).body.split('\r\n');
  assert.equal(
    csv[0],
    '\uFEFFtarget,start,startLocal,fold,issuedAt,forecastId,leadTimeS,quantile_P10,quantile_P50,isFallback,mean,weather',
  );
  assert.match(csv[1]!, /^substation:owd,2021-09-25T02:00:00Z,2021-09-25 04:00:00,0,/);
  const parquet = await rig.get(list(query), { accept: 'application/vnd.apache.parquet' });
  const file = new Uint8Array(parquet.rawPayload).buffer;
  const rows = await parquetReadObjects({ file });
  assert.deepEqual(
    rows.map(({ start, issuedAt, ...row }) => ({
      ...row,
      start: start.toISOString().replace('.000Z', 'Z'),
      issuedAt: issuedAt.toISOString().replace('.000Z', 'Z'),
    })),
    items,
  );
});

test('a reader of one part reads that part: every target is checked, lists are filtered', async () => {
  const as = (url: string) => rig.ask('GET', url, { token: PART_TOKEN });
  const span = `start=${at(8)}&end=${at(9)}`;
  const own = (await as(`/v1/forecasts?target=substation:*&${span}`)).json().items;
  assert.deepEqual([...new Set(own.map((row: { target: string }) => row.target))], ['substation:owd']);
  const cases: [string, number][] = [
    [`/v1/forecasts?target=feeder:owd-1&${span}`, 200],
    [`/v1/forecasts?target=substation:whf&${span}`, 403],
    [`/v1/forecasts?target=substation:owd,feeder:whf-1&${span}`, 403],
    ['/v1/substations/owd/forecast', 200],
    ['/v1/substations/whf/forecast', 403],
    ['/v1/regions/north/forecast', 403],
    [`/v1/measurements?target=substation:whf&${span}`, 403],
    ['/v1/view/region', 403],
    ['/v1/substations/whf', 403],
  ];
  for (const [url, status] of cases) assert.equal((await as(url)).statusCode, status, url);
  assert.equal((await as('/v1/substations')).json().items.length, 1);
  const foreign = (await rig.get(`/v1/forecasts?target=substation:whf&${span}`)).json().items[0].forecastId;
  assert.equal((await as(`/v1/forecasts/${foreign}`)).statusCode, 404);
});

test('the rate limit is announced and enforced', async () => {
  const slow = await plannerFixture({ requestsPerSecond: 1 });
  const answers = [];
  for (let i = 0; i < 5; i++) answers.push(await slow.get('/v1/substations'));
  assert.deepEqual(
    answers.map(({ statusCode }) => statusCode),
    [200, 200, 200, 200, 429],
  );
  assert.equal(answers[0]!.headers['ratelimit-remaining'], '3');
  assert.equal(answers[4]!.json().code, 'LS-API-008');
  assert.equal(answers[4]!.headers['retry-after'], '1');
  await slow.clock.advance(1000);
  assert.equal((await slow.get('/v1/substations')).statusCode, 200);
  await slow.close();
});
