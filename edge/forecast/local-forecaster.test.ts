import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundleOf } from '../../cloud/forecast/registry/bundle.ts';
import { forecastTasks } from '../../cloud/forecast/serve/forecast-tasks.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { ModelManifest } from '../../shared/contracts/model.ts';
import { GATEWAY_QUANTILES } from '../../shared/forecast/quantiles.ts';
import { uncontrolledLoad } from '../../shared/forecast/uncontrolled.ts';
import { bad } from '../../shared/outcome/outcome.ts';
import type { Inference } from '../../shared/ports/inference.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { inlineInference } from '../../shared/inference/inline-inference.ts';
import { LocalForecaster } from './local-forecaster.ts';
import { history, loadAt, T0 } from './testing/noisy-load.ts';
import { GATEWAY_RECIPE } from '../../cloud/forecast/train/recipe.ts';

const STEP_MS = 900_000;

const trained = await forecastTasks.trainForecast({
  load: history(56),
  schema: { steps: 96, stepS: 900, weather: false },
  zone: 'Europe/Amsterdam',
  levels: GATEWAY_QUANTILES,
  recipe: { ...GATEWAY_RECIPE, members: ['ridge'], heldBackDays: 7 },
});
const bundle = bundleOf(trained, { target: 'substation:owd', substation: 'owd', role: 'gateway', createdAt: T0 });

function rig(wrap: (inference: Inference) => Inference = (inference) => inference): {
  clock: VirtualClock;
  forecaster: LocalForecaster;
  events: LoadstoneEvent[];
} {
  const clock = new VirtualClock(T0);
  const events: LoadstoneEvent[] = [];
  const forecaster = new LocalForecaster({
    clock,
    inference: wrap(inlineInference(clock.machine)),
    load: uncontrolledLoad(['transformer'], [{ id: 'battery-1', type: 'battery' }]),
    zone: 'Europe/Amsterdam',
    onEvent: (event) => void events.push(event),
  });
  return { clock, forecaster, events };
}

/** A minute-by-minute feed: the net is the load plus the battery's power. */
async function live(r: ReturnType<typeof rig>, hours: number, net: (time: number) => number = loadAt): Promise<void> {
  for (let minute = 0; minute < hours * 60; minute++) {
    const time = r.clock.plant.now();
    const battery = 100 * Math.sin(minute);
    r.forecaster.observe(frame('transformer', time, net(time) + battery));
    r.forecaster.observe(frame('battery-1', time, battery));
    await r.clock.advance(60_000);
  }
}

const frame = (device: string, time: number, value: number) => ({
  device,
  time,
  values: [{ metric: 'activePowerKw', value, quality: 'good' as const, origin: 'measured' as const }],
});

test('the net load without our commands is forecast, by the model once a week of history is known', async () => {
  const r = rig();
  r.forecaster.start();
  await live(r, 2);
  assert.equal(r.forecaster.latest()!.by, 'seasonalNaive');
  assert.equal(r.forecaster.state().state, 'none');
  const offered = await r.forecaster.offer(bundle.manifest, bundle.bytes);
  assert.ok(offered.ok);
  assert.match(r.forecaster.state().reason!, /2 hours of history, needs 168/);
  r.forecaster.seed(history(9));
  await live(r, 1);
  const latest = r.forecaster.latest()!;
  assert.equal(latest.by, bundle.manifest.id);
  assert.equal(latest.reason, null);
  assert.equal(latest.start, T0 + 3 * 3_600_000);
  assert.equal(latest.values[0]!.length, 96);
  const snapshot = r.forecaster.snapshot();
  const last = snapshot.values.at(-1)!;
  assert.ok(Math.abs(last - loadAt(T0 + 3 * 3_600_000 - STEP_MS)) < 100, 'the battery is not in the load');
  assert.equal(r.forecaster.state().state, 'active');
  await r.forecaster.stop();
});

test('a restarted forecaster continues from its snapshot', async () => {
  const first = rig();
  first.forecaster.seed(history(9));
  await live(first, 1);
  const second = rig();
  second.forecaster.seed(first.forecaster.snapshot());
  await second.forecaster.offer(bundle.manifest, bundle.bytes);
  assert.equal(second.forecaster.latest()!.by, bundle.manifest.id);
});

test('a rejected bundle gives its reason, and the previous model continues', async () => {
  const { manifest, bytes } = bundle;
  const corrupt = Uint8Array.from(bytes);
  corrupt[corrupt.length >> 1]! ^= 1;
  const other = { ...manifest, id: 'other-model' };
  const off = { ...other.parity, outputs: other.parity.outputs.map((row) => row.map((value) => value + 50)) };
  const cases: [string, ModelManifest, Uint8Array, string, RegExp][] = [
    ['one bit', other, corrupt, 'LS-MODEL-001', /do not match the hash/],
    ['cut', other, bytes.subarray(1), 'LS-MODEL-001', /has \d+ bytes/],
    ['schema', { ...other, featureVersion: 3 }, bytes, 'LS-MODEL-004', /feature schema 3/],
    ['features', { ...other, features: other.features.slice(1) }, bytes, 'LS-MODEL-004', /features/],
    ['weather', { ...other, weather: 'hindcast' }, bytes, 'LS-MODEL-004', /needs sun or wind/],
    ['expired', { ...other, expiresAt: T0 - 1 }, bytes, 'LS-MODEL-011', /expired/],
    ['shape', { ...other, quantiles: [0.1, 0.5, 0.9] }, bytes, 'LS-MODEL-006', /gives \d+ values/],
    ['parity', { ...other, parity: off }, bytes, 'LS-MODEL-008', /parity vector 0 differs/],
  ];
  const r = rig();
  r.forecaster.seed(history(9));
  assert.ok((await r.forecaster.offer(manifest, bytes)).ok);
  for (const [name, offered, content, code, reason] of cases) {
    const outcome = await r.forecaster.offer(offered, content);
    assert.equal(outcome.ok ? '' : outcome.fault.code, code, name);
    assert.match(outcome.ok ? '' : outcome.fault.detail, reason, name);
    assert.equal(r.forecaster.state().id, manifest.id, name);
  }
  assert.deepEqual(
    r.events.map(({ code }) => code).filter((code) => code.startsWith('LS-MODEL-')),
    cases.map(([, , , code]) => code),
  );
});

