import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { areaOf, areaText, liesIn } from './map-area.ts';

test('the box in the address contains all places it was made from', () => {
  const place = fc.record({
    longitude: fc.double({ min: -180, max: 180, noNaN: true }),
    latitude: fc.double({ min: -90, max: 90, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(place, { minLength: 1, maxLength: 20 }), (places) => {
      const area = areaOf(areaText(places))!;
      assert.ok(places.every((each) => liesIn(area, each)));
    }),
  );
});

test('an address without a valid box gives no area', () => {
  for (const text of ['', '1,2,3', '1,2,3,4,5', '1,,3,4', '4,2,3,4', 'a,b,c,d', '1,2,NaN,4'])
    assert.equal(areaOf(text), undefined, text);
  assert.deepEqual(areaOf('1,2,3,4'), { west: 1, south: 2, east: 3, north: 4 });
});
