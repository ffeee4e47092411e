import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { ALIVE, buildApi } from './app.ts';
import { probabilityAbove } from './forecasts/shape.ts';
import { fixtureDeps, smallForecast, TOKEN, shownEvent } from './testing/api-fixture.ts';

const deps = fixtureDeps();
const { app } = await buildApi(deps);
after(() => app.close());

const headers = { host: 'localhost:8080' };
const get = (url: string, more: Record<string, string> = {}) => app.inject({ url, headers: { ...headers, ...more } });

test('lists carry items and a cursor to the next page', async () => {
  const first = (await get('/v1/substations?limit=1')).json();
  assert.deepEqual(
    first.items.map(({ id }: { id: string }) => id),
    ['owd'],
  );
  assert.equal(first.nextCursor, 'owd');
  const second = (await get('/v1/substations?limit=1&cursor=owd')).json();
  assert.deepEqual(
    second.items.map(({ id }: { id: string }) => id),
    ['whf'],
  );
  assert.equal(second.nextCursor, null);
  assert.equal((await get('/v1/substations?bbox=4,52.9,6,54')).json().items.length, 1);
  assert.deepEqual((await get('/v1/feeders/whf-1')).json().limits, { importKw: 4000, exportKw: 4000 });
});

test('the newest forecast has named quantiles, its sign convention, its limits and an ETag', async () => {
  const answer = await get('/v1/substations/owd/forecast?quantiles=0.1,0.5&resolution=PT1H&unit=MW');
  const forecast = answer.json();
  assert.equal(answer.statusCode, 200);
  assert.deepEqual(forecast.values, { quantile_P10: [0.915, 0.955], quantile_P50: [1.015, 1.055] });
  assert.equal(forecast.signConvention, 'consumption-positive');
  assert.equal(forecast.resolution, 'PT1H');
  assert.equal(forecast.start, '2021-09-25T00:00:00Z');
  const again = await get('/v1/substations/owd/forecast?quantiles=0.1,0.5&resolution=PT1H&unit=MW', {
    'if-none-match': String(answer.headers['etag']),
  });
  assert.equal(again.statusCode, 304);
});

test('CSV has a header, one row per step, and quantile columns of the same name', async () => {
  const csv = (await get('/v1/substations/owd/forecast?quantiles=0.5&format=csv')).body.trim().split('\r\n');
  assert.equal(csv[0], 'target,start,issuedAt,quantile_P50,weather');
  assert.equal(csv.length, 9);
  assert.equal(csv[1], 'substation:owd,2021-09-25T00:00:00Z,2021-09-25T00:00:00Z,1000,none');
});

test('measurements: missing is null, never zero', async () => {
  const { items } = (
    await get('/v1/measurements?target=substation:owd&start=2021-09-25T02:00:00%2B02:00&end=2021-09-25T00:45:00Z')
  ).json();
  assert.deepEqual(items[0].values, [500, null, 502]);
  assert.deepEqual(items[0].quality, ['good', 'bad', 'good']);
  assert.equal(items[0].start, '2021-09-25T00:00:00Z');
});

test('/livez answers 503 once the main thread has been blocked for more than a minute', async () => {
  const clock = new VirtualClock(0);
  let beatAt = 0;
  const beaten = await buildApi({ ...deps, clock, mainThreadAt: () => beatAt });
  const alive = async () => {
    const { statusCode, body } = await beaten.app.inject({ url: ALIVE, headers });
    return [statusCode, body];
  };
  await clock.advance(60_000);
  assert.deepEqual(await alive(), [200, '{"alive":true}']);
  await clock.advance(1_000);
  assert.deepEqual(await alive(), [503, '{"alive":false}']);
  beatAt = clock.machine.elapsed();
  assert.deepEqual(await alive(), [200, '{"alive":true}']);
  await beaten.app.close();
});

test('an internal error is logged in full and answered without details', async () => {
  const bugs: unknown[] = [];
  const bug = new TypeError('a secret of the stack');
  const broken = await buildApi({
    ...deps,
    newestForecast: () => {
      throw bug;
    },
    onBug: (error) => bugs.push(error),
  });
  const answer = await broken.app.inject({ url: '/v1/substations/owd/forecast', headers });
  const refused = await broken.app.inject({ url: '/v1/substations/none/forecast', headers });
  await broken.app.close();
  assert.deepEqual([answer.statusCode, answer.json().code, refused.statusCode], [500, 'LS-API-010', 404]);
  assert.ok(!answer.body.includes('secret'));
  assert.deepEqual(bugs, [bug]);
});

