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

test('a session that must not pause and begins counts as moved, so that the next plan keeps it', () => {
  const plan = { horizon: { start: 0, stepsS: [300, 300, 300] }, devices: [] };
  const at = (waits: boolean): Basis => ({
    ...basis({}),
    sessions: new Map([['ev-1 a', { energyKwh: 10, departure: 60 * MINUTE, waits }]]),
  });
  assert.equal(movedSince(at(true), plan, at(false), MINUTE), 'sessions');
  assert.equal(movedSince(at(true), plan, at(true), MINUTE), undefined);
  assert.equal(movedSince(at(false), plan, at(true), MINUTE), undefined);
});

test('limits, prices and the source voltage count as moved beyond their tolerance, not within it', () => {
  const plan = { horizon: { start: 0, stepsS: [300, 300, 300] }, devices: [] };
  const before = { ...basis({}), near: nearly({ limits: [1000, 800], prices: [0.2, -0.1] }) };
  const movedBy = (now: Partial<Basis>) => movedSince(before, plan, { ...before, ...now }, MINUTE);
  const rows: readonly [now: Partial<Basis>, expected: ReturnType<typeof movedBy>][] = [
    [{}, undefined],
    [{ near: nearly({ limits: [1000, 700], prices: [0.2, -0.1] }) }, undefined],
    [{ near: nearly({ limits: [1000, 100], prices: [0.2, -0.1] }) }, 'limits'],
    [{ near: nearly({ limits: [100, 800], prices: [0.2, -0.1] }) }, 'limits'],
    [{ near: nearly({ limits: [1000, 800], prices: [0.2001, -0.1] }) }, undefined],
    [{ near: nearly({ limits: [1000, 800], prices: [0.3, -0.1] }) }, 'prices'],
    [{ near: nearly({ limits: [1000, 800], prices: [0.2, 0.1] }) }, 'prices'],
    [{ sourcePu: 1.0001 }, undefined],
    [{ sourcePu: 1.03 }, 'measured'],
    [{ sourcePu: 0.97 }, 'measured'],
  ];
  for (const [now, expected] of rows) assert.equal(movedBy(now), expected, JSON.stringify([...(now.near ?? [now])]));
});

const nearly = (at: { limits: [number, number]; prices: [number, number] }): Basis['near'] =>
  new Map([[0, { lengthS: 300, load: [0, 0, 0], feeders: [], sunKw: 0, ...at }]]);
