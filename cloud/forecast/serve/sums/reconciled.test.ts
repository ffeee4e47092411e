import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Forecast } from '../../../../shared/contracts/forecast.ts';
import { QUANTILES, quantilesOf } from '../../../../shared/forecast/quantiles.ts';
import { gaussian, SeededRandom } from '../../../../shared/ports/random.ts';
import { jointRanks } from '../../reconcile/sum-quantiles.ts';
import { horizonGroups } from '../../train/horizon-groups.ts';
import { issuedForecast } from '../testing/issued-forecast.ts';
import type { TogetherPaths } from './joint-sums.ts';
import { reconciledTogether } from './reconciled.ts';

const STEPS = 192;
const DAY = 96;
const HOURS = 48;
const PATHS = 112;
const TARGETS = ['substation:a', 'feeder:a-1', 'feeder:a-2', 'rest:a'];
const family = { whole: TARGETS[0]!, parts: TARGETS.slice(1), rest: 'rest:a' };
/** Largest difference between neighbouring leads at a border, relative to that beside it. */
const MOST = 1.35;

const random = new SeededRandom(3, 'reconciled');
const deviates = quantilesOf(
  Array.from({ length: 20_000 }, () => gaussian(random)),
  QUANTILES,
);

/** A forecast that is smooth over its leads, and whose means do not add up with those of its family. */
const smooth = (target: string, meanKw: number, deviationKw: number): Forecast =>
  issuedForecast(target, 0, {
    quantiles: QUANTILES,
    values: deviates.map((z) =>
      Array.from(
        { length: STEPS },
        (_, step) => meanKw * (1 + 0.3 * Math.sin((2 * Math.PI * step) / DAY)) + deviationKw * (1 + step / STEPS) * z,
      ),
    ),
  });
const made = [
  smooth('substation:a', 2100, 120),
  smooth('feeder:a-1', 900, 80),
  smooth('feeder:a-2', 700, 60),
  smooth('rest:a', 350, 40),
];

/** Errors on past paths, correlated from hour to hour and between targets. */
function paths(): TogetherPaths {
  const errors = Array.from({ length: PATHS }, () => {
    const own = TARGETS.map(() => gaussian(random));
    let common = gaussian(random);
    return Array.from({ length: HOURS }, () => {
      const next = (before: number): number => 0.9 * before + Math.sqrt(1 - 0.81) * gaussian(random);
      common = next(common);
      return TARGETS.map((_, series) => 0.6 * common + 0.8 * (own[series] = next(own[series]!)));
    });
  });
  const ranks = Array.from(
    { length: HOURS },
    (_, hour) =>
      jointRanks(
        TARGETS.map((_target, series) => errors.map((path) => path[hour]![series]!)),
        1,
      )!.ranks,
  );
  return { ranks, independent: 28, areOwn: true, of: 'forecasts', paths: PATHS };
}

test('reconciliation makes no forecast jump at an hour, at the end of a group of horizons or of a day', async () => {
  const reconciled = await reconciledTogether(made, [family], {
    joint: { together: async () => paths() },
    unmeasured: new Set(),
  });
  const borders = new Set([
    ...Array.from({ length: HOURS - 4 }, (_, hour) => 4 * (hour + 2)),
    ...horizonGroups(STEPS, 900).map(({ from }) => from),
  ]);
  const level = (value: number): number => QUANTILES.indexOf(value);
  for (const { target, values, reconciled: how } of reconciled) {
    assert.equal(how?.series, 4);
    const width = (step: number): number => values[level(0.9)]![step]! - values[level(0.1)]![step]!;
    const median = (step: number): number => values[level(0.5)]![step]!;
    for (const [name, at] of [
      ['median', median],
      ['band', width],
    ] as const) {
      const change = (steps: readonly number[]): number =>
        steps.reduce((sum, step) => sum + Math.abs(at(step) - at(step - 1)), 0) / steps.length;
      const between = Array.from({ length: STEPS - 20 }, (_, i) => i + 8).filter((step) => !borders.has(step));
      const inside = [...borders].filter((step) => step >= 8 && step < STEPS - 12);
      assert.ok(
        change(inside) < MOST * change(between),
        `${target}, ${name}: ${change(inside)} at borders, ${change(between)} elsewhere`,
      );
    }
  }
});
