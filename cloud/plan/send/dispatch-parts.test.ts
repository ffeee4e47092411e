import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MODEL_CHUNK_BYTES } from '../../../shared/contracts/model.ts';
import { modelChunk } from './model-server.ts';
import { PlanQueue } from './plan-queue.ts';
import { clearSky, isDay, sunHeight } from '../../../shared/grid/clear-sky.ts';
import { seenSky, sunAhead } from '../problem/sun.ts';

test('the queue serves urgent substations first and starves none', () => {
  const queue = new PlanQueue();
  for (const substation of ['a', 'b', 'c']) queue.add({ substation, trigger: 'schedule' }, false);
  queue.add({ substation: 'c', trigger: 'spike' }, true);
  const order: string[] = [];
  for (let turn = 0; turn < 9; turn++) {
    const entry = queue.next();
    if (entry === undefined) break;
    order.push(entry.substation);
    if (entry.trigger === 'spike' && turn < 6)
      queue.add({ substation: `${entry.substation}x`, trigger: 'spike' }, true);
  }
  assert.equal(order[0], 'c');
  assert.ok(order.indexOf('a') <= 3, `a waits behind three urgent ones at most: ${order.join(' ')}`);
  assert.ok(order.includes('b'));
});

test('the position of the sun matches almanacs', () => {
  const groningen = { latitude: 53.2, longitude: 6.6 };
  // Noon at 6.6 E on 21 June is 11:35 UTC; elevation 90 - 53.2 + 23.44 degrees.
  assert.ok(Math.abs(sunHeight(groningen, Date.UTC(2021, 5, 21, 11, 35)) - Math.sin((60.24 * Math.PI) / 180)) < 0.01);
  assert.equal(sunHeight(groningen, Date.UTC(2021, 5, 21, 23, 35)), 0);
  assert.ok(sunHeight(groningen, Date.UTC(2021, 11, 21, 11, 33)) < 0.24);
});

test('day lasts from half an hour before sunrise to half an hour after sunset, in every season', () => {
  const groningen = { latitude: 53.2, longitude: 6.6 };
  const at = (hour: number, minute: number): number => Date.UTC(2021, 11, 21, hour, minute);
  // The middle of the sun rises at 7:54 UTC and sets at 15:10.
  assert.ok(!isDay(groningen, at(6, 0), at(7, 10)) && isDay(groningen, at(6, 0), at(7, 30)));
  assert.ok(isDay(groningen, at(15, 35), at(15, 35)) && !isDay(groningen, at(16, 0), at(17, 0)));
  assert.ok(isDay(groningen, at(0, 0), at(23, 59)));
});

test('expected sun starts near the present and later lies between overcast and clear', () => {
  const place = { latitude: 53.2, longitude: 6.6 };
  const now = Date.UTC(2021, 5, 21, 9);
  const soon = sunAhead(place, { now: 0.9, best: 1.3 }, { time: now + 60_000, now });
  assert.ok(Math.abs(soon.mid / clearSky(place, now) - 0.9) < 0.01);
  const later = sunAhead(place, { now: 0.9, best: 1.3 }, { time: now + 6 * 3_600_000, now });
  assert.ok(later.low < later.mid && later.mid < later.high);
  assert.deepEqual(sunAhead(place, undefined, { time: Date.UTC(2021, 5, 21, 23), now }), {
    mid: 0,
    low: 0,
    high: 0,
  });
});

test('a plant above its clear-sky rating is believed, and short clouds do not change the expected sky', () => {
  const place = { latitude: 53.2, longitude: 6.6 };
  const now = Date.UTC(2021, 8, 25, 15);
  const share = 1.8;
  let sky = seenSky(undefined, share, 0);
  const ahead = sunAhead(place, sky, { time: now, now });
  assert.ok(Math.abs(ahead.mid - share * clearSky(place, now)) < 1e-9);
  assert.ok(ahead.high > ahead.mid, JSON.stringify(ahead));
  sky = seenSky(sky, 0.4, 60_000);
  assert.ok(sky.now > 1.6, `one shadow of a minute: ${sky.now}`);
  for (let minute = 0; minute < 60; minute++) sky = seenSky(sky, 0.4, 60_000);
  assert.ok(Math.abs(sky.now - 0.4) < 0.05, `an hour of cloud: ${sky.now}`);
  assert.ok(sky.best > share, 'the clear-sky share is remembered under clouds');
});

test('a clock set back by an hour does not distort the expected sun', () => {
  let sky = seenSky(undefined, 0.8, 0);
  sky = seenSky(sky, 0.2, 60_000);
  const { best } = sky;
  sky = seenSky(sky, 0.9, -3_600_000);
  assert.equal(sky.best, best);
  assert.ok(sky.now >= 0.2 && sky.now <= 0.9, `${sky.now}`);
});

test('a model is served in chunks that its gateway reassembles', async () => {
  const bytes = Uint8Array.from({ length: MODEL_CHUNK_BYTES + 100 }, (_, at) => at % 251);
  const sha256 = 'ab'.repeat(32);
  const models = { bytes: async (hash: string) => (hash === sha256 ? bytes : undefined) };
  const parts = [(await modelChunk(models, { sha256, index: 0 }))!, (await modelChunk(models, { sha256, index: 1 }))!];
  assert.equal(parts[1]!.length, 36 + 100);
  assert.equal(parts[1]![0], 0xab);
  assert.equal(new DataView(parts[1]!.buffer).getUint32(32, true), 1);
  assert.deepEqual(Buffer.concat(parts.map((part) => part.subarray(36))), Buffer.from(bytes));
  assert.equal(await modelChunk(models, { sha256, index: 2 }), undefined);
  assert.equal(await modelChunk(models, { sha256: 'cd'.repeat(32), index: 0 }), undefined);
});
