import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClockWatch } from './clock-watch.ts';
import { makeRig, START } from './testing/rig.ts';

const HOUR_MS = 3_600_000;

test('the clock watch rates a clock that is unset, an hour off, drifting or confirmed by the cloud', () => {
  const watch = new ClockWatch();
  const rows: [now: number, elapsedMs: number, cloud: number | null, step: number, quality: string, offset: number][] =
    [
      [5000, 0, null, 0, 'uncertain', 0],
      [6000, 1000, null, 0, 'uncertain', 0],
      [START, 2000, null, START - 7000, 'uncertain', 0],
      [START + 1000, 3000, START + 900, 0, 'good', 100],
      [START + 2000 + HOUR_MS, 4000, null, HOUR_MS, 'uncertain', HOUR_MS + 100],
      [START + 3000 + HOUR_MS, 5000, START + 3000, 0, 'uncertain', HOUR_MS],
      [START + 4000, 6000, null, -HOUR_MS, 'uncertain', 0],
      [START + 5000, 7000, START + 5200, 0, 'good', -200],
      // A rate correction is not a step.
      [START + 6300, 8000, null, 0, 'good', -200],
    ];
  for (const [now, elapsedMs, cloud, step, quality, offset] of rows) {
    assert.equal(watch.look(now, elapsedMs, 1), step, `at ${elapsedMs}`);
    if (cloud !== null) watch.heard(cloud, now, elapsedMs);
    assert.deepEqual(watch.state(), { quality, offsetMs: offset }, `at ${elapsedMs}`);
  }
  watch.look(START + 40_000, 42_000, 1);
  assert.equal(watch.state().quality, 'good');
});

for (const byMs of [HOUR_MS, -HOUR_MS])
  test(`a clock jump of ${byMs / HOUR_MS} h does not change the duration of local manual and marks records uncertain`, async () => {
    const rig = await makeRig();
    await rig.run(5);
    rig.gateway.local({
      op: 'manual',
      on: true,
      device: 'battery-1',
      setpoint: { activePowerKw: -20 },
      forS: 1800,
      reason: 'test',
    });
    await rig.run(60);
    assert.equal(rig.gateway.status().clock.quality, 'good');
    rig.clock.step(byMs);
    rig.world['b/p'] = -19;
    await rig.run(5, false);
    assert.equal(rig.gateway.status().clock.quality, 'uncertain');
    assert.ok(rig.uplink.eventCodes().includes('clock.stepped'));
    const last = rig.uplink
      .of('frames')
      .flatMap(({ frames }) => frames)
      .findLast(({ device }) => device === 'battery-1');
    assert.deepEqual(new Set(last?.values.map(({ quality }) => quality)), new Set(['uncertain']));
    await rig.run(1650);
    assert.equal(rig.commanded('b/set'), -20, 'still in force before half an hour is over');
    assert.equal(rig.gateway.status().clock.quality, 'good', 'the cloud has confirmed it');
    await rig.run(200);
    assert.equal(rig.commanded('b/set'), 0, 'and no longer afterwards');
  });

test('a gateway that starts in 1970 controls and reports its time as uncertain', async () => {
  const rig = await makeRig({ start: 10_000 });
  rig.world['t/p'] = 700;
  await rig.run(60, false);
  assert.ok(rig.commanded('ev/set')! < 40, 'the guard relieves');
  assert.equal(rig.gateway.status().clock.quality, 'uncertain');
  const values = rig.uplink.of('frames').flatMap(({ frames }) => frames.flatMap((frame) => frame.values));
  assert.ok(values.length > 0 && values.every(({ quality }) => quality === 'uncertain'));
});
