import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { readParquet } from '../tables/read-parquet.ts';
import { plannerFixture } from './testing/planner-fixture.ts';

const rig = await plannerFixture();
after(() => rig.close());
await rig.live(4);

/** Rows of a table, items of a list, features of a layer, or steps of a forecast; undefined for anything else. */
async function rowsOf({ headers, rawPayload, body }: Awaited<ReturnType<typeof rig.get>>): Promise<number | undefined> {
  const type = String(headers['content-type']);
  if (type.includes('parquet')) return (await readParquet(rawPayload)).count;
  if (type.startsWith('text/csv')) return body.trimEnd().split('\r\n').length - 1;
  const { items, features } = JSON.parse(body) as { items?: unknown[]; features?: unknown[] };
  return (items ?? features)?.length;
}

test("every URL in the planners' guide answers, and every table, list and layer has rows", async () => {
  const guide = readFileSync(new URL('./PLANNERS.md', import.meta.url), 'utf8');
  const addresses = [...guide.matchAll(/(?:\{base\}|http:\/\/localhost:8080)(\/v1\/[^"\s]+)/g)].map(
    ([, path]) => path!,
  );
  assert.ok(addresses.length >= 5);
  const rows = new Map<string, number>();
  for (const path of addresses) {
    const answer = await rig.get(path);
    assert.equal(answer.statusCode, 200, path);
    const count = await rowsOf(answer);
    if (count !== undefined) rows.set(path, count);
  }
  assert.deepEqual(
    [...rows].filter(([, count]) => count === 0),
    [],
  );
  // Among them those for a spreadsheet and for QGIS; the landing page of the layers has no rows.
  assert.equal([...rows.keys()].filter((path) => path.includes('excel=true')).length, 2);
  assert.ok([...rows.keys()].some((path) => path.startsWith('/v1/ogc/collections/')));
  assert.ok(rows.size >= addresses.length - 1, [...rows.keys()].join('\n'));
});