test('an expired model gives way to the baseline, with the reason', async () => {
  const r = rig();
  r.forecaster.seed(history(9));
  const manifest = { ...bundle.manifest, expiresAt: T0 + 3_600_000 };
  assert.ok((await r.forecaster.offer(manifest, bundle.bytes)).ok);
  assert.equal(r.forecaster.latest()!.by, manifest.id);
  r.forecaster.start();
  await live(r, 2);
  assert.equal(r.forecaster.latest()!.by, 'seasonalNaive');
  assert.match(r.forecaster.latest()!.reason!, /LS-MODEL-011: .*has expired/);
  assert.equal(r.forecaster.state().state, 'set-aside');
  assert.equal(r.events.filter(({ code }) => code === 'LS-MODEL-011').length, 1);
  await r.forecaster.stop();
});

test('a failed model is set aside at once and used again after three good runs', async () => {
  let failing = false;
  const r = rig((inner) => ({
    load: (name, bytes) => inner.load(name, bytes),
    run: async (name, rows, batch) => (failing ? bad('LS-FORECAST-003', 'late') : inner.run(name, rows, batch)),
    unload: (name) => inner.unload(name),
    close: () => inner.close(),
  }));
  r.forecaster.seed(history(9));
  await r.forecaster.offer(bundle.manifest, bundle.bytes);
  r.forecaster.start();
  const rows: [boolean, string, string][] = [
    [false, 'active', bundle.manifest.id],
    [true, 'set-aside', 'seasonalNaive'],
    [true, 'set-aside', 'seasonalNaive'],
    [false, 'set-aside', 'seasonalNaive'],
    [false, 'set-aside', 'seasonalNaive'],
    [false, 'active', bundle.manifest.id],
  ];
  for (const [fails, state, by] of rows) {
    failing = fails;
    await live(r, 0.25);
    assert.deepEqual([r.forecaster.state().state, r.forecaster.latest()!.by], [state, by]);
  }
  assert.deepEqual(
    r.events.map((event) => event.code),
    ['model.activated', 'LS-FORECAST-003', 'model.back'],
  );
});

test('a model answer of the wrong length is reported as such', async () => {
  let isShort = false;
  const r = rig((inner) => ({
    load: (name, bytes) => inner.load(name, bytes),
    run: async (name, rows, batch) => {
      const result = await inner.run(name, rows, batch);
      if (!result.ok || !isShort) return result;
      return { ok: true, value: { ...result.value, output: result.value.output.subarray(1) } };
    },
    unload: (name) => inner.unload(name),
    close: () => inner.close(),
  }));
  r.forecaster.seed(history(9));
  await r.forecaster.offer(bundle.manifest, bundle.bytes);
  r.forecaster.start();
  isShort = true;
  await live(r, 0.25);
  const count = bundle.manifest.steps * bundle.manifest.quantiles.length;
  assert.match(r.forecaster.state().reason!, new RegExp(`gave ${count - 1} values instead of ${count}`));
  await r.forecaster.stop();
});

test('a model worse than the baseline over the window is set aside, with the figures', async () => {
  const worse = rig((inner) => ({
    load: (name, bytes) => inner.load(name, bytes),
    run: async (name, rows, batch) => {
      const result = await inner.run(name, rows, batch);
      if (!result.ok) return result;
      return { ok: true, value: { ...result.value, output: result.value.output.map((value) => value + 500) } };
    },
    unload: (name) => inner.unload(name),
    close: () => inner.close(),
  }));
  const { manifest, bytes } = bundle;
  const parity = { ...manifest.parity, outputs: manifest.parity.outputs.map((row) => row.map((value) => value + 500)) };
  worse.forecaster.seed(history(9));
  assert.ok((await worse.forecaster.offer({ ...manifest, parity }, bytes)).ok);
  worse.forecaster.start();
  await live(worse, 8);
  assert.equal(worse.forecaster.state().state, 'set-aside');
  assert.match(worse.forecaster.state().reason!, /LS-FORECAST-005: its error is \d+ kW, the baseline's \d+ kW/);
  assert.equal(worse.forecaster.latest()!.by, 'seasonalNaive');
});

test('a meter stuck at one value gives no forecast, with the reason', async () => {
  const r = rig();
  r.forecaster.start();
  for (let minute = 0; minute < 13 * 60; minute++) {
    r.forecaster.observe(frame('transformer', r.clock.plant.now(), 0));
    await r.clock.advance(60_000);
  }
  assert.equal(r.forecaster.latest(), undefined);
  assert.match(r.forecaster.state().reason!, /LS-FORECAST-004/);
});
