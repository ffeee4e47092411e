import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as fc from 'fast-check';
import { TOKEN } from './testing/api-fixture.ts';
import { plannerFixture } from './testing/planner-fixture.ts';
import { type Schema, valuesOf } from './testing/schema-arbitrary.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}
interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

const rig = await plannerFixture();
after(() => rig.close());
await rig.live(4);
const document = (await rig.get('/openapi.json')).json<{
  paths: Record<string, Record<string, Operation>>;
}>();
/** Streams never end. */
const STREAMS = ['/v1/stream'];
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  STREAMS.includes(path) ? [] : Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);
/** Routes that depend on a missing part answer 503 with this code. */
const NOT_READY = ['LS-API-009'];

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

for (const { path, method, operation } of operations) {
  test(`no input to ${method.toUpperCase()} ${path} gives a 5xx`, async () => {
    const parameters = operation.parameters ?? [];
    const values = fc.record(Object.fromEntries(parameters.map(({ name, schema }) => [name, valuesOf(schema)])), {
      requiredKeys: parameters
        .filter(({ in: place, required }) => place === 'path' || required)
        .map(({ name }) => name),
    });
    const schema = operation.requestBody?.content['application/json']?.schema;
    const body = schema === undefined ? fc.constant(undefined) : valuesOf(schema);
    await fc.assert(
      fc.asyncProperty(values, body, async (chosen: Readonly<Record<string, unknown>>, payload) => {
        const query = new URLSearchParams();
        let url = path;
        for (const { name, in: place } of parameters) {
          if (chosen[name] === undefined) continue;
          if (place === 'path') url = url.replace(`{${name}}`, encodeURIComponent(text(chosen[name])));
          if (place === 'query') query.set(name, text(chosen[name]));
        }
        const answer = await rig.app.inject({
          method: method.toUpperCase() as 'GET',
          url: `${url}?${query.toString()}`,
          headers: {
            host: 'localhost:8080',
            authorization: `Bearer ${TOKEN}`,
            ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
        });
        const { statusCode } = answer;
        if (statusCode < 400) return;
        assert.match(String(answer.headers['content-type']), /application\/problem\+json/);
        const { code } = answer.json();
        assert.ok(
          statusCode < 500 || NOT_READY.includes(code),
          `${statusCode} ${code}: ${url}?${query.toString()} ${JSON.stringify(payload)}`,
        );
      }),
      { numRuns: 60 },
    );
  });
}

test('the walk covers every kind of route', () => {
  assert.ok(operations.length >= 20, `${operations.length} operations`);
  assert.ok(operations.some(({ method }) => method === 'post') && operations.some(({ method }) => method === 'delete'));
});