test('errors are problems with a code, a pointer and a remedy', async () => {
  const cases: [string, number, string][] = [
    ['/v1/substations/nowhere', 404, 'LS-API-004'],
    ['/v1/substations/owd/forecast?quantiles=0.33', 422, 'LS-API-007'],
    ['/v1/substations/owd/forecast?resolution=PT5M', 400, 'LS-API-001'],
    ['/v1/substations/whf/forecast', 404, 'LS-FORECAST-002'],
    ['/v1/measurements?target=substation:owd&start=yesterday&end=2021-09-25T00:45:00Z', 400, 'LS-API-001'],
    ['/v1/measurements?target=substation:owd&start=2021-09-25T00:45:00Z&end=2021-09-25T00:45:00Z', 422, 'LS-API-007'],
    ['/v1/measurements?target=substation:owd&start=1980-09-25T00:45:00Z&end=2021-09-25T00:45:00Z', 413, 'LS-API-006'],
    ['/v1/measurements?target=substation:x&start=2021-09-25T00:00:00Z&end=2021-09-25T01:00:00Z', 404, 'LS-API-004'],
    ['/v1/feeders/owd-1/plan', 404, 'LS-API-004'],
    ['/v1/view/feeders/owd-1', 503, 'LS-API-009'],
    ['/v1/nothing', 404, 'LS-API-004'],
  ];
  for (const [url, status, code] of cases) {
    const answer = await get(url);
    assert.equal(answer.statusCode, status, url);
    assert.match(String(answer.headers['content-type']), /application\/problem\+json/, url);
    assert.equal(answer.json().code, code, url);
    assert.ok(answer.json().remedy.length > 0, url);
  }
});

test('a write needs the token, a loopback read does not; a foreign host or origin is rejected', async () => {
  const spike = (more: Record<string, string>) =>
    app.inject({
      method: 'POST',
      url: '/v1/simulation/events',
      headers: { ...headers, ...more },
      payload: { kind: 'spike', feeder: 'owd-1', percent: 30, durationS: 300 },
    });
  assert.equal((await spike({})).json().code, 'LS-API-002');
  assert.equal((await spike({ authorization: 'Bearer wrong' })).json().code, 'LS-API-002');
  assert.equal((await spike({ authorization: `Bearer ${TOKEN}` })).statusCode, 202);
  assert.equal(
    (await spike({ authorization: `Bearer ${TOKEN}`, origin: 'http://evil.example' })).json().code,
    'LS-API-003',
  );
  assert.equal((await get('/v1/substations', { host: 'rebound.example' })).json().code, 'LS-API-003');
  const remote = await app.inject({ url: '/v1/substations', headers, remoteAddress: '10.1.2.3' });
  assert.equal(remote.json().code, 'LS-API-002');
});

test('OpenAPI 3.1 lists every route with its problem answers', async () => {
  const document = (await get('/openapi.json')).json();
  assert.equal(document.openapi, '3.1.0');
  for (const path of [
    '/v1/substations',
    '/v1/feeders/{id}/forecast',
    '/v1/measurements',
    '/v1/feeders/{id}/plan',
    '/v1/gateways',
  ]) {
    assert.ok(document.paths[path], path);
    assert.ok(document.paths[path].get.responses['4XX'], path);
  }
  assert.equal((await get('/api/')).statusCode, 200);
});

const FILE_TYPES = ['text/csv', 'application/vnd.apache.parquet'];

test('OpenAPI lists non-JSON answers too', async () => {
  const { paths } = (await get('/openapi.json')).json<{ paths: Record<string, Record<string, Operation>> }>();
  const typesOf = (path: string): string[] => Object.keys(paths[path]!['get']!.responses['200']!.content!);
  for (const path of [
    '/v1/forecasts',
    '/v1/forecasts/{id}',
    '/v1/measurements',
    '/v1/scorecards',
    '/v1/feeders/{id}/forecast',
  ])
    assert.deepEqual(typesOf(path), ['application/json', ...FILE_TYPES], path);
  assert.deepEqual(typesOf('/v1/substations'), ['application/json', 'application/geo+json']);
  assert.deepEqual(typesOf('/v1/exports/{id}').toSorted(), FILE_TYPES.toSorted());
  assert.deepEqual(typesOf('/v1/backtests/{id}/predictions'), ['application/vnd.apache.parquet']);
});

