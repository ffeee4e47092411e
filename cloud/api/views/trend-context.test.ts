import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Forecast } from '../../../shared/contracts/forecast.ts';
import type { PlanBody } from '../../../shared/contracts/plan.ts';
import type { TrendView } from '../../../shared/contracts/trend.ts';
import { buildRegion } from '../../../simulators/region/region.ts';
import { trendContext } from './trend-context.ts';

const T0 = Date.UTC(2021, 8, 25);
const QUARTER_MS = 900_000;
const region = buildRegion(['hfdp']);
const { limits, heads, network, devices } = region.substations[0]!;

/** Six quarters of an hour, the first two before the plan. */
const trend = (series: readonly string[], stepS = 900): TrendView => ({
  start: T0 - 2 * QUARTER_MS,
  stepS,
  items: series.map((each) => {
    const column = Array.from({ length: 6 }, () => 1);
    return { series: `hfdp-01/${each}`, mean: column, min: column, max: column };
  }),
});

const plan = {
  horizon: { start: T0, stepsS: [900, 1800] },
  devices: [{ device: 'battery-1', activePowerKw: [-50, null], reasons: [] }],
  expected: [
    { element: 'transformer', activePowerKw: [5000, 5100], devicesKw: [-50, -20] },
    { element: 'hfdp-2', activePowerKw: [1500, 1600] },
  ],
} as unknown as PlanBody;

const forecast = {
  start: T0 + QUARTER_MS,
  resolutionS: 900,
  quantiles: [0.1, 0.5, 0.9],
  values: [
    [4800, 4900],
    [5000, 5100],
    [5200, 5300],
  ],
} as unknown as Forecast;

const contextOf = (series: readonly string[], stepS?: number) =>
  trendContext(trend(series, stepS), {
    region,
    plan: () => plan,
    forecast: (target) => (target === 'substation:hfdp' ? forecast : undefined),
  }).items;

test('a trend includes the limits, the planned values and the forecast plus the planned device power', () => {
  const [transformer, head, battery, voltage] = contextOf([
    'transformer/activePowerKw',
    'feeder-2/activePowerKw',
    'battery-1/activePowerKw',
    'ev-1/voltagePu',
  ]);
  assert.deepEqual(transformer!.limits, { low: -limits.exportKw, high: limits.importKw });
  assert.deepEqual(transformer!.planned, [null, null, 5000, 5100, 5100, null]);
  assert.deepEqual(transformer!.forecast, {
    low: [null, null, null, 4780, 4880, null],
    mid: [null, null, null, 4980, 5080, null],
    high: [null, null, null, 5180, 5280, null],
  });
  const own = heads!.find(({ feeder }) => feeder === 'hfdp-2')!;
  assert.deepEqual(head!.limits, { low: -own.exportKw, high: own.importKw });
  assert.deepEqual(head!.planned, [null, null, 1500, 1600, 1600, null]);
  assert.equal(head!.forecast, undefined, 'the power of its devices is unknown');
  assert.deepEqual(battery!.planned, [null, null, -50, null, null, null]);
  assert.ok(battery!.limits!.low! < 0 && battery!.limits!.high! > 0);
  assert.deepEqual(voltage!.limits, { low: limits.vMinPu, high: limits.vMaxPu });
});

test('limits have the unit of the value: current from ratings; power, reactive power and charge per device', () => {
  const limitOf = (series: string) => contextOf([series])[0]!.limits;
  const line = network.lines.find(({ id }) => id === network.feeders[1]!.headBranch)!;
  const kv = network.buses.find(({ id }) => id === line.to)!.nominalKv;
  const amperes = (kva: number) => Number((kva / Math.sqrt(3) / kv).toFixed(1));
  assert.deepEqual(limitOf('feeder-2/currentA'), { low: null, high: amperes(line.ratedKva!) });
  assert.deepEqual(limitOf('transformer/currentA'), { low: null, high: amperes(network.transformers[0]!.ratedKva) });
  const one = (type: string) => devices.find((device) => device.type === type)!;
  const [battery, solar, cars] = ['battery', 'pv-inverter', 'ev-site'].map(one);
  const most = battery!.maxReactiveKvar!;
  assert.deepEqual(limitOf(`${battery!.id}/reactivePowerKvar`), { low: -most, high: most });
  assert.deepEqual(limitOf(`${battery!.id}/socPct`), { low: battery!.socMinPct, high: battery!.socMaxPct });
  assert.deepEqual(limitOf(`${solar!.id}/activePowerKw`), { low: -solar!.activePowerKw!, high: null });
  assert.deepEqual(limitOf(`${cars!.id}/activePowerKw`), { low: null, high: cars!.activePowerKw! });
  for (const unknown of [`${cars!.id}/sessions`, 'ev-9/currentA', 'nothing/activePowerKw'])
    assert.equal(limitOf(unknown), undefined, unknown);
});

test('a trend with daily steps shows no plan', () => {
  const [transformer] = contextOf(['transformer/activePowerKw'], 86_400);
  assert.deepEqual([transformer!.planned, transformer!.forecast], [undefined, undefined]);
  assert.ok(transformer!.limits !== undefined);
});
