import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { SeededRandom } from '../../../shared/ports/random.ts';
import { forecastTasks } from '../serve/forecast-tasks.ts';
import { inlineInference } from '../../../shared/inference/inline-inference.ts';
import { checkParity } from '../../../shared/forecast/bundle-check.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { unwrap } from '../../../shared/outcome/outcome.ts';
import { bundleOf } from '../registry/bundle.ts';
import { predictPooled, type PooledFit } from './pooled-member.ts';
import { predictMlp, type FittedMlp } from '../../../shared/forecast/learn/mlp-train.ts';
import { freshMlp } from '../../../shared/forecast/learn/mlp.ts';
import { partsOf, pruned } from './prune.ts';
import { loadSeries } from '../../../simulators/data/series.ts';
import { RECIPE } from './recipe.ts';

const COLUMNS = 5;

/** A network in which every second hidden unit contributes almost nothing. */
function halfAsleep(): FittedMlp {
  const random = new SeededRandom(3);
  const mlp = freshMlp([COLUMNS, 8, 6, 3], random);
  const hush = (start: number, from: number, to: number): void => {
    for (let i = 0; i < from; i++) for (let unit = 1; unit < to; unit += 2) mlp.weights[start + i * to + unit] = 0;
  };
  hush(0, COLUMNS, 8);
  hush(COLUMNS * 8 + 8, 8, 6);
  return {
    mlp,
    levels: [0.1, 0.5, 0.9],
    inputMean: new Float32Array(COLUMNS),
    inputScale: new Float32Array(COLUMNS).fill(1),
    targetMean: 0,
    targetScale: 1,
  };
}

test('idle hidden units are removed, and the predictions stay the same', () => {
  const fitted = halfAsleep();
  const fit: PooledFit = { kind: 'mlp', fitted };
  const less = pruned(fit, 0.5);
  assert.equal(partsOf(fit), 14);
  assert.equal(partsOf(less), 7);
  assert.ok(less.kind === 'mlp' && less.fitted.mlp.weights.length < fitted.mlp.weights.length / 2);
  const random = new SeededRandom(4);
  const values = Float32Array.from({ length: 32 * COLUMNS }, () => random.next() - 0.5);
  const table = { rows: 32, columns: COLUMNS, values };
  const [before, after] = [predictMlp(fitted, table), predictPooled(less, table)];
  for (const [i, value] of before.entries()) assert.ok(Math.abs(value - after[i]!) < 1e-6, `${value} ${after[i]}`);
});

test('the smallest share leaves one of each', () => {
  const less = pruned({ kind: 'mlp', fitted: halfAsleep() }, 0.01);
  assert.ok(less.kind === 'mlp');
  assert.deepEqual(less.fitted.mlp.sizes, [COLUMNS, 1, 1, 3]);
});

test('a trained model drops what does not pay off, records it in its manifest and passes its parity check', async () => {
  const record = loadSeries().find(({ id }) => id === 'lls')!;
  const count = 70 * 96;
  const load = { start: Date.UTC(2021, 6, 31), stepS: 900, values: record.netKw.slice(0, count) };
  const trained = await forecastTasks.trainForecast({
    load,
    schema: { steps: 24, stepS: 900, weather: false },
    zone: 'Europe/Amsterdam',
    levels: QUANTILES,
    recipe: { ...RECIPE, members: ['ridge', 'boosting'] },
  });
  const { manifest, bytes } = bundleOf(trained, {
    target: 'substation:lls',
    substation: 'lls',
    role: 'cloud',
    createdAt: load.start + count * 900_000,
  });
  assert.ok(manifest.pruned !== undefined, 'a short history needs fewer trees');
  assert.ok(manifest.bytes < manifest.pruned.bytesBefore);
  assert.deepEqual(
    manifest.pruned.members.map(({ member }) => member),
    ['boosting'],
  );
  for (const { kept, of, lossBeforeKw, lossAfterKw } of manifest.pruned.members) {
    assert.ok(kept < of);
    assert.ok(lossBeforeKw > 0 && lossAfterKw < 1.0011 * lossBeforeKw, `${lossBeforeKw} ${lossAfterKw}`);
  }
  const [reduction, ...others] = trained.reductions;
  assert.deepEqual([reduction?.member, reduction?.how, others.length], ['boosting', 'pruned', 0]);
  assert.deepEqual(
    reduction!.quantiles.map(({ level }) => level),
    [...QUANTILES],
  );
  const learnt = reduction!.quantiles.filter(({ level }) => [0.1, 0.5, 0.9].includes(level));
  const mean = learnt.reduce((sum, { afterKw }) => sum + afterKw, 0) / learnt.length;
  const { lossAfterKw: lossKw } = manifest.pruned.members[0]!;
  assert.ok(Math.abs(mean / lossKw - 1) < 1e-3, `${mean} ${lossKw}`);
  const inference = inlineInference(new VirtualClock(0).machine);
  unwrap(await inference.load(manifest.id, bytes));
  const parity = await checkParity(manifest, inference);
  assert.ok(parity.ok, parity.ok ? '' : parity.fault.detail);
  await inference.close();
});
