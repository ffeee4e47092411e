import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Compute } from '../../../shared/ports/compute.ts';
import type { TrainInput } from '../../forecast/serve/forecast-tasks.ts';
import type { InputQuery } from '../../forecast/serve/inputs.ts';
import type { BacktestTasks } from './backtest-tasks.ts';
import { Refitter } from './refit.ts';

const DAY_MS = 86_400_000;
const STEP_MS = 900_000;
const NOW = Date.UTC(2021, 8, 25);
const KNOWN_DAYS = 200;

/** A value for each step since the first measurement. */
const known = ({ start, end }: InputQuery, of: (time: number) => number): Float64Array =>
  Float64Array.from({ length: (end - start) / STEP_MS }, (_, step) => {
    const time = start + step * STEP_MS;
    return time < NOW - KNOWN_DAYS * DAY_MS ? Number.NaN : of(time);
  });
const daily = (time: number): number => Math.sin((2 * Math.PI * time) / DAY_MS) + Math.sin(time / 7e8);

test('a refit learns from as long a history as production, with temperature', async () => {
  const asked: TrainInput[] = [];
  const seen = new Error('asked to train');
  const compute = {
    run: (_: string, input: TrainInput) => {
      asked.push(input);
      return Promise.reject(seen);
    },
  } as unknown as Compute<BacktestTasks>;
  const refitter = new Refitter(
    {
      load: { intervals: async (query) => ({ values: known(query, daily), substitution: null }) },
      weather: {
        intervals: async (query) => ({
          ghi: known(query, () => 100),
          wind: known(query, () => 5),
          temperature: known(query, daily),
          source: 'harmonie',
          issuedAt: NOW,
          hindcast: false,
        }),
      },
      compute,
      inference: { load: assert.fail, run: assert.fail, unload: assert.fail, close: assert.fail },
    },
    {
      target: { id: 'substation:owd', substation: 'owd', zone: 'UTC', gateway: false },
      everyMs: DAY_MS,
      name: 'm',
      weather: 'vintage',
    },
  );
  await assert.rejects(refitter.due(NOW), seen);
  const [{ load, schema, recipe } = {} as TrainInput] = asked;
  assert.equal(load.values.length, KNOWN_DAYS * 96);
  assert.equal(schema.temperature, true);
  assert.deepEqual(recipe.members, ['ridge', 'dayBefore']);
  assert.equal(await refitter.due(NOW + DAY_MS / 2), undefined);
});
