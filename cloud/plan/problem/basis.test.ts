import assert from 'node:assert/strict';
import { test } from 'node:test';
import { movedSince, type Basis } from './basis.ts';

const MINUTE = 60_000;
const basis = (positions: Readonly<Record<string, number>>, planned?: Readonly<Record<string, number[]>>): Basis => ({
  ratedKva: 10_000,
  topology: '1',
  devices: Object.keys(positions).join(' '),
  positions: new Map(Object.entries(positions)),
  planned: planned && new Map(Object.entries(planned)),
  inputs: '',
  sourcePu: 1,
  near: new Map([[0, { lengthS: 300, load: [0, 0, 0], feeders: [], sunKw: 0, limits: [0, 0], prices: [0, 0] }]]),
  forecasts: [],
  wishes: new Map(),
  sessions: new Map(),
  sites: new Map(),
  levels: new Map(),
});

test('a stepped device that deviates from the planned positions counts as moved', () => {
  const plan = { horizon: { start: 0, stepsS: [300, 300, 300] }, devices: [] };
  const before = basis({ tap: 4, bank: 1 }, { tap: [5, 5, 7], bank: [1, 1, 1] });
  const rows = [
    [4, 1, 2, undefined],
    [5, 1, 2, undefined],
    [5, 1, 6, undefined],
    [7, 1, 11, undefined],
    [5, 1, 11, undefined],
    [7, 1, 6, 'devices'],
    [6, 1, 11, 'devices'],
    [5, 2, 2, 'devices'],
  ] as const;
  for (const [tap, bank, minute, expected] of rows) {
    const moved = movedSince(before, plan, basis({ tap, bank }), minute * MINUTE);
    assert.equal(moved, expected, `tap ${tap}, bank ${bank} at ${minute} min`);
  }
  assert.equal(
    movedSince(basis({ tap: 4 }), plan, basis({ tap: 5 }), 0),
    'devices',
    'without a plan every move counts',
  );
});
