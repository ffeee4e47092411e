import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as forAll, integer, property } from 'fast-check';
import { compileEstimate, estimate } from './estimate.ts';
import { drawState, randomSubstation } from './testing/random-substation.ts';

const time = Date.parse('2021-09-25T12:00:00Z');
const seeds = integer({ min: 1, max: 1_000_000 });

test('property: with exact meters at every load the estimate is within 1e-6 of the truth', () => {
  forAll(
    property(seeds, (seed) => {
      const substation = randomSubstation(seed, { errorPct: 0.01, stations: 1 });
      const { readings, voltagePu } = drawState(substation, { seed, time, exact: true });
      const state = estimate(compileEstimate(substation, undefined, 0), { time, readings, findings: [] });
      assert.equal(state.converged, true);
      for (const [at, bus] of state.buses.entries())
        if (bus.id !== 'hv') assert.ok(Math.abs(bus.voltagePu.value - voltagePu[at]!) < 1e-6, `${seed} ${bus.id}`);
    }),
    { numRuns: 40 },
  );
});

test('over an ensemble of feeders the 95 % interval covers 92 to 98 of 100 buses', () => {
  let within = 0;
  let count = 0;
  for (let seed = 1; seed <= 120; seed++) {
    const substation = randomSubstation(seed, { errorPct: 0.5, stations: 0.1 });
    const { readings, voltagePu } = drawState(substation, { seed, time, exact: false });
    const state = estimate(compileEstimate(substation, undefined, 0), { time, readings, findings: [] });
    for (const [at, bus] of state.buses.entries()) {
      if (bus.voltagePu.origin === 'measured' || bus.id === 'hv') continue;
      within += Math.abs(bus.voltagePu.value - voltagePu[at]!) <= 1.96 * bus.voltagePu.error ? 1 : 0;
      count++;
    }
  }
  assert.ok(count > 1000);
  assert.ok(within / count > 0.92 && within / count < 0.98, `coverage ${within / count}`);
});
