import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadHistory } from './load-history.ts';

const STEP_MS = 900_000;
const START = Date.UTC(2026, 10, 1);
const YEAR_MS = 365 * 86_400_000;
const load = { net: [{ device: 'transformer', metric: 'activePowerKw', factor: 1 }], devices: [] };

function measured(history: LoadHistory, from: number, steps: number): number {
  for (let time = from; time < from + steps * STEP_MS; time += 60_000)
    history.observe({
      device: 'transformer',
      time,
      values: [{ metric: 'activePowerKw', value: 100, quality: 'good', origin: 'measured' }],
    });
  history.present(from + steps * STEP_MS);
  return from + steps * STEP_MS;
}

test('a clock that was a year ahead does not end the load history, even across a restart', () => {
  const history = new LoadHistory(load, STEP_MS, 96);
  measured(history, START, 8);
  history.present(START + YEAR_MS);
  const kept = history.series();
  const again = new LoadHistory(load, STEP_MS, 96);
  again.seed(kept);
  for (const each of [history, again]) {
    each.present(START + 8 * STEP_MS);
    const end = measured(each, START + 8 * STEP_MS, 8);
    const { start, values } = each.series();
    assert.equal(start + values.length * STEP_MS, end);
    assert.deepEqual(
      values.slice(-7).map((value) => Math.round(value)),
      new Float64Array(7).fill(100),
    );
  }
});

test('a dead device counts as uncontrolled load; an interval with partial readings is unknown', () => {
  const site = { net: load.net, devices: [[{ device: 'ev-1', metric: 'activePowerKw', factor: -1 }]] };
  const history = new LoadHistory(site, STEP_MS, 96);
  const said = (device: string, time: number, value: number) => {
    const power = { metric: 'activePowerKw', value, quality: 'good', origin: 'measured' } as const;
    history.observe({ device, time, values: [power] });
  };
  for (let time = START; time < START + 5 * STEP_MS; time += 60_000) {
    said('transformer', time, 100);
    // Heard for a quarter of an hour and five minutes, and once more later.
    if (time < START + STEP_MS + 300_000 || time >= START + 4 * STEP_MS) said('ev-1', time, 30);
  }
  history.present(START + 5 * STEP_MS);
  assert.deepEqual([...history.series().values].map(Math.round), [70, NaN, 100, 100, 70]);
});

test('a clock set back by minutes leaves the load history unchanged', () => {
  const history = new LoadHistory(load, STEP_MS, 96);
  const end = measured(history, START, 8);
  const before = history.series();
  history.present(end - 300_000);
  assert.deepEqual(history.series(), before);
});

test('a gateway that starts in 1970 keeps its earlier load history', () => {
  const history = new LoadHistory(load, STEP_MS, 96);
  measured(history, START, 8);
  const again = new LoadHistory(load, STEP_MS, 96);
  again.seed(history.series());
  measured(again, 0, 2);
  measured(again, START + 9 * STEP_MS, 2);
  assert.deepEqual(again.series().values.slice(0, 7), new Float64Array(7).fill(100));
  assert.equal(again.series().start, START);
});
