import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSeries, seriesStartMs } from '../../../simulators/data/series.ts';
import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { FeatureSource } from '../../../shared/forecast/features.ts';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { horizonGroups } from '../train/horizon-groups.ts';
import { predictRidge, trainRidge } from '../train/ridge-member.ts';
import { evenedBand } from './evened-band.ts';

const ZONE = 'Europe/Amsterdam';
const DAYS = 56;
const schema = { steps: 192, stepS: 900, weather: true };
const level = (value: number): number => QUANTILES.indexOf(value);
const [LOW, MID, HIGH] = [level(0.1), level(0.5), level(0.9)];
/** Largest difference between neighbouring leads at a border, relative to that beside it. */
const MOST = 1.35;

test('the issued median and band of Hallum do not jump between horizon groups', () => {
  const { netKw, radiationWm2: ghi, windSpeedMs: wind } = loadSeries().find(({ id }) => id === 'hal')!;
  const end = DAYS * 96;
  const model = trainRidge({
    load: { start: seriesStartMs, stepS: 900, values: netKw.slice(0, end) },
    weather: { ghi: ghi.slice(0, end), wind: wind.slice(0, end) },
    schema,
    zone: ZONE,
    levels: QUANTILES,
  });
  const load = { start: seriesStartMs, stepS: 900, values: netKw };
  const source = new FeatureSource(schema, load, new LocalCalendar(ZONE), { ghi, wind });
  const median = new Float64Array(192);
  const band = new Float64Array(192);
  // Coprime with the steps of a day, so that the time of day affects all leads alike.
  for (let next = end; next + 192 < netKw.length; next += 13) {
    const said = predictRidge(model, source.row(next));
    const raw = QUANTILES.map((_, q) => Array.from({ length: 192 }, (_, step) => said[step * QUANTILES.length + q]!));
    const values = evenedBand(raw, { levels: QUANTILES, stepS: 900 });
    const at = (step: number, q: number): number => values[q]![step]!;
    const width = (step: number): number => at(step, HIGH) - at(step, LOW);
    for (let step = 1; step < 192; step++) {
      median[step]! += Math.abs(at(step, MID) - at(step - 1, MID));
      band[step]! += Math.abs(width(step) - width(step - 1));
    }
  }
  const beside = (series: Float64Array, step: number): number =>
    [-3, -2, -1, 1, 2, 3].reduce((sum, away) => sum + series[step + away]! / 6, 0);
  const ratio = (series: Float64Array, step: number): number => series[step]! / beside(series, step);
  for (const { from } of horizonGroups(192, 900)) {
    if (from < 8) continue;
    assert.ok(ratio(median, from) < MOST, `median at ${from / 4} h: ${ratio(median, from)}`);
    assert.ok(ratio(band, from) < MOST, `band at ${from / 4} h: ${ratio(band, from)}`);
  }
});
