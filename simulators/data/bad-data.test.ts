import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DefectKind } from '../../cloud/forecast/serve/screening/defects.ts';
import { screen, type Screened } from '../../cloud/forecast/serve/screening/screen.ts';
import { LocalCalendar } from '../../shared/forecast/calendar.ts';
import type { LoadSeries } from '../../shared/forecast/series.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { seedFault } from './faults.ts';
import { loadSeries, seriesStartMs, seriesStepMs, type SubstationSeries } from './series.ts';

const calendar = new LocalCalendar('Europe/Amsterdam');
const COUNT = 56 * 96;
const live = loadSeries().filter(({ id }) => id !== 'wls');

const loadOf = ({ netKw }: SubstationSeries, count: number): LoadSeries => ({
  start: seriesStartMs,
  stepS: seriesStepMs / 1000,
  values: netKw.slice(0, count),
});

const screened = (load: LoadSeries, { radiationWm2, windSpeedMs }: SubstationSeries, weather: boolean): Screened =>
  screen(load, { calendar, ...(weather && { weather: { ghi: radiationWm2, wind: windSpeedMs } }) });

/**
 * Smallest share of seeded faults, in history and live, that must be found, i.e. at least half of the fault is removed. Sign, unit and
 * clock are judged against usual values, which is hard for a substation dominated by wind; a spike that has just begun may be a new level.
 */
const leastFound = { gap: 1, flatLine: 1, spike: 0.8, duplicate: 1, signFlip: 0.65, unitChange: 0.75, clockJump: 0.5 };
/** The same without weather, where it matters. */
const leastFoundBlind = { signFlip: 0.6, unitChange: 0.75, clockJump: 0.3 };

for (const weather of [true, false]) {
  test(`screening finds seeded faults in nine real substations ${weather ? 'with' : 'without'} weather`, (context) => {
    for (const [kind, least] of Object.entries(weather ? leastFound : leastFoundBlind)) {
      let found = 0;
      let good = 0;
      let removed = 0;
      let faults = 0;
      for (const series of live) {
        for (const lasting of [false, true]) {
          const random = new SeededRandom(1, `${series.id} ${kind} ${lasting}`);
          const fault = seedFault(loadOf(series, COUNT), kind as DefectKind, { random, live: lasting });
          const { values } = screened(fault.series, series, weather).series;
          const bad = values.slice(fault.from, fault.to).filter(Number.isNaN).length;
          if (bad >= 0.5 * (fault.to - fault.from)) found++;
          faults++;
          // Two hours around a boundary count for neither side.
          const rest = [...values].filter((_, i) => i < fault.from - 8 || i >= fault.to + 8);
          good += rest.length;
          removed += rest.filter(Number.isNaN).length;
        }
      }
      context.diagnostic(
        `${kind}: ${found} of ${faults} found, ${((1000 * removed) / good).toFixed(2)} of 1000 good intervals removed`,
      );
      assert.ok(found / faults >= least, `${kind}: ${found} of ${faults}`);
      assert.ok(removed / good <= 0.005, `${kind}: ${removed} of ${good} good intervals`);
    }
  });
}

test('three months of nine real substations stay unchanged except for a few in 1000 intervals', (context) => {
  const all = live[0]!.netKw.length;
  for (const [weather, most] of [
    [true, 0.001],
    [false, 0.01],
  ] as const) {
    let removed = 0;
    for (const series of live) {
      const { defects } = screened(loadOf(series, all), series, weather);
      for (const { kind, from, to } of defects) if (kind !== 'gap') removed += to - from;
    }
    const share = removed / (live.length * all);
    context.diagnostic(`${weather ? 'with' : 'without'} weather: ${(1000 * share).toFixed(2)} of 1000`);
    assert.ok(share <= most, `${removed} intervals`);
  }
});

test('the dead meter is one flat line throughout', () => {
  const wls = loadSeries().find(({ id }) => id === 'wls')!;
  const { series, defects } = screened(loadOf(wls, COUNT), wls, true);
  const known = series.values.filter((value) => !Number.isNaN(value));
  assert.ok(known.length < 0.03 * COUNT);
  assert.ok(defects.some(({ kind }) => kind === 'flatLine'));
});
