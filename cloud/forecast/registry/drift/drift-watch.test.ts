import assert from 'node:assert/strict';
import { test } from 'node:test';
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
