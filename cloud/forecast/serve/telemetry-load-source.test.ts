import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { meteredRegion, plannerFixture } from '../../api/testing/planner-fixture.ts';
import type { RegionSubstation } from '../../../shared/contracts/region.ts';
import { unwrap } from '../../../shared/outcome/outcome.ts';
import type { MeterFinding } from '../../estimate/state.ts';
import type { TelemetryStore } from '../../telemetry/store.ts';
import { targetsOf, TelemetryLoadSource } from './telemetry-load-source.ts';

const headsOnly = ({ meters, ...rest }: RegionSubstation): RegionSubstation => ({
  ...rest,
  meters: meters.filter(({ kind }) => kind !== 'transformer'),
});

/** The load of a substation alone, with these uploaded values, kW. */
const uploaded = (
  kw: readonly (number | null)[],
  { substation, means }: { readonly substation: RegionSubstation; readonly means: TelemetryStore['means'] },
): TelemetryLoadSource =>
  new TelemetryLoadSource({
    region: { ...meteredRegion(), substations: [substation] },
    store: { means } as TelemetryStore,
    findings: () => [],
    uploads: { revision: 0, span: async () => ({}), intervals: async () => kw.map((mean) => ({ mean })) },
  });

test('a substation with meters only at its feeder heads is forecast as the sum of its heads', async () => {
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

test('an upload fills the gaps of a sum of heads, and none of what they measured', async () => {
  const [owd] = meteredRegion().substations;
  const [head] = headsOnly(owd!).meters;
  const [feeder] = owd!.network.feeders;
  const two: RegionSubstation = {
    ...headsOnly(owd!),
    network: { ...owd!.network, feeders: [feeder!, { ...feeder!, id: 'owd-2' }] },
    meters: [head!, { ...head!, device: 'feeder-2', feeder: 'owd-2' }],
  };
  const kw: Readonly<Record<string, number[]>> = {
    'feeder-1': [Number.NaN, 100, 110, 120],
    'feeder-2': [Number.NaN, Number.NaN, 210, 220],
  };
  const means: TelemetryStore['means'] = async ({ series }) =>
    series.map(({ device }) => Float64Array.from(kw[device]!));
  const source = uploaded([290, 305, 1, null], { substation: two, means });
  const { values } = await source.intervals({ target: 'substation:owd', start: 0, end: 3_600_000, resolutionS: 900 });
  assert.deepEqual(Array.from(values as Float64Array), [290, 305, 320, 340]);
});

test('what is commanded is taken off an upload too, where no meter of ours measures', async () => {
  const [owd] = meteredRegion().substations;
  const battery = { id: 'bat', type: 'battery', bus: 'b', ratedKva: 500, feeder: owd!.network.feeders[0]!.id };
  const devices = [battery] as unknown as RegionSubstation['devices'];
  const means: TelemetryStore['means'] = async ({ series }) => series.map(() => Float64Array.of(-300, -300, 0, 200));
  const source = uploaded([1000, 1010, 1020, null], { substation: { ...owd!, devices, meters: [] }, means });
  for (const target of ['substation:owd', 'feeder:owd-1']) {
    const { values } = await source.intervals({ target, start: 0, end: 3_600_000, resolutionS: 900 });
    assert.deepEqual(Array.from(values as Float64Array), [1300, 1310, 1020, Number.NaN]);
  }
});

test('the sum of the heads leaves out a device at the busbar, and turns a reversed head', async () => {
  const [owd] = meteredRegion().substations;
  const device = { type: 'battery', bus: 'b', ratedKva: 500 } as const;
  const devices = [
    { ...device, id: 'behind', feeder: owd!.network.feeders[0]!.id },
    { ...device, id: 'beside', feeder: owd!.id },
  ] as unknown as RegionSubstation['devices'];
  const region = { ...meteredRegion(), substations: [headsOnly({ ...owd!, devices })] };
  const kw: Readonly<Record<string, number>> = { 'feeder-1': 1000, behind: 100, beside: 300 };
  const means: TelemetryStore['means'] = async ({ series }) =>
    series.map((each) =>
      Float64Array.from({ length: 4 }, (_, step) => kw[each.device]! + step * (each.device === 'feeder-1' ? 1 : 0)),
    );
  const loadWith = async (...findings: MeterFinding[]): Promise<number[]> => {
    const source = new TelemetryLoadSource({ region, store: { means } as TelemetryStore, findings: () => findings });
    const { values } = await source.intervals({ target: 'substation:owd', start: 0, end: 3_600_000, resolutionS: 900 });
    return Array.from(values as Float64Array);
  };
  assert.deepEqual(await loadWith(), [900, 901, 902, 903]);
  const reversed = { device: 'feeder-1', finding: 'reversed', since: 0, text: '' } as const;
  assert.deepEqual(await loadWith(reversed), [-1100, -1101, -1102, -1103]);
});
