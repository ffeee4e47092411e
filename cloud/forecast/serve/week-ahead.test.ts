import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { baselineForecast } from '../../../shared/forecast/naive.ts';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { bandOf, Scorer } from '../../../shared/forecast/score.ts';
import { screened, type LoadSeries } from '../../../shared/forecast/series.ts';
import { loadSeries, seriesStartMs, seriesStepMs } from '../../../simulators/data/series.ts';
import { weekAhead } from './week-ahead.ts';

const DAY = 96;
const STEPS = 7 * DAY;
const FIRST = 2 * DAY;
const FIRST_ORIGIN = 50 * DAY + 7;
/** Coprime with a day, so that origins fall on many times of day. */
const STRIDE = 6 * DAY + 5;
const zone = 'Europe/Amsterdam';

const before = (load: LoadSeries, origin: number): LoadSeries => ({ ...load, values: load.values.slice(0, origin) });

const ahead = (load: LoadSeries, last = QUANTILES.map(() => 0)) =>
  weekAhead({ load, zone, levels: QUANTILES, lastStep: FIRST - 1, last });

/** The live substations' net load, kW. */
const live = loadSeries().flatMap(({ id, netKw }) => {
  const { series, removed } = screened({ start: seriesStartMs, stepS: seriesStepMs / 1000, values: netKw });
  return removed > netKw.length / 3 ? [] : [{ id, load: series }];
});

test('days three to seven beat last week everywhere and the same-hour mean at all but one substation', () => {
  const inside: number[] = [];
  const besideMean: number[] = [];
  for (const { id, load } of live) {
    const [own, week, mean] = [new Scorer(), new Scorer(), new Scorer()];
    let absolute = 0;
    for (let origin = FIRST_ORIGIN; origin + STEPS <= load.values.length; origin += STRIDE) {
      const past = before(load, origin);
      const naive = baselineForecast('seasonalNaiveWeek', past, { steps: STEPS, levels: QUANTILES });
      const sameHour = baselineForecast('sameHourMean', past, { steps: STEPS, levels: QUANTILES });
      const { values, failed } = ahead(
        past,
        naive.values.map((row) => row[FIRST - 1]!),
      );
      assert.equal(failed, null);
      for (let step = FIRST; step < STEPS; step++) {
        const actual = load.values[origin + step]!;
        if (Number.isNaN(actual)) continue;
        absolute += Math.abs(actual);
        own.add(
          actual,
          bandOf(QUANTILES, (q) => values[q]![step - FIRST]!),
        );
        week.add(actual, { ...bandOf(QUANTILES, (q) => naive.values[q]![step]!), point: naive.point[step]! });
        mean.add(
          actual,
          bandOf(QUANTILES, (q) => sameHour.values[q]![step]!),
        );
      }
    }
    const [score, ofWeek] = [own, week].map((each) => each.score(absolute / own.count));
    assert.ok(score!.nMae < ofWeek!.nMae, `${id}: nMAE ${score!.nMae}, the week before ${ofWeek!.nMae}`);
    assert.ok(score!.pinball < ofWeek!.pinball, `${id}: pinball ${score!.pinball}, the week before ${ofWeek!.pinball}`);
    inside.push(score!.coverage80);
    besideMean.push(own.meanAbsoluteError / mean.meanAbsoluteError);
  }
  const coverage = inside.reduce((sum, each) => sum + each, 0) / inside.length;
  assert.ok(coverage > 0.75 && coverage < 0.85, `${coverage} of the load lay between P10 and P90`);
  const said = besideMean.map((ratio) => ratio.toFixed(3)).join(' ');
  assert.equal(besideMean.filter((ratio) => ratio > 1).length, 1, said);
  assert.ok(Math.max(...besideMean) < 1.02, said);
});

test('the week ahead starts at the last value of the model, whose influence fades within six hours', () => {
  const { load } = live.find(({ id }) => id === 'owd')!;
  const past = before(load, FIRST_ORIGIN);
  const [low, high] = [0, 2500].map(
    (kw) =>
      ahead(
        past,
        QUANTILES.map((level) => kw + 100 * level),
      ).values,
  );
  for (const [q, row] of low!.entries()) {
    assert.ok(Math.abs(high![q]![0]! - row[0]! - 2400) < 1e-6);
    assert.ok(Math.abs(high![q]![11]! - row[11]! - 1300) < 1e-6);
    assert.ok(Math.abs(high![q]![24]! - row[24]!) < 1e-9);
  }
});

test('a short or broken history falls back to the same-hour mean, with a code', () => {
  const { load } = live.find(({ id }) => id === 'owd')!;
  const short = ahead(before(load, 20 * DAY));
  assert.match(short.failed!, /^LS-FORECAST-001: 20 days/);
  assert.deepEqual(short.members, { sameHourMean: 1 });
  const broken = before(load, FIRST_ORIGIN);
  broken.values.fill(Number.NaN, FIRST_ORIGIN - 5 * DAY);
  assert.match(ahead(broken).failed!, /^LS-FORECAST-004: only 29 %/);
});

test('forecasts across the start of daylight saving, when the last hour of last week is missing', () => {
  const values = Float64Array.from({ length: 43 * DAY }, (_, i) => 900 * Math.sin(i / 15) - (i % 31));
  assert.equal(ahead({ start: Date.UTC(2021, 1, 10), stepS: 900, values }).failed, null);
});

test('quantiles never cross and stay finite, also across a clock change', () => {
  const start = Date.UTC(2021, 8, 20);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.array(fc.tuple(fc.nat(60 * DAY), fc.nat(4 * DAY)), { maxLength: 5 }),
      (days, gaps) => {
        const values = Float64Array.from({ length: days * DAY + 40 }, (_, i) => 900 * Math.sin(i / 15) - (i % 31));
        for (const [from, length] of gaps) values.fill(Number.NaN, from, from + length);
        const made = ahead({ start, stepS: 900, values });
        for (let step = 0; step < STEPS - FIRST; step++) {
          for (const [q, row] of made.values.entries()) {
            assert.ok(Number.isFinite(row[step]));
            assert.ok(q === 0 || row[step]! >= made.values[q - 1]![step]!);
          }
        }
      },
    ),
    { numRuns: 15 },
  );
});
