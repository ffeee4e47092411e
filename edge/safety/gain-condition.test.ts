import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyGuardState } from '../control/safety-memory.ts';
import { guard } from './guard.ts';

/** Response time of the guard, s. */
const RESPONSE_S = 4;
const SPAN_KW = 1e9;
/** Excess at which a rising load and its relief are in balance, kW. */
const BALANCE_KW = 1000;
/** A load that rises this much more once disturbs the balance, kW. */
const DISTURBED_KW = 1;

/** The edge that STABILITY.md states: the gain at which relief that shows after `k` response times neither settles nor grows. */
const edgeOf = (k: number): number => 2 * Math.sin(Math.PI / (2 * (2 * k - 1)));

/**
 * The real guard under a load that rises in each response time, so that it always relieves one side of its limit and neither swings nor
 * releases. Returns what is left of a disturbance of the balance in the last tenth of the run, relative to its size.
 */
function growthOf(k: number, gain: number): number {
  const responses = 1000 * k;
  const step = gain * BALANCE_KW;
  const shows = Array.from({ length: k * RESPONSE_S }, () => 0);
  const off: number[] = [];
  let state = emptyGuardState();
  let load = BALANCE_KW + DISTURBED_KW;
  for (let second = 0; second < responses * RESPONSE_S; second++) {
    // Until the first relief shows, the load waits at its balance.
    if (second % RESPONSE_S === 0 && second >= k * RESPONSE_S) load += step;
    const does = shows[0]!;
    const value = load + gain * does;
    if (second % RESPONSE_S === 0) off.push(Math.abs(value - BALANCE_KW));
    const reach = { perKw: new Map([['d', 1]]), perKvar: new Map<string, number>() };
    const head = { id: 'head', element: 'feeder-1', quantity: 'activePowerKw', min: -Infinity, max: 0 } as const;
    const span = { minKw: -SPAN_KW, maxKw: SPAN_KW };
    const lever = { key: 'd:p', device: 'd', kind: 'p', moves: 'both', safe: 0, goal: 0, cost: 1 } as const;
    const commanded = shows.at(-1)!;
    const result = guard(
      [{ ...head, ...reach, value, mapped: true }],
      [{ ...lever, span, value: does, ageS: 0, commanded }],
      state,
      { settings: { responseS: RESPONSE_S, marginPct: 0, releaseKwPerS: 0 }, stepS: 1 },
    );
    // The check of the direction is another loop.
    const { bounds, pending } = result.state;
    state = { bounds, pending };
    shows.push(Math.min(0, result.ranges.get('d:p')?.maxKw ?? 0));
    shows.shift();
  }
  return Math.max(...off.slice(-off.length / 10)) / DISTURBED_KW;
}

test('the loop settles up to the stated edge of the gain and not beyond it, for every dead time', () => {
  for (const k of [1, 2, 3, 4, 5, 8]) {
    const edge = edgeOf(k);
    const [within, beyond] = [0.98, 1.02].map((share) => growthOf(k, share * edge));
    assert.ok(within! < 0.1, `k = ${k}, 2 % within ${edge}: ${within} of a disturbance is left`);
    assert.ok(beyond! > 10, `k = ${k}, 2 % beyond ${edge}: ${beyond} of a disturbance is left`);
  }
});

test('an effective gain of k g a below two is not enough from three response times on', () => {
  for (const k of [3, 5]) assert.ok(growthOf(k, 0.98 * (2 / k)) > 10);
});
