import assert from 'node:assert/strict';
import { test } from 'node:test';
import { receiptsOf } from './receipts.ts';
import type { Span } from './spans.ts';

const span = (timeFrom: number, timeTo: number, of: Pick<Span, 'receivedAt' | 'lagMs'>): Span => ({
  first: timeFrom,
  last: timeTo,
  state: 'stored',
  timeFrom,
  timeTo,
  code: null,
  ...of,
});

test('as of a moment nothing is received later, and what came later does not show', () => {
  const spans = [
    span(0, 150, { receivedAt: null, lagMs: 5 }),
    span(100, 150, { receivedAt: 900, lagMs: 0 }),
    span(200, 250, { receivedAt: 600, lagMs: 0 }),
  ];
  const archives = [{ gateway: 'owd-01', first: 0, last: 0, timeFrom: 300, timeTo: 375, intervalMs: 25 }];
  const grid = { start: 0, stepMs: 100, count: 4 };
  assert.deepEqual(receiptsOf(spans, archives, grid), [105, 900, 600, 400]);
  assert.deepEqual(receiptsOf(spans, archives, grid, 650), [105, 155, 600, 400]);
  assert.deepEqual(receiptsOf(spans, archives, grid, 130), [105, 130, null, null]);
  assert.deepEqual(receiptsOf(spans, archives, grid, 350), [105, 155, null, 350]);
});
