import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SeededRandom } from '../ports/random.ts';
import { LocalCalendar } from './calendar.ts';
import { FEATURE_VERSIONS, featureNames, FeatureSource, originFeatures, stepFeatures } from './features.ts';
import { GATEWAY_QUANTILES } from './quantiles.ts';

const text = readFileSync(new URL('./FEATURES.md', import.meta.url), 'utf8');

interface Row {
  readonly name: string;
  readonly unit: string;
  readonly weather: string;
}

function table(heading: string): Row[] {
  const section = text.split(`## ${heading}\n`)[1]!.split('\n## ')[0]!;
  return [...section.matchAll(/^\| `(\w+)` +\| (\S+) +\| (yes|no|temperature|year) +\| \S.* \|$/gm)].map(
    ([, name, unit, weather]) => ({
      name: name!,
      unit: unit!,
      weather: weather!,
    }),
  );
}

const tables = {
  1: { origin: table('Columns of the origin'), step: table('Columns of each step') },
  2: { origin: table('Columns of the origin in version 2'), step: table('Columns of each step in version 2') },
};

test("the feature table has the schema's names in their order", () => {
  assert.match(text, new RegExp(`^# Features, versions ${FEATURE_VERSIONS.join(' and ')}\n`));
  const has = (row: Row, asked: { weather: boolean; temperature: boolean; year: boolean }): boolean =>
    ({ no: true, yes: asked.weather, temperature: asked.temperature, year: asked.year })[row.weather]!;
  for (const version of FEATURE_VERSIONS)
    for (const weather of [true, false])
      for (const [temperature, year] of version === 1
        ? [[false, false]]
        : [
            [true, false],
            [false, true],
          ])
        for (const [part, namesOf] of [
          ['origin', originFeatures],
          ['step', stepFeatures],
        ] as const) {
          const asked = { version, weather, temperature: temperature!, year: year! };
          const rows = [...tables[1][part], ...(version === 2 ? tables[2][part] : [])];
          assert.deepEqual(
            rows.filter((row) => has(row, asked)).map(({ name }) => name),
            [...namesOf(asked)],
          );
        }
});

test('a gateway model has the documented quantiles', () => {
  assert.ok(text.includes(`one of a gateway ${GATEWAY_QUANTILES.join(', ')}.`));
});

test('a column has its documented unit: it scales only with its quantity', () => {
  const schema = { version: 2, steps: 192, stepS: 900, weather: true, temperature: true, year: true } as const;
  const random = new SeededRandom(11);
  const draw = (count: number, most: number): Float64Array =>
    Float64Array.from({ length: count }, () => most * (0.1 + random.next()));
  const base = { load: draw(960, 2000), ghi: draw(1152, 700), wind: draw(1152, 9) };
  const calendar = new LocalCalendar('Europe/Amsterdam');
  const temperature = draw(1152, 25);
  const rowOf = ({ load, ghi, wind }: typeof base): Float32Array =>
    new FeatureSource(schema, { start: Date.UTC(2021, 7, 1), stepS: 900, values: load }, calendar, {
      ghi,
      wind,
      temperature,
    }).row(960);
  const before = rowOf(base);
  const twice = (values: Float64Array): Float64Array => values.map((value) => 2 * value);
  const unitOf = new Map(
    Object.values(tables)
      .flatMap(({ origin, step }) => [...origin, ...step])
      .map(({ name, unit }) => [name, unit]),
  );
  const names = featureNames(schema);
  const units = names.map((name) => unitOf.get(name.split('@')[0]!)!);
  for (const [unit, more] of [
    ['kW', { ...base, load: twice(base.load) }],
    ['W/m²', { ...base, ghi: twice(base.ghi) }],
    ['m/s', { ...base, wind: twice(base.wind) }],
  ] as const) {
    const after = rowOf(more);
    for (const [index, value] of before.entries()) {
      if (unit === 'm/s' && units[index] === 'share') continue;
      const expected = value * (units[index] === unit ? 2 : 1);
      const isNear = Math.abs(after[index]! - expected) <= 1e-4 * Math.max(1, Math.abs(expected));
      if (!isNear) assert.fail(`${names[index]} in ${units[index]}, with twice the ${unit}`);
    }
  }
});
