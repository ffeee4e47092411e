import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { QUANTILES } from '../../shared/forecast/quantiles.ts';
import { estimatePool } from '../estimate/compose-compute.ts';
import { startMemory } from '../estimate/tasks.ts';
import type { ForecastTasks } from '../forecast/serve/forecast-tasks.ts';
import { forecastWorker } from '../forecast/serve/worker-files.ts';
import { testRegion } from '../plan/testing/fixture.ts';
import { computePool } from './compute-pool.ts';
import { RECIPE } from '../forecast/train/recipe.ts';

const START = Date.UTC(2021, 8, 25);
const ESTIMATES = 20;

test('estimates continue during a training, from a thread of higher priority', async () => {
  const region = testRegion('owd');
  const [substation] = region.substations;
  const estimating = estimatePool(region, 1);
  const training = computePool<ForecastTasks>({ file: forecastWorker, threads: 1, lane: 'train' });
  let isTrained = false;
  const trained = training
    .run('trainForecast', {
      load: {
        start: START - 180 * 86_400_000,
        stepS: 900,
        values: Float64Array.from({ length: 180 * 96 }, (_, i) => 900 * Math.sin(i / 15.3) + ((i * 7919) % 101)),
      },
      schema: { steps: 192, stepS: 900, weather: false },
      zone: 'Europe/Amsterdam',
      levels: QUANTILES,
      recipe: { ...RECIPE, members: ['ridge', 'boosting'] },
    })
    .then(() => (isTrained = true))
    .catch(() => undefined);
  try {
    let memory = startMemory(substation!, [], START);
    for (let at = 0; at < ESTIMATES; at++) {
      const time = START + at * 60_000;
      const value = { value: 900 + at, quality: 'good', origin: 'measured', time } as const;
      const readings = new Map([['feeder-1', { activePowerKw: value }]]);
      ({ memory } = await estimating.run('estimate', { substation: 'owd', memory, time, speed: 60, readings }));
    }
    assert.ok(!isTrained, 'the training ended before the estimates');
    const nice = threads().map(({ nice: own }) => own);
    assert.deepEqual(
      [5, 19].map((lane) => nice.includes(lane)),
      [true, true],
      `threads at nice ${nice.join(', ')}`,
    );
  } finally {
    await Promise.all([estimating.close(), training.close()]);
    await trained;
  }
});

/** The threads of this process with their nice values, from the system. */
function threads(): { readonly nice: number }[] {
  return readdirSync('/proc/self/task').map((id) => {
    const stat = readFileSync(`/proc/self/task/${id}/stat`, 'utf8');
    return { nice: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]) };
  });
}