interface ShownSchema {
  readonly anyOf?: readonly ShownSchema[];
  readonly $ref?: string;
  readonly examples?: readonly unknown[];
  readonly properties?: { readonly items?: { readonly items?: ShownSchema } };
}
interface Content {
  readonly schema: ShownSchema;
  readonly example?: unknown;
  readonly examples?: unknown;
}
interface Operation {
  readonly operationId?: string;
  readonly tags: readonly string[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Content>> }>>;
}

const OF_OPERATORS = ['operation', 'simulation', 'desk', 'alarms', 'access'];

test('every planner route documents an example answer, and an example body if it takes one', async () => {
  const { paths, components } = (await get('/openapi.json')).json<{
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, ShownSchema> };
  }>();
  const isShown = ({ schema, example, examples }: Content): boolean => {
    if (schema.anyOf !== undefined) return schema.anyOf.every((each) => isShown({ schema: each }));
    const named = components.schemas[schema.$ref?.split('/').at(-1) ?? ''];
    if ([example, examples, schema.examples, named?.examples].some((each) => each !== undefined)) return true;
    const item = schema.properties?.items?.items;
    return item !== undefined && isShown({ schema: item });
  };
  const operations = Object.values(paths)
    .flatMap((each) => Object.values(each))
    .filter(({ tags }) => !tags.some((tag) => OF_OPERATORS.includes(tag)));
  assert.ok(operations.length >= 15);
  for (const { operationId, requestBody, responses } of operations) {
    const good = Object.entries(responses).filter(([status]) => status.startsWith('2'));
    assert.ok(good.length > 0, `answers of ${operationId}`);
    for (const [, { content }] of good)
      // A file has the fields of the corresponding JSON, or of the job that wrote it, as columns.
      if (content !== undefined && !Object.keys(content).every((type) => FILE_TYPES.includes(type)))
        assert.ok(
          isShown((content['application/json'] ?? content['application/geo+json'])!),
          `answer of ${operationId}`,
        );
    if (requestBody !== undefined)
      assert.ok(isShown(requestBody.content['application/json']!), `body of ${operationId}`);
  }
});

test('garbage in any parameter gives no 5xx', async () => {
  const garbage = [
    '%00',
    '../../etc/passwd',
    '__proto__',
    'NaN',
    '-1',
    '1e308',
    "';drop table x;--",
    'a'.repeat(3000),
    '{"a":1}',
    '%F0%9F%98%80',
  ];
  const urls = (text: string): string[] => [
    `/v1/substations/${encodeURIComponent(text)}`,
    `/v1/substations?limit=${text}&cursor=${text}&q=${text}&bbox=${text}`,
    `/v1/substations/owd/forecast?horizon=${text}`,
    `/v1/substations/owd/forecast?quantiles=${text}&unit=${text}`,
    `/v1/measurements?target=${text}&start=2021-09-25T00:00:00Z&end=2021-09-25T01:00:00Z`,
    `/v1/measurements?target=substation:owd&start=${text}&end=${text}`,
    `/v1/events?limit=${text}&cursor=${text}&severity=${text}`,
  ];
  for (const text of garbage) {
    for (const url of urls(text)) {
      const { statusCode } = await get(url);
      assert.ok(statusCode < 500, `${statusCode} ${url.slice(0, 120)}`);
    }
  }
});

test('the probability of exceeding a limit is interpolated from the quantiles', () => {
  const { quantiles } = smallForecast();
  const cases: [number[], number, 1 | -1, number][] = [
    [[0, 50, 100], 200, 1, 0],
    [[0, 50, 100], 75, 1, 0.3],
    [[0, 50, 100], 10, -1, 0],
    [[-100, -50, 0], 75, -1, 0.3],
  ];
  for (const [values, limit, sign, expected] of cases)
    assert.equal(probabilityAbove(quantiles, values, { limit, sign }), expected);
});

test('the stream separates views, notices and heartbeats', async () => {
  const live = await buildApi(deps);
  live.stream.start();
  await live.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = live.app.server.address() as { port: number };
  const response = await fetch(`http://127.0.0.1:${port}/v1/stream?topics=region,event`);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let seen = '';
  const until = async (text: string): Promise<void> => {
    while (!seen.includes(text)) seen += (await reader.read()).value ?? '';
  };
  await until('event: region');
  assert.match(seen, /event: heartbeat/);
  deps.notify({ kind: 'event', data: shownEvent(7) });
  await until('event: event\ndata: {"id":7,');
  live.stream.stop();
  await live.app.close();
});
