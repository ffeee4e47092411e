import { STEPS, STEP_S } from '../registry/horizons.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelManifest } from '../../../shared/contracts/model.ts';
import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { bad, good } from '../../../shared/outcome/outcome.ts';
import type { Inference, ModelOutput } from '../../../shared/ports/inference.ts';
import type { RegistryEntry } from '../registry/registry.ts';
import { namedBundle } from '../registry/testing/bundle-fixture.ts';
import { LiveModels } from './live-models.ts';
import type { TargetInputs } from './target-inputs.ts';

const STEP_MS = STEP_S * 1000;
const T0 = Date.UTC(2021, 8, 25);
const TARGET = 'substation:owd';
const WIDTH = STEPS * QUANTILES.length;
const blend = { members: ['ridge', 'boosting'], groups: [{ to: STEPS, weights: [0.5, 0.5] }] };

const entryOf = (id: string, more: Partial<ModelManifest>): RegistryEntry => {
  const { manifest } = namedBundle(id, { at: T0, role: 'cloud' });
  const range = { minKw: -1e5, maxKw: 1e5 };
  return {
    manifest: { ...manifest, steps: STEPS, quantiles: [...QUANTILES], outputRange: range, ...more },
  } as RegistryEntry;
};

/** The first `late` loads of `of` fail. In a model with members, the first answers 1000 kW and the second 2000 kW. */
function rig({ late = 0, of = 'answers' } = {}) {
  const asked: [string, ModelOutput][] = [];
  const loaded = new Set<string>();
  const inference: Inference = {
    load: async (name) => {
      if (name === of && late-- > 0) return bad('LS-FORECAST-003', 'the process is not there yet');
      loaded.add(name);
      return good({ ms: 0 });
    },
    run: async (name, _rows, _batch, output = 'answer') => {
      asked.push([name, output]);
      const members = output === 'members' ? [1000, 2000] : [1500];
      const said = Float32Array.from({ length: members.length * WIDTH }, (_, i) => members[Math.floor(i / WIDTH)]!);
      return good({ output: said, ms: 0 });
    },
    unload: async (name) => void loaded.delete(name),
    close: async () => undefined,
  };
  return { models: new LiveModels(inference, { bytes: async () => new Uint8Array(1) }), asked, loaded };
}

/** Two days with a forecast every hour; the load is 1000 kW. */
async function lived(models: LiveModels): Promise<void> {
  const calendar = new LocalCalendar('UTC');
  for (let time = T0; time < T0 + 2 * 86_400_000; time += STEP_MS) {
    models.blends.settle(TARGET, time, () => 1000);
    models.came(TARGET, time - STEP_MS, 1000);
    if ((time - T0) % (4 * STEP_MS) !== 0) continue;
    const values = new Float64Array(9 * 96).fill(1000);
    const load = { start: time - values.length * STEP_MS, stepS: STEP_S, values };
    const inputs = { load, context: load, weather: null, substitution: null } as unknown as TargetInputs;
    await models.issued(TARGET, { inputs, calendar, own: new Float32Array(WIDTH).fill(1000) });
  }
}

test('a shadow model is compared by what it would issue, with its own live weights', async () => {
  const { models, asked } = rig();
  const answering = entryOf('answers', {});
  await models.adopt(TARGET, { answering, beside: entryOf('beside', { blend }) });
  await lived(models);
  assert.ok(asked.every(([name, output]) => name === 'beside' && output === 'members'));
  const { besideKw, n, refused } = models.duel(TARGET)!;
  assert.equal(refused, null);
  assert.ok(n > 100 && besideKw > 0 && besideKw < 200, `${besideKw} kW over ${n}; with fixed weights it would be 250`);
  // Once promoted it keeps what it has learnt; the state of the retired model is dropped.
  const learnt = models.blends.state(TARGET)!;
  await models.adopt(TARGET, { answering: entryOf('beside', { blend }), beside: undefined });
  assert.deepEqual(models.blends.state(TARGET), learnt);
  await models.adopt(TARGET, { answering, beside: undefined });
  assert.equal(models.blends.state(TARGET), undefined);
});

test('a model that failed to load forecasts once it loads, and leaves nothing in memory when dropped', async () => {
  const { models, loaded } = rig({ late: 2 });
  await models.adopt(TARGET, { answering: entryOf('answers', {}), beside: undefined });
  assert.equal(models.answering(TARGET), undefined);
  await models.again(TARGET);
  assert.equal(models.answering(TARGET), undefined);
  await models.again(TARGET);
  assert.equal(models.answering(TARGET)?.id, 'answers');
  await models.adopt(TARGET, undefined);
  await models.again(TARGET);
  assert.deepEqual([models.answering(TARGET), [...loaded]], [undefined, []]);
});

test('a shadow is refused only if it never loads, not if it loads late', async () => {
  for (const late of [2, 3]) {
    const { models, loaded } = rig({ late, of: 'beside' });
    await models.adopt(TARGET, { answering: entryOf('answers', {}), beside: entryOf('beside', {}) });
    assert.deepEqual([models.duel(TARGET)?.beside, models.duel(TARGET)?.refused], [null, null]);
    await models.again(TARGET);
    await models.again(TARGET);
    const { beside, refused } = models.duel(TARGET)!;
    assert.deepEqual([beside, refused !== null, loaded.has('beside')], ['beside', late === 3, late === 2]);
  }
});

test('a model without members is queried only for its forecast', async () => {
  const { models, asked } = rig();
  await models.adopt(TARGET, { answering: entryOf('answers', {}), beside: entryOf('beside', {}) });
  await lived(models);
  assert.ok(asked.every(([, output]) => output === 'answer'));
  assert.equal(Math.round(models.duel(TARGET)!.besideKw), 250);
});
