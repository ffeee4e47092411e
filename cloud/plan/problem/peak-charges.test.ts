import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { buildLayout } from '../search/build-layout.ts';
import { HighsSolver } from '../search/highs-solver.ts';
import { optimise } from '../search/optimise.ts';
import { batteryAt, smallProblem } from '../testing/small-feeder.ts';
import { peakEur, raisedEur, standingPeaks } from './peak-charges.ts';
import type { CapacityTariff, DispatchProblem } from './problem.ts';

const solver = await HighsSolver.load();

const capacity = (over: Partial<CapacityTariff> = {}): CapacityTariff => ({
  eurPerKw: 3,
  intervalS: 900,
  peakSoFarKw: 0,
  ...over,
});

const billed = (problem: DispatchProblem, tariff: CapacityTariff): DispatchProblem => ({
  ...problem,
  prices: { ...problem.prices, capacity: tariff },
});

/** Every minute of the horizon, its mean by interval, and the highest of each month: what a meter and a bill would do. */
function bruteBillEur(
  { horizon: { start, stepsS }, prices }: DispatchProblem,
  importKw: readonly number[],
  { eurPerKw, intervalS, peakSoFarKw, laterMonths = [] }: CapacityTariff,
): number {
  const sums = new Map<string, { kws: number; seconds: number; month: number }>();
  let time = start / 1000;
  for (const [step, seconds] of stepsS.entries()) {
    const month = laterMonths.filter((first) => first <= step).length;
    for (let second = 0; second < seconds; second += 60) {
      const key = `${month} ${Math.floor((time + second) / intervalS)}`;
      const sum = sums.get(key) ?? { kws: 0, seconds: 0, month };
      sum.kws += 60 * Math.max(0, importKw[step]!);
      sum.seconds += 60;
      sums.set(key, sum);
    }
    time += seconds;
  }
  let eur = prices.peakEurPerKw * Math.max(0, ...importKw);
  for (let month = 0; month <= laterMonths.length; month++) {
    const before = month === 0 ? peakSoFarKw : 0;
    const means = [...sums.values()].filter((sum) => sum.month === month).map(({ kws, seconds }) => kws / seconds);
    eur += eurPerKw * Math.max(0, Math.max(before, ...means) - before);
  }
  return eur;
}

const aHorizon = fc
  .record({
    minutes: fc.array(fc.constantFrom(300, 900, 3600), { minLength: 2, maxLength: 12 }),
    begin: fc.integer({ min: 0, max: 11 }),
    peakSoFarKw: fc.constantFrom(0, 150, 900),
    peakEurPerKw: fc.constantFrom(0, 0.02),
  })
  .map(({ minutes, begin, ...rest }) => {
    // As the cloud's: steps are longer further ahead, and each begins on its own grid.
    const stepsS = [...minutes].sort((a, b) => a - b);
    let at = begin * 300;
    const onGrid = stepsS.filter((seconds) => {
      if (at % seconds !== 0) return false;
      at += seconds;
      return true;
    });
    return { ...rest, start: begin * 300_000, stepsS: onGrid.length > 0 ? onGrid : [300] };
  });

test('property: the bill of a capacity tariff is that of a meter, month by month', () => {
  fc.assert(
    fc.property(
      aHorizon,
      fc.array(fc.integer({ min: -900, max: 1500 }), { minLength: 12, maxLength: 12 }),
      fc.integer({ min: 0, max: 12 }),
      ({ start, stepsS, peakSoFarKw, peakEurPerKw }, kw, later) => {
        const laterMonths = later >= 0 && later < stepsS.length ? [later] : [];
        const tariff = capacity({ peakSoFarKw, laterMonths });
        const small = smallProblem({ loadKw: stepsS.map(() => 100), devices: [], peakEurPerKw });
        const problem = billed({ ...small, horizon: { start, stepsS } }, tariff);
        const layout = buildLayout(problem);
        const importKw = kw.slice(0, stepsS.length);
        const importMw = Float64Array.from(importKw, (each) => each / 1000);
        const eur = peakEur(layout, importMw);
        assert.ok(Math.abs(eur - bruteBillEur(problem, importKw, tariff)) < 1e-6);
        // One step's change costs what its thresholds say, unless it lowers a peak.
        const step = Math.abs(kw[0]!) % stepsS.length;
        const more = importMw.slice();
        more[step] = Math.max(0, more[step]!) + 0.4;
        const raised = raisedEur(standingPeaks(layout, importMw)[step]!, more[step]);
        assert.ok(Math.abs(raised - (peakEur(layout, more) - eur)) < 1e-6);
      },
    ),
    { numRuns: 200 },
  );
});

/** An evening peak of three quarters of an hour, which the battery can shave. */
const evening = (tariff: CapacityTariff): DispatchProblem =>
  billed(
    smallProblem({ loadKw: [100, 100, 100, 250, 260, 250, 100, 100], stepS: 900, devices: [batteryAt('b5')] }),
    tariff,
  );

const peakKw = (problem: DispatchProblem, from = 0, to?: number): number =>
  1000 * Math.max(...optimise(problem, solver).best.importMw.slice(from, to));

test('a plan shaves a peak only down to that of the running month', () => {
  const shaved = peakKw(evening(capacity()));
  assert.ok(shaved < 800, `${shaved} kW`);
  const known = peakKw(evening(capacity({ peakSoFarKw: 900 })));
  assert.ok(Math.abs(known - 900) < 2, `${known} kW`);
  const { best } = optimise(evening(capacity({ peakSoFarKw: 1500 })), solver);
  assert.equal(best.peakEur, 0);
  assert.ok(1000 * Math.max(...best.importMw) > 1000);
});

test('in the next month the peak starts from zero', () => {
  const turned = evening(capacity({ peakSoFarKw: 1500, laterMonths: [4] }));
  assert.ok(peakKw(turned, 0, 4) > 950, 'the old peak stands until midnight');
  assert.ok(peakKw(turned, 4) < 800, 'the new month has none yet');
});
