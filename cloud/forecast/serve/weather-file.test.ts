import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { smallRegion, START } from '../../api/testing/api-fixture.ts';
import { orNull } from '../../../shared/forecast/series.ts';
import { weatherOf } from './weather-file.ts';

const place = (ghi: (number | null)[]) => ({ start: START, stepS: 900, ghi, wind: [5, 6] });
const file = (places: Record<string, unknown>): string => JSON.stringify({ version: 1, places });
const query = { start: START, end: START + 2 * 900_000, resolutionS: 900 };

test('a substation and its feeders use their local weather, the region the mean; gaps stay gaps', async () => {
  const weather = weatherOf(file({ owd: place([100, null]), whf: place([300, 50]) }), 'weather.json', smallRegion());
  const ghi = async (target: string) => Array.from((await weather.intervals({ ...query, target }))!.ghi, orNull);
  assert.deepEqual(await ghi('substation:owd'), [100, null]);
  assert.deepEqual(await ghi('feeder:whf-1'), [300, 50]);
  assert.deepEqual(await ghi('region:north'), [200, 50]);
  assert.equal(await weather.intervals({ ...query, target: 'substation:nowhere' }), null);
  assert.equal((await weather.intervals({ ...query, target: 'substation:owd' }))?.hindcast, true);
});

test('an invalid file is refused by name', () => {
  for (const text of ['{', file({ owd: { start: START } })]) {
    assert.throws(
      () => weatherOf(text, 'weather.json', smallRegion()),
      (error) => error instanceof LoadstoneError && error.code.startsWith('LS-CONFIG'),
    );
  }
});
