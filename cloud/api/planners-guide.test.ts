import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { plannerFixture } from './testing/planner-fixture.ts';

const rig = await plannerFixture();
after(() => rig.close());
await rig.live(4);

test("every URL in the planners' guide answers", async () => {
  const guide = readFileSync(new URL('./PLANNERS.md', import.meta.url), 'utf8');
  const addresses = [...guide.matchAll(/(?:\{base\}|http:\/\/localhost:8080)(\/v1\/[^"\s]+)/g)].map(
    ([, path]) => path!,
  );
  assert.ok(addresses.length >= 5);
  for (const path of addresses) assert.equal((await rig.get(path)).statusCode, 200, path);
});
