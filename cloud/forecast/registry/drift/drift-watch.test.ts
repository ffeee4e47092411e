import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manifestFeatures } from '../../../../shared/forecast/features.ts';
import type { RegistryEntry } from '../registry.ts';
import { namedBundle } from '../testing/bundle-fixture.ts';
import { DriftWatch } from './drift-watch.ts';

const DAY_MS = 86_400_000;
const T0 = Date.UTC(2026, 10, 29);
const entry: RegistryEntry = {
  ...namedBundle('mdl', { at: T0, role: 'cloud' }),
  state: 'active',
  since: T0,
  reason: '',
  release: '',
  replaced: null,
  evidence: { days: [] },
};
const nothing = { load: new Float64Array(96).fill(Number.NaN) };

test('a model of version 2 whose temperature feed is dead is reported and retrained', async () => {
  const reported: string[] = [];
  const asked: string[] = [];
  const watch = new DriftWatch({
    registry: { driftStates: async () => new Map(), keepDrift: async () => undefined },
    report: ({ code }) => void reported.push(code),
    retrain: (target) => void asked.push(target),
  });
  const schema = { version: 2, steps: 192, stepS: 900, weather: true, temperature: true } as const;
  const wide = {
    ...entry,
    manifest: {
      ...entry.manifest,
      ...schema,
      featureVersion: 2,
      features: manifestFeatures(schema),
      weather: 'hindcast',
    },
  } as const;
  const there = new Float64Array(20 * 96).fill(5);
  const dead = there.map((value, i) => (i < 15 * 96 ? value : Number.NaN));
  const look = async (temperature: Float64Array, day: number): Promise<void> =>
    watch.look(wide, { load: there, weather: { ghi: there, wind: there, temperature } }, T0 + day * DAY_MS);
  await look(there, 1);
  assert.deepEqual(reported, []);
  await look(dead, 2);
  assert.deepEqual([reported, asked], [['LS-MODEL-012'], ['substation:owd']]);
});

test('growing errors and drifting inputs are found, even after a clock was a year ahead', async () => {
  const reported: string[] = [];
  const asked: string[] = [];
  const stored = new Map<string, unknown>();
  const start = async () => {
    const watch = new DriftWatch({
      registry: { driftStates: async () => stored, keepDrift: async (target, state) => void stored.set(target, state) },
      report: ({ code }) => void reported.push(code),
      retrain: (target) => void asked.push(target),
    });
    await watch.start();
    return watch;
  };
  const led = await start();
  await led.scored(entry, { at: T0 + 365 * DAY_MS, loss: 100, naive: 100, n: 96 });
  await led.look(entry, nothing, T0 + 365 * DAY_MS);
  const watch = await start();
  assert.ok(watch.isDue(entry, T0 + DAY_MS));
  for (let day = 1; day <= 60; day++)
    await watch.scored(entry, { at: T0 + day * DAY_MS, loss: day <= 30 ? 90 + (day % 5) : 200, naive: 100, n: 96 });
  assert.deepEqual([reported, asked], [['LS-MODEL-013'], ['substation:owd', 'substation:owd', 'substation:owd']]);
});
