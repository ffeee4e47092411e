import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlantTruth } from '../plant/truth.ts';
import { buildRegion } from '../region/region.ts';
import { drawCourse } from './course.ts';
import { outcomeOf, type Outcome } from './outcome.ts';
import { JUDGED, readProtocol } from './protocol.ts';
import { SiteScore } from './site-score.ts';

const { protocol } = readProtocol();
const { prices, scenarios, unit } = protocol;
const course = drawCourse(protocol, { seed: 1, name: 'ordinary', scenario: scenarios['ordinary']!, hours: 1 });
const [model] = buildRegion(['hal']).substations;
const batteries = model!.devices.filter(({ type }) => type === 'battery');

/** Outcome of a run in which only the first battery's level and the transformer's power vary, second by second. */
function outcomeOver(steps: readonly { readonly socPct?: number; readonly kw?: number }[]): Outcome {
  const score = new SiteScore(model!, course, unit);
  for (const [second, { socPct = 50, kw = 0 }] of steps.entries())
    score.step(
      {
        timeMs: course.startMs + 1000 * (second + 1),
        sourceKw: kw,
        lossesKw: 0,
        interruptedKw: 0,
        energyNotServedKwh: 0,
        tapMoves: 0,
        transformer: { activePowerKw: kw },
        busIds: [],
        voltagePu: new Float64Array(),
        feeders: [],
        devices: batteries.map(({ id }, at) => ({
          id,
          activePowerKw: 0,
          voltagePu: 1,
          values: { socPct: at === 0 ? socPct : 50 },
        })),
      } as unknown as PlantTruth,
      1,
    );
  return outcomeOf(new Map([['hal', score]]), { course, prices, stepS: 1 });
}

const costOf = (fromPct: number, toPct: number): number =>
  outcomeOver([{ socPct: fromPct }, { socPct: toPct }]).costEur[JUDGED]!;

test('J charges for energy missing from a battery at the end and pays nothing for a surplus', () => {
  const kwh = (10 / 100) * batteries[0]!.capacityKwh!;
  assert.equal(costOf(50, 50), 0);
  assert.equal(costOf(50, 60), 0);
  assert.equal(costOf(50, 40), prices.storedEurPerKwh * kwh);
});

test('the peak is the highest quarter-hour mean, so a spike of one second hardly counts', () => {
  const hour = Array.from({ length: 3600 }, (_, second) => ({ kw: second >= 1800 && second < 2700 ? 1000 : 100 }));
  const spiked = hour.map(({ kw }, second) => ({ kw: second === 2000 ? 1900 : kw }));
  assert.equal(outcomeOver(hour).peakKw, 1000);
  assert.equal(outcomeOver(spiked).peakKw, 1001);
});
