import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { LocalCalendar } from './calendar.ts';
import {
  FeatureSource,
  featureNames,
  manifestFeatures,
  originFeatures,
  rowColumns,
  schemaOf,
  stepFeatures,
  turbine,
  type WeatherSeries,
} from './features.ts';
import type { LoadSeries } from './series.ts';

const amsterdam = new LocalCalendar('Europe/Amsterdam', ['2021-09-01']);
const schema = { steps: 192, stepS: 900, weather: false } as const;
const start = Date.UTC(2021, 7, 1);

const series = (days: number, at: (i: number) => number, from = start): LoadSeries => ({
  start: from,
  stepS: 900,
  values: Float64Array.from({ length: days * 96 }, (_, i) => at(i)),
});

const weatherOf = (count: number): WeatherSeries => ({
  ghi: Float64Array.from({ length: count }, (_, i) => (i * 31) % 700),
  wind: Float64Array.from({ length: count }, (_, i) => (i * 17) % 13),
  temperature: Float64Array.from({ length: count }, (_, i) => ((i * 13) % 35) - 5),
});

function named(source: FeatureSource, next: number): (name: string) => number {
  const row = source.row(next);
  const names = featureNames(source.schema);
  return (name) => row[names.indexOf(name)]!;
}

test('a row has one column per name, origin first, then step by step', () => {
  for (const weather of [false, true]) {
    const names = featureNames({ ...schema, weather });
    assert.equal(names.length, originFeatures({ weather }).length + 192 * stepFeatures({ weather }).length);
    assert.equal(new Set(names).size, names.length);
  }
});

test('lags go one day back on the first day, two on the second', () => {
  const source = new FeatureSource(
    schema,
    series(10, (i) => i),
    amsterdam,
  );
  const at = named(source, 960);
  assert.equal(at('last1'), 959);
  assert.equal(at('day1@1'), 960 - 96);
  assert.equal(at('day2@1'), 960 - 192);
  assert.equal(at('day1@96'), 959);
  assert.equal(at('day1@97'), 960 - 96);
  assert.equal(at('week1@192'), 960 + 191 - 672);
  assert.equal(at('mean7@1'), 960 - 4 * 96);
});

test('across the end of daylight saving a lag is the same local time', () => {
  const from = Date.UTC(2021, 9, 22);
  const source = new FeatureSource(
    schema,
    series(9, (i) => i, from),
    amsterdam,
  );
  const next = 816;
  const at = named(source, next);
  // From 2021-10-30T12:00Z, 53 steps on it is 2021-10-31T01:00Z, 02:00 local; a day before that was 00:00Z.
  assert.equal(at('day1@52'), 771);
  assert.equal(at('day1@53'), 768);
});

test('seven days ahead, lags go back two weeks if a clock change leaves last week incomplete', () => {
  const from = Date.UTC(2021, 2, 9);
  const load = series(16, (i) => i, from);
  const next = 16 * 96;
  // From 2021-03-25T00:00Z: daylight saving begins on the 28th, so the last hour of the seventh day has no counterpart a week before.
  const at = named(new FeatureSource({ ...schema, steps: 672 }, load, amsterdam), next);
  assert.equal(at('week1@668'), next - 1);
  assert.equal(at('week1@669'), next + 668 - 2 * 672 + 4);
});

test('weekend, holiday and the change from the day before', () => {
  const source = new FeatureSource(
    schema,
    series(40, (i) => i),
    amsterdam,
  );
  const noon = (day: number): number => day * 96 + 48;
  const wednesday = named(source, noon(31));
  assert.equal(wednesday('free@1'), 1, '2021-09-01 is a holiday here');
  assert.equal(wednesday('freeChange@1'), 1);
  assert.equal(wednesday('free@96'), 0);
});

test('rows of version 1 never change', () => {
  const load = series(40, (i) => ((i * 7919) % 1009) - 300, Date.UTC(2021, 9, 1));
  load.values.fill(Number.NaN, 900, 1000);
  const known = weatherOf(40 * 96 + 192);
  const hash = createHash('sha256');
  for (const weather of [true, false]) {
    const source = new FeatureSource({ ...schema, version: 1, weather }, load, amsterdam, known);
    for (const next of [800, 2880, 3840]) hash.update(new Uint8Array(source.row(next).buffer));
  }
  assert.equal(hash.digest('hex'), '6d830ea2c66a834aa08c63a699e70e69fb02cd1911a1fd796b34b40781a70bc0');
});

test('version 2 has the columns of version 1 with the same values, at any resolution', () => {
  for (const stepS of [900, 1800, 3600]) {
    const day = 86_400 / stepS;
    const load = { start, stepS, values: Float64Array.from({ length: 12 * day }, (_, i) => Math.sin(i / 3) * 100) };
    const known = weatherOf(14 * day);
    const shape = { steps: 2 * day, stepS, weather: true };
    const sources = [
      new FeatureSource({ ...shape, version: 1 }, load, amsterdam, known),
      new FeatureSource({ ...shape, version: 2, temperature: true, year: true }, load, amsterdam, known),
    ] as const;
    const [before, after] = sources.map((source) => named(source, 11 * day)) as [
      ReturnType<typeof named>,
      ReturnType<typeof named>,
    ];
    for (const name of featureNames(sources[0].schema)) assert.equal(after(name), before(name), name);
    assert.ok(sources[1].row(11 * day).every((value) => Number.isFinite(value)));
  }
});

