import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstViolation, type Ahead } from './predicted.ts';

const START = Date.parse('2021-09-25T12:00:00Z');
const HOUR = 3_600_000;
const limits = { importKw: 1000, exportKw: 800 };
const ahead = (...kw: number[]): Ahead => ({
  starts: kw.map((_, step) => START + step * HOUR),
  end: START + kw.length * HOUR,
  kw,
  limits,
});
const look = { now: START, was: false, deadBandPct: 2 };

const CASES: readonly (readonly [string, Ahead, Partial<typeof look>, object | undefined])[] = [
  ['within its limits', ahead(0, 1000, -800), {}, undefined],
  ['resting on its limits, within the tolerance of the search', ahead(1001, -800.8), {}, undefined],
  [
    'import exceeded in two steps',
    ahead(0, 1100, 1200, 900),
    {},
    {
      isBeyond: true,
      from: START + HOUR,
      to: START + 3 * HOUR,
      worstKw: 1200,
      limitKw: 1000,
      worstAt: START + 2 * HOUR,
    },
  ],
  [
    'feed-in exceeded first, import after it',
    ahead(-900, 1100),
    {},
    { isBeyond: true, from: START, to: START + HOUR, worstKw: -900, limitKw: -800, worstAt: START },
  ],
  ['a past violation is not predicted', ahead(1200, 0), { now: START + HOUR }, undefined],
  [
    'a running violation continues',
    ahead(1200, 0),
    { now: START + HOUR / 2 },
    { isBeyond: true, from: START + HOUR / 2, to: START + HOUR, worstKw: 1200, limitKw: 1000, worstAt: START },
  ],
  ['just below the limit none begins', ahead(990), {}, undefined],
  [
    'just below the limit a running one stays',
    ahead(990),
    { was: true },
    { isBeyond: false, from: START, to: START + HOUR, worstKw: 990, limitKw: 1000, worstAt: START },
  ],
  [
    'of a running one only what is beyond the limit counts',
    ahead(990, 1100, 990),
    { was: true },
    { isBeyond: true, from: START + HOUR, to: START + 2 * HOUR, worstKw: 1100, limitKw: 1000, worstAt: START + HOUR },
  ],
  ['well inside the limit it ends', ahead(979), { was: true }, undefined],
];
for (const [name, series, more, expected] of CASES) {
  test(`predicted: ${name}`, () => assert.deepEqual(firstViolation(series, { ...look, ...more }), expected));
}
