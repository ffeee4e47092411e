import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { figures, type Announcement } from './figures.ts';
import { floodMs } from './flood.ts';

const START = Date.parse('2021-09-25T00:00:00Z');
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const RULE = { above: 10, below: 5 };
const span = { from: START, to: START + DAY, now: [], flood: RULE };
const announced = (minute: number, over: Partial<Announcement> = {}): Announcement => ({
  at: START + minute * MINUTE,
  source: 'owd-01',
  code: 'LS-CONTROL-003',
  about: 'pv-1',
  priority: 3,
  ...over,
});

test('a flood begins with the eleventh alarm in ten minutes and ends below five', () => {
  const times = Array.from({ length: 12 }, (_, index) => START + index * 10_000);
  // The eleventh alarm comes at 100 s; the eighth leaves the window at 670 s, and four are left.
  assert.equal(floodMs(times, { from: START, to: START + DAY }, RULE), 670_000 - 100_000);
  assert.equal(floodMs(times.slice(0, 10), { from: START, to: START + DAY }, RULE), 0);
  assert.equal(floodMs(times, { from: START + 300_000, to: START + DAY }, RULE), 370_000);
  assert.equal(floodMs(times, { from: START, to: START + 200_000 }, RULE), 100_000);
});

test('figures of a day: rates, shares, most frequent, chattering', () => {
  const list = [
    ...Array.from({ length: 3 }, (_, index) => announced(60 + index * 0.4)),
    ...Array.from({ length: 3 }, (_, index) => announced(120 + index * 2, { about: 'pv-2' })),
    announced(700, { priority: 1, code: 'LS-CONTROL-004' }),
    announced(900, { priority: 2, code: 'LS-GATEWAY-001', about: null }),
  ];
  const found = figures(list, span);
  assert.equal(found.told, 8);
  assert.equal(found.perDay, 8);
  assert.deepEqual(found.perTenMinutes, { mean: 8 / 144, most: 3 });
  assert.deepEqual(found.priorityShare, { 1: 1 / 8, 2: 1 / 8, 3: 6 / 8 });
  assert.deepEqual(
    found.frequent.map(({ about, count }) => [about, count]),
    [
      ['pv-1', 3],
      ['pv-2', 3],
      ['pv-1', 1],
      [null, 1],
    ],
  );
  assert.equal(found.frequentShare, 1);
  assert.equal(found.chattering, 1);
  assert.equal(found.floodShare, 0);
  assert.equal(found.hourly[1], 3);
  assert.equal(found.hourly.length, 24);
});

test('a span without alarms has figures of zero, not missing ones', () => {
  const found = figures([], span);
  assert.deepEqual([found.told, found.perDay, found.frequentShare, found.chattering], [0, 0, 0, 0]);
});

test('property: shares add up, the flood fits its span, hours add up to the total', () => {
  const minutes = fc.array(fc.double({ min: -10, max: 1440, noNaN: true }), { maxLength: 200 });
  fc.assert(
    fc.property(minutes, (list) => {
      const found = figures(
        list.toSorted((a, b) => a - b).map((minute, index) => announced(minute, { priority: index % 2 === 0 ? 1 : 3 })),
        span,
      );
      const { 1: first, 2: second, 3: third } = found.priorityShare;
      assert.ok(found.told === 0 || Math.abs(first + second + third - 1) < 1e-9);
      assert.ok(found.floodShare >= 0 && found.floodShare <= 1);
      assert.equal(
        found.hourly.reduce((sum, count) => sum + count, 0),
        found.told,
      );
      assert.ok(found.perTenMinutes.most <= found.told);
    }),
  );
});
