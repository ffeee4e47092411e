import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { thermalLimit, type ThermalLimit } from './thermal-limit.ts';
import type { ThermalMemory } from '../control/safety-memory.ts';

const RATED = 8000;
const step = (memory: ThermalMemory | null, kva: number | null, ambientC = 20, stepS = 60): ThermalLimit =>
  thermalLimit(memory, { ratedKva: RATED, kva, ambientC, stepS });

/** Runs for minutes with a wished load that the limit bounds. Returns the final load and the hottest temperature. */
function run(before: ThermalMemory | null, wishPu: number, minutes: number, ambientC = 20) {
  let memory = before;
  let [maxKva, hottestC, usedPu] = [RATED, 0, 0];
  for (let minute = 0; minute < minutes; minute++) {
    usedPu = Math.min(wishPu, maxKva / RATED);
    const limit = step(memory, usedPu * RATED, ambientC);
    ({ memory, maxKva } = limit);
    hottestC = Math.max(hottestC, limit.hotSpotC);
  }
  return { memory: memory!, usedPu, hottestC };
}

test('the thermal limit allows a short overload but not a long one', () => {
  const day = run(null, 0.9, 2880);
  const rows: [minutes: number, leastPu: number, mostPu: number, why: string][] = [
    [7, 1.3, 1.3, '7 min at 1.3: 98 C'],
    [35, 1.3, 1.3, '35 min at 1.3: within 120 C'],
    [60, 1.15, 1.29, 'an hour: bounded before 120 C is reached'],
    [12 * 60, 1, 1.05, 'half a day: back to what it can stand for ever'],
    [3 * 1440, 0.99, 1.02, 'three days'],
  ];
  for (const [minutes, leastPu, mostPu, why] of rows) {
    const { usedPu, hottestC } = run(day.memory, 1.3, minutes);
    assert.ok(usedPu >= leastPu && usedPu <= mostPu, `${why}: ${usedPu.toFixed(3)} pu`);
    assert.ok(hottestC <= 120.5, `${why}: ${hottestC.toFixed(1)} C`);
  }
});

test('the thermal limit is lower on a hot day and higher on a cold one', () => {
  const at = (ambientC: number): number => run(run(null, 0.9, 2880, ambientC).memory, 1.5, 30, ambientC).usedPu;
  const [cold, mild, hot] = [at(0), at(20), at(40)];
  assert.ok(cold === 1.5 && mild < cold && hot < mild && hot >= 1, `${cold}, ${mild}, ${hot}`);
});

test('after a cold start or with a silent meter the transformer is assumed at its rating', () => {
  assert.ok(Math.abs(step(null, 0, 20, 0).hotSpotC - 98) < 1e-9);
  const cool = run(null, 0.3, 1440).memory;
  let memory = cool;
  for (let minute = 0; minute < 1440; minute++) ({ memory } = step(memory, null));
  assert.ok(Math.abs(step(memory, null).hotSpotC - 98) < 0.5);
});

test('property: the thermal limit is between 1 and 1.5 times the rating', () => {
  const wild = fc.oneof(fc.double(), fc.double({ min: 0, max: 20_000, noNaN: true }));
  fc.assert(
    fc.property(
      fc.array(fc.option(wild), { maxLength: 50 }),
      fc.double({ min: -40, max: 50, noNaN: true }),
      (kvas, c) => {
        let memory: ThermalMemory | null = null;
        for (const kva of kvas) {
          const limit: ThermalLimit = step(memory, kva === null ? null : Math.abs(kva), c, 600);
          memory = limit.memory;
          assert.ok(limit.maxKva >= RATED && limit.maxKva <= 1.5 * RATED);
          assert.ok(Object.values(memory).every(Number.isFinite));
        }
      },
    ),
  );
});
