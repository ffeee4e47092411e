import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitting, HeldViews } from './held-views.ts';

const heldIn = (query: URLSearchParams): (string | null)[] => [query.get('held'), query.get('since')];

test('a view that is still held is not requested again', () => {
  const views = new HeldViews();
  assert.equal(String(views.query(['region', 'links'])), 'topics=region%2Clinks');
  views.whole('region', { name: 'north', kw: 1 });
  views.reached('s.1');
  assert.deepEqual(views.changed('region', { kw: 2 }), { name: 'north', kw: 2 });
  views.reached('s.2');
  assert.deepEqual(heldIn(views.query(['region', 'alarms'])), ['region', 's.2']);
});

test('a change from the previous stream for a topic that was left is not applied', () => {
  const views = new HeldViews();
  views.query(['region', 'feeder:a']);
  views.whole('region', { name: 'north' });
  views.whole('feeder:a', { id: 'a', name: 'A', kw: 1 });
  views.reached('s.1');
  views.query(['region', 'feeder:b']);
  assert.equal(views.changed('feeder:a', { kw: 2 }), undefined);
  views.whole('feeder:a', { id: 'a', name: 'A', kw: 2 });
  views.reached('s.9');
  assert.deepEqual(heldIn(views.query(['region', 'feeder:a'])), ['region', 's.9']);
  assert.equal(views.changed('feeder:a', { kw: 3 }), undefined, 'there is no view to change');
});

test('a page requests no more topics than a stream may have', () => {
  const named = (count: number, id: string): string[] => Array.from({ length: count }, (_, at) => `${id}${at}`);
  assert.equal(fitting(named(120, 'f')).length, 100);
  const long = fitting(named(30, `feeder:${'x'.repeat(60)}`));
  assert.equal(long.length, 14);
  assert.ok(long.join(',').length <= 1000);
  assert.deepEqual(fitting(['region', 'links']), ['region', 'links']);
});