test('temperature, heating, hours and bridge days match their time', () => {
  const load = series(40, (i) => i);
  const known = { ...weatherOf(42 * 96), temperature: Float64Array.from({ length: 42 * 96 }, (_, i) => i / 100 - 20) };
  const shape = { ...schema, version: 2, temperature: true, year: true } as const;
  const at = named(new FeatureSource(shape, load, amsterdam, known), 30 * 96);
  assert.equal(at('hour1'), 30 * 96 - 2.5);
  assert.equal(at('hour24'), 30 * 96 - 94.5);
  assert.equal(at('temperature1'), Math.fround((30 * 96 - 1) / 100 - 20));
  assert.equal(at('temperature@5'), Math.fround((30 * 96 + 4) / 100 - 20));
  assert.equal(at('heating@5'), Math.fround(15 - ((30 * 96 + 4) / 100 - 20)));
  assert.equal(at('cooling@5'), 0);
  assert.equal(at('temperatureDay1@5'), Math.fround(0.96));
  const angle = (2 * Math.PI * 243) / 365.25;
  assert.deepEqual(
    [at('yearSin1@1'), at('yearCos2@1')],
    [Math.fround(Math.sin(angle)), Math.fround(Math.cos(2 * angle))],
  );
  // 2021-08-31 is a Tuesday before a holiday.
  assert.deepEqual([at('bridge@1'), at('tuesday@1'), at('holiday@150')], [0, 1, 1]);
  const friday = named(
    new FeatureSource(shape, load, new LocalCalendar('Europe/Amsterdam', ['2021-09-02']), known),
    33 * 96 - 8,
  );
  assert.deepEqual([friday('bridge@1'), friday('friday@1'), friday('free@1')], [1, 1, 0]);
});

test('no feature reads at or beyond the origin', () => {
  const base = series(12, (i) => Math.sin(i / 15) * 100);
  const known = weatherOf(14 * 96);
  const shapes = [schema, { ...schema, version: 2, weather: true, temperature: true, year: true }] as const;
  fc.assert(
    fc.property(fc.integer({ min: 768, max: 1151 }), fc.double({ min: -1e6, max: 1e6, noNaN: true }), (next, noise) => {
      const changed = { ...base, values: base.values.map((value, i) => (i >= next ? noise : value)) };
      for (const shape of shapes) {
        const before = new FeatureSource(shape, base, amsterdam, known).row(next);
        assert.deepEqual(new FeatureSource(shape, changed, amsterdam, known).row(next), before);
      }
    }),
    { numRuns: 20 },
  );
});

test('a schema of either version is read from a manifest', () => {
  for (const asked of [
    { version: 1, steps: 4, stepS: 900, weather: true },
    { version: 2, steps: 4, stepS: 3600, weather: false, temperature: true, year: true },
    { version: 2, steps: 4, stepS: 900, weather: true, temperature: false, year: false },
  ] as const) {
    const manifest = {
      ...asked,
      featureVersion: asked.version,
      features: manifestFeatures(asked),
      weather: 'hindcast',
    } as const;
    assert.deepEqual(schemaOf(manifest), asked);
    assert.deepEqual(rowColumns(manifest), featureNames(asked));
  }
  assert.equal(schemaOf({ featureVersion: 3, features: [], steps: 4, stepS: 900, weather: 'none' }), undefined);
});

test('property: gaps are filled for inputs, and the row stays finite', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(767), fc.nat(300)), { maxLength: 6 }), (gaps) => {
      const load = series(8, (i) => (i % 96) - 40);
      for (const [from, length] of gaps) load.values.fill(Number.NaN, from, from + length);
      const row = new FeatureSource(schema, load, amsterdam).row(768);
      assert.ok(row.every((value) => Number.isFinite(value)));
    }),
    { numRuns: 30 },
  );
});

test('turbine curve: nothing below 3 m/s, full from 12 m/s', () => {
  assert.deepEqual([0, 3, 12, 25].map(turbine), [0, 0, 1, 1]);
});

test('weather that ends early or is missing leaves the row finite', () => {
  const load = series(9, (i) => i % 96);
  for (const length of [0, 500, 864, 900]) {
    const weather = { ghi: new Float64Array(length).fill(200), wind: new Float64Array(length).fill(7) };
    const row = new FeatureSource({ ...schema, weather: true }, load, amsterdam, weather).row(864);
    assert.ok(row.every((value) => Number.isFinite(value)));
  }
});

test('after the last known weather the day before repeats, so that there is no sun at midnight', () => {
  const load = series(9, (i) => i % 96);
  const daily = Float64Array.from({ length: 11 * 96 }, (_, i) => Math.max(0, 600 - 20 * (i % 96)));
  const of = (values: Float64Array): Float32Array =>
    new FeatureSource({ ...schema, version: 2, weather: true, temperature: true, year: true }, load, amsterdam, {
      ghi: values,
      wind: values,
      temperature: values,
    }).row(864);
  assert.deepEqual(of(daily.slice(0, 4 * 96 + 30)), of(daily));
});
