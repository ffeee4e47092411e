import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { gridRange } from './grid-limit.ts';
import { failsafe } from './ladder.ts';
import { initialState, type ControlState } from './state.ts';

const HOUR_MS = 3_600_000;
const own = { range: { minKw: -6000, maxKw: 6000 }, minimumS: 7200 };
const schedule = {
  start: 0,
  stepsS: [3600, 3600],
  importKw: [1500, 4000],
  exportKw: [900, 0],
  after: { importKw: 1200, exportKw: 700 },
};
const limited = (more: Partial<ControlState['gridLimit'] & object> = {}): NonNullable<ControlState['gridLimit']> => ({
  range: { minKw: -900, maxKw: 1500 },
  ageS: 0,
  ...more,
});
const silent = { active: true, heldS: 0, fromStart: false };

test('without the cloud the share of the schedule step applies; past the schedule the static share does', () => {
  const at = (hours: number) => gridRange(own, { failsafe: silent, gridLimit: limited({ schedule }) }, hours * HOUR_MS);
  assert.deepEqual(at(0.5), { minKw: -900, maxKw: 1500 });
  assert.deepEqual(at(1.5), { minKw: 0, maxKw: 4000 });
  assert.deepEqual(at(2.5), { minKw: -700, maxKw: 1200 });
  const narrow = { ...own, range: { minKw: -6000, maxKw: 2000 } };
  assert.equal(gridRange(narrow, { failsafe: silent, gridLimit: limited({ schedule }) }, 1.5 * HOUR_MS)?.maxKw, 2000);
});

test('a gateway without a valid clock uses the smallest of its shares', () => {
  const now = { ...schedule, start: Date.UTC(2026, 10, 29), importKw: [4000, 900] };
  const at = (time: number) => gridRange(own, { failsafe: silent, gridLimit: limited({ schedule: now }) }, time);
  assert.deepEqual(at(1000), { minKw: 0, maxKw: 900 });
  assert.deepEqual(at(Date.UTC(2025, 2, 1)), { minKw: 0, maxKw: 900 }, 'it starts when its system was built');
  assert.deepEqual(
    at(now.start - 1000),
    { minKw: -900, maxKw: 4000 },
    'with a valid clock the first step begins early',
  );
});

test('property: losing the cloud never widens a limit, for any sequence of loss and return', () => {
  const kw = fc.integer({ min: 0, max: 8000 });
  const moment = fc.record({
    stepS: fc.integer({ min: 1, max: 4000 }),
    isAlive: fc.boolean(),
    limit: fc.option(
      fc.record({
        importKw: kw,
        exportKw: kw,
        steps: fc.array(fc.tuple(fc.integer({ min: 60, max: 7200 }), kw, kw), { maxLength: 6 }),
        after: fc.tuple(kw, kw),
      }),
      { nil: null },
    ),
  });
  fc.assert(
    fc.property(fc.array(moment, { minLength: 2, maxLength: 40 }), kw, kw, (moments, importKw, exportKw) => {
      const fallback = { range: { minKw: -exportKw, maxKw: importKw }, minimumS: 7200 };
      let state = { ...initialState('automatic', 0), heartbeatAgeS: 0, failsafe: { ...silent, active: false } };
      let time = 0;
      for (const { stepS, isAlive, limit } of moments) {
        time += 1000 * stepS;
        const heartbeatAgeS = isAlive ? 0 : state.heartbeatAgeS + stepS;
        const gridLimit: ControlState['gridLimit'] =
          isAlive && limit !== null
            ? {
                range: { minKw: -limit.exportKw, maxKw: limit.importKw },
                ageS: 0,
                ...(limit.steps.length === 0
                  ? {}
                  : {
                      schedule: {
                        start: time,
                        stepsS: limit.steps.map(([seconds]) => seconds),
                        importKw: limit.steps.map(([, up]) => up),
                        exportKw: limit.steps.map(([, , down]) => down),
                        after: { importKw: limit.after[0], exportKw: limit.after[1] },
                      },
                    }),
              }
            : state.gridLimit === null
              ? null
              : { ...state.gridLimit, ageS: state.gridLimit.ageS + stepS };
        const input = { heartbeatAgeS, lostAfterS: 120, gridLimitAgeS: gridLimit?.ageS ?? null, stepS };
        state = { ...state, heartbeatAgeS, gridLimit, failsafe: failsafe(state.failsafe, input) };
        const inForce = gridRange(fallback, { ...state, failsafe: { ...silent, active: false } }, time);
        const alone = gridRange(fallback, { ...state, failsafe: silent }, time);
        assert.ok(alone !== null);
        assert.ok(inForce === null || (alone.maxKw <= inForce.maxKw && alone.minKw >= inForce.minKw));
      }
    }),
    { numRuns: 500 },
  );
});
