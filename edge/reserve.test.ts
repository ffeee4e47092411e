import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingsDocument } from './cycle/testing/documents.ts';
import type { LoadSeries } from '../shared/forecast/series.ts';
import { makeRig, RIG_YAML as RIG, START } from './cycle/testing/rig.ts';

test('a grid limit drains a battery to its reserve; a feeder limit may take the rest', async () => {
  const rig = await makeRig();
  rig.uplink.down({
    kind: 'document',
    document: settingsDocument(START, { gridLimit: { importKw: 250, exportKw: 300 } }),
  });
  rig.world['b/soc'] = 50;
  rig.world['t/p'] = 400;
  await rig.run(10);
  assert.equal(rig.commanded('b/set'), -100, 'the contract is kept while there is enough in it');
  rig.world['b/soc'] = 20;
  await rig.run(10);
  assert.equal(rig.commanded('b/set'), 0, 'a quarter of an hour at its rating stays in it');
  assert.ok(rig.uplink.eventCodes().includes('LS-CONTROL-004'), 'and the exceeded limit is reported');
  rig.world['f/p'] = 700;
  await rig.run(10);
  assert.equal(rig.commanded('b/set'), -100, 'before a relay trips there is no reserve');
});

test('a feeder head takes the reserve of a battery only above its rating', async () => {
  const rig = await makeRig({ yaml: RIG.replace('  - id: feeder-1\n', '  - id: feeder-1\n    ratedKva: 800\n') });
  rig.world['b/soc'] = 50;
  rig.world['f/p'] = 700;
  await rig.run(10);
  assert.equal(rig.commanded('b/set'), -100);
  rig.world['b/soc'] = 20;
  await rig.run(10);
  assert.equal(rig.commanded('b/set'), 0, 'power from the reserve is released');
  rig.world['f/p'] = 1000;
  await rig.run(10);
  assert.equal(rig.commanded('b/set'), -100, 'beyond the rating there is no reserve');
});

test('without a reserve a contract may use the whole battery', async () => {
  const rig = await makeRig({ yaml: `${RIG}\nguard: { reserveMinutes: 0 }\n` });
  rig.uplink.down({
    kind: 'document',
    document: settingsDocument(START, { gridLimit: { importKw: 250, exportKw: 300 } }),
  });
  rig.world['b/soc'] = 20;
  rig.world['t/p'] = 400;
  await rig.run(10);
  assert.equal(rig.commanded('b/set'), -100);
});

const HOUR_MS = 3_600_000;
const PEAK_START = START + 17.25 * HOUR_MS;

/** Two weeks with a peak each evening and a valley each night. */
function evenings(): LoadSeries {
  const values = Float64Array.from({ length: 14 * 96 }, (_, step) => {
    const hour = (step % 96) / 4;
    return hour >= 17 && hour < 19 ? 580 : hour < 6 ? 100 : 300;
  });
  return { start: START - 14 * 24 * HOUR_MS, stepS: 900, values };
}

/** The battery's setpoint from the gateway's own plan at a level in percent, kW, long after the last heartbeat. */
async function ownTargetKw(socPct: number, { at, yaml = RIG }: { readonly at: number; readonly yaml?: string }) {
  const rig = await makeRig({ yaml, start: at - 60_000, loads: evenings() });
  rig.world['b/soc'] = socPct;
  rig.world['ev/p'] = 0;
  // Within the fail-safe limit of 250 kW, so that the guard leaves the battery alone.
  rig.world['t/p'] = 150;
  await rig.run(240, false);
  assert.equal(rig.uplink.of('health').at(-1)?.health.rung, 'own-plan');
  return rig.commanded('b/set')!;
}

test('the own plan shaves a peak down to the reserve and leaves the reserve to the guard', async () => {
  assert.ok((await ownTargetKw(60, { at: PEAK_START })) < -10);
  assert.equal(await ownTargetKw(20, { at: PEAK_START }), 0);
  const all = `${RIG}\nguard: { reserveMinutes: 0 }\n`;
  assert.ok((await ownTargetKw(20, { at: PEAK_START, yaml: all })) < -10, 'without a reserve it gives all');
});

test('the own plan charges a battery only up to the upper reserve', async () => {
  const night = START + 2 * HOUR_MS;
  assert.ok((await ownTargetKw(50, { at: night })) > 1);
  assert.equal(await ownTargetKw(85, { at: night }), 0);
  const all = `${RIG}\nguard: { reserveMinutes: 0 }\n`;
  assert.ok((await ownTargetKw(85, { at: night, yaml: all })) > 1);
});
