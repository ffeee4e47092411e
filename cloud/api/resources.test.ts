import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitsOf } from './forecasts/limits.ts';
import { feederResources } from './resources.ts';
import { smallRegion } from './testing/api-fixture.ts';

test('a feeder is listed with the limits that its forecast is compared with', () => {
  const region = smallRegion();
  const [owd, ...others] = region.substations;
  // The rating of its head is not known.
  const feeders = owd!.network.feeders.map((feeder) => ({ ...feeder, headBranch: 'unknown' }));
  const limits = { ...owd!.limits, importKw: 700, exportKw: 300 };
  const bare = { ...owd!, limits, network: { ...owd!.network, feeders } };
  for (const substation of [owd!, bare]) {
    const [feeder] = feederResources(substation, { substations: [] } as never);
    const { importKw, exportKw } = limitsOf({ ...region, substations: [substation, ...others] }, feeder!.target)!;
    assert.deepEqual(feeder!.limits, { importKw, exportKw });
  }
});
