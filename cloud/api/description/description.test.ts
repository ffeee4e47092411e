import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { START } from '../testing/api-fixture.ts';
import { plannerFixture, QUARTER_MS } from '../testing/planner-fixture.ts';

interface Operation {
  readonly operationId?: string;
  readonly description?: string;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: object }>> }>>;
  readonly 'x-right'?: string;
}

const rig = await plannerFixture();
after(() => rig.close());
await rig.live(4);
const document = (await rig.get('/openapi.json')).json<{
  paths: Record<string, Record<string, Operation>>;
}>();
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

test('every operation has a unique id, a description, a right and its answers', () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  assert.equal(new Set(ids).size, operations.length);
  for (const { path, method, operation } of operations) {
    const at = `${method} ${path}`;
    assert.ok(operation.operationId && operation.description && operation['x-right'], at);
    const good = Object.entries(operation.responses).filter(([status]) => /^[23]/.test(status));
    assert.ok(
      good.some(([status, { content }]) => ['204', '302'].includes(status) || content !== undefined),
      at,
    );
    for (const status of ['401', '429', '4XX', '500']) assert.ok(operation.responses[status] !== undefined, at);
  }
});

const at = (quarters: number): string => new Date(START + quarters * QUARTER_MS).toISOString();
/** Parameters that routes need for an answer. */
const FILLED: Readonly<Record<string, string>> = { id: 'owd', collection: 'substations' };
const QUERY: Readonly<Record<string, string>> = {
  '/v1/forecasts': `target=substation:owd&start=${at(4)}&end=${at(5)}`,
  '/v1/measurements': `target=substation:owd&start=${at(-4)}&end=${at(0)}`,
  '/v1/scorecards': `target=substation:owd&start=${at(0)}&end=${at(4)}`,
  '/v1/weather': `location=52,5&start=${at(0)}&end=${at(4)}`,
};
const UNASKED = ['/v1/stream'];

/** The fixture checks each answer against its description. */
test('every kind of read is answered, as described', async () => {
  const fitted: string[] = [];
  for (const { path, method } of operations) {
    if (method !== 'get' || UNASKED.includes(path)) continue;
    const url = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
      path.startsWith('/v1/feeders') || path.includes('view/feeders')
        ? 'owd-1'
        : path.startsWith('/v1/regions')
          ? 'north'
          : path.startsWith('/v1/gateways')
            ? 'owd-01'
            : (FILLED[name] ?? 'nothing'),
    );
    const answer = await rig.get(`${url}?${QUERY[path] ?? ''}`);
    if (answer.statusCode === 200) fitted.push(path);
  }
  assert.ok(fitted.length >= 35, `${fitted.length}: ${fitted.join(' ')}`);
});
