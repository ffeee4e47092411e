import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plantSpecs } from '../region/inputs.ts';
import { history, historyStartMs, type HistoryBatch } from './history.ts';
import { weatherRecords } from './weather.ts';

const DAY_MS = 86_400_000;
const specs = plantSpecs();
const options = { seed: 7, endMs: historyStartMs + 4 * DAY_MS };

async function collect(ids: readonly string[]): Promise<HistoryBatch[]> {
  const chosen = specs.filter(({ id }) => ids.includes(id));
  const batches: HistoryBatch[] = [];
  for await (const batch of history(chosen, options)) batches.push(batch);
  return batches;
}

const values = (batches: readonly HistoryBatch[], gateway: string, device: string, metric = 'activePowerKw') =>
  batches.flatMap(({ points }) =>
    points.filter(({ series }) => series.gateway === gateway && series.device === device && series.metric === metric),
  );

test('the transformer meter follows the record: WLS reads zero, HFDP is reversed', async () => {
  const batches = await collect(['owd', 'wls', 'hfdp']);
  const owd = values(batches, 'owd-01', 'transformer');
  const { inputs } = specs.find(({ id }) => id === 'owd')!;
  for (const { time, value } of owd) {
    const recorded = inputs.netKw[(time - inputs.startMs) / inputs.stepMs]!;
    assert.ok(Math.abs(value - recorded) < 0.012 * Math.abs(recorded) + 90, `${time}: ${value} for ${recorded}`);
  }
  assert.ok(owd.length > 4 * 96 * 0.96 && owd.length < 4 * 96, 'some readings are missing');
  assert.ok(values(batches, 'wls-01', 'transformer').every(({ value }) => value === 0));
  assert.ok(
    values(batches, 'wls-01', 'feeder-2').every(({ value }) => value > 300),
    'but its feeders have load',
  );
  const night = values(batches, 'hfdp-01', 'transformer').filter(({ time }) => time % DAY_MS < 3 * 3_600_000);
  assert.ok(night.length > 30 && night.every(({ value }) => value < -3000));
});

test('series are in time order with one key each, and repeatable by seed', async () => {
  const batches = await collect(['hal']);
  const keys = new Set<string>();
  for (const { points } of batches)
    for (const { series, time, offset, value } of points) {
      keys.add(`${series.device}/${series.metric}/${time}/${offset}`);
      assert.ok(Number.isFinite(value));
    }
  assert.equal(
    keys.size,
    batches.reduce((sum, { points }) => sum + points.length, 0),
  );
  const pv = values(batches, 'hal-01', 'pv-1');
  assert.ok(pv.every(({ time }, at) => at === 0 || time > pv[at - 1]!.time));
  assert.deepEqual(await collect(['hal']), batches);
});

test('the history has the recorded weather, which extends to the end of the series', async () => {
  const record = weatherRecords(specs).get('owd')!;
  const batches = await collect(['owd']);
  for (const { time, value } of values(batches, 'owd-01', 'weather', 'radiationWm2'))
    assert.equal(value, record.ghi[(time - record.start) / (record.stepS * 1000)]);
  assert.equal(record.start + record.ghi.length * record.stepS * 1000, Date.UTC(2021, 9, 31));
});
