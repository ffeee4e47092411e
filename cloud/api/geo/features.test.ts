import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boxAround, isWithin, type Geometry } from './features.ts';

test('a geometry of very many points has a bounding box; an empty one has none', () => {
  const line: Geometry = {
    type: 'LineString',
    coordinates: Array.from({ length: 200_000 }, (_, at) => [5 + at / 200_000, 52 - at / 400_000] as const),
  };
  const point: Geometry = { type: 'Point', coordinates: [4, 53] };
  const [west, south, east, north] = boxAround([line, null, point])!;
  assert.deepEqual([west, north], [4, 53]);
  assert.ok(east > 5.99 && east < 6 && south > 51.5 && south < 51.51);
  assert.ok(isWithin(line, [5.5, 51, 7, 53]) && !isWithin(line, [6, 51, 7, 53]));
  assert.equal(boxAround([null]), undefined);
});
