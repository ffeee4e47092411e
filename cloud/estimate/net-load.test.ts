import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallRegion, START } from '../api/testing/api-fixture.ts';
import type { Interval, SeriesKey } from '../telemetry/store.ts';
import { NetLoad } from './net-load.ts';
import type { MeterFinding } from './state.ts';

const known: Record<string, (number | null)[]> = {
  'owd-01/transformer/activePowerKw': [100, null, -300],
  'owd-01/main/activePowerKw': [1, 2, 3],
  'owd-01/feeder-1/activePowerKw': [40, 50, 60],
  'whf-01/transformer/activePowerKw': [7, 7, 7],
};

const interval = (mean: number | null, step: number): Interval => ({
  start: START + step * 900_000,
  mean,
  min: mean,
  max: mean,
  coverage: mean === null ? 0 : 1,
  quality: mean === null ? 'bad' : 'good',
});

interface Given {
  /** Share of each interval with a mean that values cover; 1 by default. */
  readonly coverage?: number;
  readonly findings?: MeterFinding[];
  readonly sent?: (number | null)[];
  /** The transformer's meter; null: none. */
  readonly meter?: string | null;
}

function source({ coverage = 1, findings = [], sent, meter = 'transformer' }: Given = {}): NetLoad {
  const small = smallRegion();
  const region = {
    ...small,
    substations: small.substations.map((each) => ({
      ...each,
      meters: [
        ...(meter === null
          ? []
          : [{ device: meter, kind: 'transformer' as const, element: `${each.id}-t1`, errorPct: 0.25, intervalS: 1 }]),
        ...each.network.feeders.map(({ id, headBranch }, at) => ({
          device: `feeder-${at + 1}`,
          kind: 'feeder-head' as const,
          element: headBranch,
          feeder: id,
          errorPct: 0.25,
          intervalS: 1,
        })),
      ],
    })),
  };
  return new NetLoad({
    region,
    store: {
      intervals: async ({ series }) =>
        series.map(({ gateway, device: id, metric }: SeriesKey) =>
          (known[`${gateway}/${id}/${metric}`] ?? [null, null, null]).map((mean, step) => ({
            ...interval(mean, step),
            coverage: mean === null ? 0 : coverage,
          })),
        ),
    },
    findings: (substation) => (substation === 'owd' ? findings : []),
    ...(sent === undefined
      ? {}
      : {
          uploads: {
            intervals: async () => sent.map((mean, at) => ({ ...interval(mean, at), origin: 'measured' as const })),
          },
        }),
  });
}

const query = { start: START, end: START + 3 * 900_000, resolutionS: 900 };
const found = (finding: MeterFinding['finding'], device = 'transformer'): MeterFinding => ({
  device,
  finding,
  since: START,
  text: '',
});
const means = (series: readonly { mean: number | null }[] | undefined) => series?.map(({ mean }) => mean);

test('a healthy meter is used as read; gaps stay gaps', async () => {
  assert.deepEqual(means(await source().intervals({ ...query, target: 'substation:owd' })), [100, null, -300]);
});

test('an interval of which a few minutes were measured is unknown, and an upload fills it', async () => {
  const own = { ...query, target: 'substation:owd' };
  const few = await source({ coverage: 7 / 60 }).intervals(own);
  assert.deepEqual(
    few?.map(({ mean, max, quality }) => [mean, max, quality]),
    [1, 2, 3].map(() => [null, null, 'bad']),
  );
  assert.deepEqual(means(await source({ coverage: 7 / 60, sent: [1, 2, 3] }).intervals(own)), [1, 2, 3]);
  const half = await source({ coverage: 0.5 }).intervals(own);
  assert.deepEqual(
    half?.map(({ mean, quality }) => [mean, quality]),
    [
      [100, 'uncertain'],
      [null, 'bad'],
      [-300, 'uncertain'],
    ],
  );
});

test('a reversed meter is negated, a dead one replaced by its heads; both are marked', async () => {
  const reversed = await source({ findings: [found('reversed')] }).intervals({ ...query, target: 'substation:owd' });
  assert.deepEqual(means(reversed), [-100, null, 300]);
  assert.deepEqual(
    reversed?.map(({ origin, quality }) => `${origin} ${quality}`),
    ['substituted uncertain', 'substituted bad', 'substituted uncertain'],
  );
  const dead = await source({ findings: [found('dead')] }).intervals({ ...query, target: 'substation:owd' });
  assert.deepEqual(means(dead), [40, 50, 60]);
  assert.equal(dead?.[0]?.origin, 'estimated');
});

test('a reversed feeder head is negated, also where the heads replace the meter of the transformer', async () => {
  const findings = [found('reversed', 'feeder-1')];
  const feeder = await source({ findings }).intervals({ ...query, target: 'feeder:owd-1' });
  assert.deepEqual(means(feeder), [-40, -50, -60]);
  assert.equal(feeder?.[0]?.origin, 'substituted');
  const replaced = source({ findings: [...findings, found('dead')] });
  assert.deepEqual(means(await replaced.intervals({ ...query, target: 'substation:owd' })), [-40, -50, -60]);
});

test('the transformer meter may have any id; without one the heads replace it', async () => {
  const own = { ...query, target: 'substation:owd' };
  const reversed = { findings: [found('reversed', 'main')], meter: 'main' };
  assert.deepEqual(means(await source({ meter: 'main' }).intervals(own)), [1, 2, 3]);
  assert.deepEqual(means(await source(reversed).intervals(own)), [-1, -2, -3]);
  assert.deepEqual(means(await source({ meter: null }).intervals(own)), [40, 50, 60]);
});

test('the load of the region is null wherever that of any part is', async () => {
  assert.deepEqual(means(await source().intervals({ ...query, target: 'region:north' })), [107, null, -293]);
});

test('an unknown target has no load', async () => {
  for (const target of ['substation:x', 'feeder:', 'region:south', 'nonsense', 'device:x']) {
    assert.equal(await source().intervals({ ...query, target }), undefined, target);
  }
});

test('uploaded values only fill gaps in the measurements', async () => {
  const sent = [1, 2, null];
  assert.deepEqual(means(await source({ sent }).intervals({ ...query, target: 'substation:owd' })), [100, 2, -300]);
  const reversed = await source({ findings: [found('reversed')], sent }).intervals({
    ...query,
    target: 'substation:owd',
  });
  assert.deepEqual(means(reversed), [-100, 2, 300]);
});
