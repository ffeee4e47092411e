import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlarmDeskView } from '../../../../shared/contracts/alarm.ts';
import type { EventView, ValueView } from '../../../../shared/contracts/view.ts';
import { alarmOf } from '../../testing/alarm-views.ts';
import { concerns, floodOrder, foremost, isOpen, mergeEvents, patched } from './alarms.ts';
import { loadingLevel, powerLevel, voltageLevel, worst } from './assess.ts';
import { SseParser } from './sse.ts';
import { plantNow, valueFreshness } from './staleness.ts';

const NOW = Date.parse('2021-09-25T12:00:00Z');
const value = (ageS: number | null, more: Partial<ValueView> = {}): ValueView => ({
  value: 10,
  quality: 'good',
  origin: 'measured',
  time: ageS === null ? null : NOW - ageS * 1000,
  ...more,
});

test('a value is stale after twice its interval plus transit, and unknown is never zero', () => {
  const table: [string, ValueView, number, string][] = [
    ['fresh', value(100), 1, 'fresh'],
    ['twice the interval of the reports and 2 s', value(122), 1, 'fresh'],
    ['beyond it', value(123), 1, 'stale'],
    ['at 60 times its way takes 120 s', value(240), 60, 'fresh'],
    ['at 60 times, beyond', value(241), 60, 'stale'],
    ['twice its own interval and 2 s', value(1202, { intervalS: 600 }), 1, 'fresh'],
    ['beyond its own', value(1203, { intervalS: 600 }), 1, 'stale'],
    ['an estimate is no other', value(123, { origin: 'estimated' }), 1, 'stale'],
    ['no number', value(1, { value: null }), 1, 'unknown'],
    ['zero is a number', value(1, { value: 0 }), 1, 'fresh'],
    ['a number whose time nobody knows', value(null), 1, 'stale'],
  ];
  for (const [name, each, speed, expected] of table)
    assert.equal(valueFreshness(each, { now: NOW, speed }), expected, name);
});

test('plant time keeps running between messages', () => {
  assert.equal(plantNow({ plantTime: NOW, speedReached: 60 }, 1500), NOW + 90_000);
  assert.equal(plantNow({ plantTime: NOW, speedReached: 60 }, -10), NOW);
});

test('the level past a limit is 1, near it 2, for unknown none', () => {
  assert.deepEqual([101, 100, 90, 89, null].map(loadingLevel), [1, 2, 2, null, null]);
  const limits = { vMinPu: 0.9, vMaxPu: 1.1 };
  assert.deepEqual(
    [0.899, 0.905, 1, 1.095, 1.101, null].map((each) => voltageLevel(each, limits)),
    [1, 2, null, 2, 1, null],
  );
  const pair = { importKw: 1000, exportKw: 500 };
  assert.deepEqual(
    [-501, -460, -100, 600, 950, 1001].map((each) => powerLevel(each, pair)),
    [1, 2, null, null, 2, 1],
  );
  assert.equal(worst(null, 2, 3), 2);
  assert.equal(worst(null), null);
});

const event = (id: number, more: Partial<EventView>): EventView => ({
  id,
  time: NOW + id * 1000,
  source: 'owd-01',
  kind: 'alarm',
  severity: 'high',
  code: 'LS-EDGE-001',
  text: 'text',
  device: null,
  subject: null,
  active: true,
  ...more,
});

const states = { unacknowledged: 3, acknowledged: 1, returned: 1, shelved: 0, suppressed: 0, normal: 0 };
const desk: AlarmDeskView = {
  alarms: [
    alarmOf(1, { state: 'acknowledged', priority: 1 }),
    alarmOf(2, { state: 'returned' }),
    alarmOf(3),
    alarmOf(4),
  ],
  states: { ...states, 'out-of-service': 0 },
  standing: { 1: 1, 2: 0, 3: 3 },
  rate: { inTenMinutes: 4, floodSince: null },
  told: 4,
};

test('the banner shows unacknowledged alarms and counts all waiting; acts show at once', () => {
  const first = foremost(desk);
  assert.deepEqual([first?.alarm.id, first?.more, first?.flood], [3, 2, false]);
  assert.equal(foremost(null), null);
  assert.equal(
    foremost(patched(desk, [alarmOf(3, { state: 'acknowledged' }), alarmOf(4, { state: 'shelved' })])),
    null,
  );
  assert.deepEqual(
    desk.alarms.filter(isOpen).map(({ id }) => id),
    [2, 3, 4],
  );
  const owd = { id: 'owd', feeders: ['owd-1'] };
  assert.ok(concerns(alarmOf(1), owd));
  assert.ok(concerns(alarmOf(1, { source: 'cloud', target: 'feeder:owd-1' }), owd));
  const ofOther = { source: 'owd-north-01', subject: 'owd-north-1', target: 'feeder:owd-north-1' };
  assert.ok(!concerns(alarmOf(1, ofOther), owd));
  assert.ok(concerns(alarmOf(1, ofOther), { id: 'owd-north', feeders: ['owd-north-1'] }));
});

test('in a flood alarms are ordered by priority and grouped by source, first-out on top', () => {
  const order = floodOrder([
    alarmOf(1, { priority: 1 }),
    alarmOf(2, { priority: 1, source: 'whf-01' }),
    alarmOf(3, { priority: 1, source: 'whf-01', firstOut: true }),
    alarmOf(4, { priority: 3, source: 'whf-01' }),
    alarmOf(5, { priority: 3 }),
    alarmOf(6, { priority: 3, source: 'whf-01' }),
    alarmOf(7, { priority: 3, firstOut: true }),
  ]);
  assert.deepEqual(
    order.map(({ id, priority, source }) => [id, priority, source]),
    [
      [3, 1, 'whf-01'],
      [2, 1, 'whf-01'],
      [1, 1, 'owd-01'],
      [7, 3, 'owd-01'],
      [5, 3, 'owd-01'],
      [4, 3, 'whf-01'],
      [6, 3, 'whf-01'],
    ],
  );
});

test('events are merged by id, newest first, up to a limit', () => {
  const merged = mergeEvents([event(1, {}), event(2, {})], [event(3, {}), event(2, { text: 'again' })], 2);
  assert.deepEqual(
    merged.map(({ id, text }) => [id, text]),
    [
      [3, 'text'],
      [2, 'again'],
    ],
  );
});

test('event streams are parsed wherever the chunks are cut', () => {
  const text =
    'retry: 2000\n\nevent: region\ndata: {"a":1}\n\n: comment\n\nevent: event\r\ndata: x\r\ndata: y\r\n\r\nid: s.7\n\n';
  for (let cut = 0; cut <= text.length; cut++) {
    const parser = new SseParser();
    const messages = [...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))];
    assert.deepEqual(messages, [
      { event: 'region', data: '{"a":1}' },
      { event: 'event', data: 'x\ny' },
      { event: 'id', data: '', id: 's.7' },
    ]);
  }
});
