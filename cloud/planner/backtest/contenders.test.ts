import assert from 'node:assert/strict';
import { test } from 'node:test';
import { good } from '../../../shared/outcome/outcome.ts';
import type { Inference } from '../../../shared/ports/inference.ts';
import type { LoadSeries } from '../../../shared/forecast/series.ts';
import { opened } from '../../api/testing/api-fixture.ts';
import { inlineCompute } from '../../compute/inline-compute.ts';
import { SqliteModelRegistry } from '../../forecast/registry/sqlite-model-registry.ts';
import { namedBundle } from '../../forecast/registry/testing/bundle-fixture.ts';
import type { TargetInputs } from '../../forecast/serve/target-inputs.ts';
import { backtestTasks } from './backtest-tasks.ts';
import { contendersOf, targetOf } from './contenders.ts';
import type { BacktestTask } from './contract.ts';

const T0 = Date.UTC(2021, 8, 25);
const task: BacktestTask = {
  target: 'substation:owd',
  models: ['mdl-1', 'mdl-forgotten'],
  start: T0,
  end: T0 + 86_400_000,
  issue: 'PT6H',
  issues: [T0],
  horizonMs: 48 * 3_600_000,
  resolutionS: 900,
  refitMs: null,
  weather: 'none',
  seed: 1,
  importLimitKw: null,
  zone: 'UTC',
  owner: 'anna',
};
const context = { id: 'job_1', progress: () => undefined, check: () => undefined };

test('a backtest that fails to start leaves no model loaded', async () => {
  const registry = opened(new SqliteModelRegistry(':memory:'));
  const step = { at: T0, by: 'anna', reason: '' };
  await registry.put(namedBundle('mdl-1', { at: T0, role: 'cloud' }), { ...step, release: '', evidence: { days: [] } });
  const loaded = new Set<string>();
  const inference: Inference = {
    load: async (name) => {
      loaded.add(name);
      return good({ ms: 0 });
    },
    run: () => assert.fail('no model is run'),
    unload: async (name) => void loaded.delete(name),
    close: async () => undefined,
  };
  const targets = [{ id: 'substation:owd', substation: 'owd', zone: 'UTC', gateway: false }];
  const parts = {
    targets,
    registry,
    inference,
    compute: inlineCompute(backtestTasks),
    weather: undefined,
    load: { intervals: () => assert.fail('no data is read') },
  };
  const run = { target: targetOf(parts, task.target), task, context, warnings: [] };
  await assert.rejects(contendersOf(parts, run), /has no model "mdl-forgotten"/);
  assert.deepEqual([...loaded], []);
});

test('a target that is not forecast is unknown, alone and in a sum', () => {
  const targets = [{ id: 'substation:owd', substation: 'owd', zone: 'UTC', gateway: false }];
  for (const id of ['feeder:owd-9', 'sum:substation:owd+feeder:owd-9'])
    assert.throws(() => targetOf({ targets }, id), { code: 'LS-API-004', message: /^feeder:owd-9 is not forecast/ });
});

test('a baseline of a backtest learns its quantiles from four weeks, not from the nine days of a model', async () => {
  const targets = [{ id: 'substation:owd', substation: 'owd', zone: 'UTC', gateway: false }];
  // A week like the one before, so that a week's lag is never wrong by more than its noise.
  const values = Float64Array.from({ length: 28 * 96 }, (_, i) => 1000 * Math.sin(i % (7 * 96)) + (i % 5));
  const loadOf = (days: number): LoadSeries => ({
    start: T0 - days * 86_400_000,
    stepS: 900,
    values: values.slice((28 - days) * 96),
  });
  const inputs = { load: loadOf(9), context: loadOf(28) } as TargetInputs;
  const parts = {
    targets,
    registry: opened(new SqliteModelRegistry(':memory:')),
    inference: {} as Inference,
    compute: inlineCompute(backtestTasks),
    weather: undefined,
    load: { intervals: () => assert.fail('no data is read') },
  };
  const run = {
    target: targets[0]!,
    task: { ...task, models: ['baseline:seasonal-naive-168'] },
    context,
    warnings: [],
  };
  const [naive] = await contendersOf(parts, run);
  const made = (await naive!.issue(T0, inputs))!;
  const [low, high] = [made.values[0]!, made.values.at(-1)!];
  assert.ok(low.every((value, step) => high[step]! - value < 10));
});
