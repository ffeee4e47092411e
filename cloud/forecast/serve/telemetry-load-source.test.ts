import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { meteredRegion, plannerFixture } from '../../api/testing/planner-fixture.ts';
import type { RegionSubstation } from '../../../shared/contracts/region.ts';
import { unwrap } from '../../../shared/outcome/outcome.ts';
import { targetsOf } from './telemetry-load-source.ts';

const headsOnly = ({ meters, ...rest }: RegionSubstation): RegionSubstation => ({
  ...rest,
  meters: meters.filter(({ kind }) => kind !== 'transformer'),
});

test('a substation with a meter at each feeder head alone has models: the sum of its heads is its load', async () => {
  const region = { ...meteredRegion(), substations: meteredRegion().substations.map(headsOnly) };
  const rig = await plannerFixture({ region });
  after(() => rig.close());
  await rig.forecasts.train(['substation:owd']);
  const forecast = unwrap(await rig.forecasts.issue('substation:owd'));
  assert.equal(forecast.fallback ?? null, null);
  const [owd] = region.substations;
  const [feeder] = owd!.network.feeders;
  const more = { ...owd!, network: { ...owd!.network, feeders: [feeder!, { ...feeder!, id: 'owd-9' }] } };
  const part = await plannerFixture({ region: { ...region, substations: [more] } });
  after(() => part.close());
  const { fallback } = unwrap(await part.forecasts.issue('substation:owd'));
  assert.match(fallback?.reason ?? '', /no meter measures the whole/);
  assert.ok(targetsOf(region).every(({ isRest }) => isRest !== true));
});
