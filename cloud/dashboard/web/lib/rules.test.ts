import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventView, ValueView } from '../../../../shared/contracts/view.ts';
import { activeAlarms, concerns, countByPriority, mergeEvents } from './alarms.ts';
import { loadingLevel, powerLevel, voltageLevel, worst } from './assess.ts';
import { SseParser } from './sse.ts';
import { plantNow, staleAfterMs, valueFreshness } from './staleness.ts';

const NOW = Date.parse('2021-09-25T12:00:00Z');
const value = (ageS: number | null, more: Partial<ValueView> = {}): ValueView => ({
  value: 10,
  quality: 'good',
  origin: 'measured',
  time: ageS === null ? null : NOW - ageS * 1000,
  ...more,
});

test('a value is stale after twice its interval, never unknown as zero, and fast plant time widens the interval', () => {
  const table: [string, ValueView, number, string][] = [
    ['fresh', value(100), 1, 'fresh'],
    ['twice the interval', value(120), 1, 'fresh'],
    ['beyond it', value(121), 1, 'stale'],
    ['at 60 times, 4 s of machine time are 240 s', value(200), 60, 'fresh'],
    ['at 60 times, beyond', value(241), 60, 'stale'],
    ['an estimate may take longer', value(200, { origin: 'estimated' }), 1, 'fresh'],
    ['no number', value(1, { value: null }), 1, 'unknown'],
    ['zero is a number', value(1, { value: 0 }), 1, 'fresh'],
    ['a number whose time nobody knows', value(null), 1, 'stale'],
  ];
  for (const [name, each, speed, expected] of table)
    assert.equal(valueFreshness(each, 'power', { now: NOW, speed }), expected, name);
  assert.equal(staleAfterMs(60_000, 0), 120_000);
});

test('plant time goes on between messages', () => {
  assert.equal(plantNow({ plantTime: NOW, speedReached: 60 }, 1500), NOW + 90_000);
  assert.equal(plantNow({ plantTime: NOW, speedReached: 60 }, -10), NOW);
});

test('levels: a limit passed is 1, near it 2, unknown is no level', () => {
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

test('alarms: the newest message of each counts; highest priority first', () => {
  const events = [
    event(1, {}),
    event(2, { device: 'pv-1', severity: 'low' }),
    event(3, { device: 'pv-2', severity: 'medium' }),
    event(4, { device: 'pv-2', severity: 'medium', active: false }),
    event(5, { kind: 'event', code: 'other' }),
    event(6, { device: 'pv-3', severity: 'medium' }),
  ];
  const alarms = activeAlarms(events);
  assert.deepEqual(
    alarms.map(({ event: { id }, priority }) => [id, priority]),
    [
      [1, 1],
      [6, 2],
      [2, 3],
    ],
  );
  assert.deepEqual(countByPriority(alarms), { 1: 1, 2: 1, 3: 1 });
  assert.ok(concerns(event(1, {}), 'owd'));
  assert.ok(concerns(event(1, { source: 'cloud', subject: 'owd-1-l17' }), 'owd'));
  assert.ok(!concerns(event(1, { source: 'owdx-01' }), 'owd'));
});

test('events merge by id, newest first, bounded', () => {
  const merged = mergeEvents([event(1, {}), event(2, {})], [event(3, {}), event(2, { text: 'again' })], 2);
  assert.deepEqual(
    merged.map(({ id, text }) => [id, text]),
    [
      [3, 'text'],
      [2, 'again'],
    ],
  );
});

test('event streams are cut anywhere', () => {
  const text = 'retry: 2000\n\nevent: region\ndata: {"a":1}\n\n: comment\n\nevent: event\r\ndata: x\r\ndata: y\r\n\r\n';
  for (let cut = 0; cut <= text.length; cut++) {
    const parser = new SseParser();
    const messages = [...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))];
    assert.deepEqual(messages, [
      { event: 'region', data: '{"a":1}' },
      { event: 'event', data: 'x\ny' },
    ]);
  }
});
