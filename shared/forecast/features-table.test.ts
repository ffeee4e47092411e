import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SeededRandom } from '../ports/random.ts';
import { LocalCalendar } from './calendar.ts';
import { FEATURE_VERSION, featureNames, FeatureSource, originFeatures, stepFeatures } from './features.ts';
import { GATEWAY_QUANTILES } from './quantiles.ts';

const text = readFileSync(new URL('./FEATURES.md', import.meta.url), 'utf8');

interface Row {
  readonly name: string;
  readonly unit: string;
  readonly weather: string;
}

function table(heading: string): Row[] {
  const section = text.split(`## ${heading}\n`)[1]!.split('\n## ')[0]!;
  return [...section.matchAll(/^\| `(\w+)` +\| (\S+) +\| (yes|no) +\| \S.* \|$/gm)].map(([, name, unit, weather]) => ({
    name: name!,
    unit: unit!,
    weather: weather!,
  }));
}

const tables = { origin: table('Columns of the origin'), step: table('Columns of each step') };

test("the feature table has the schema's names in their order", () => {
  assert.match(text, new RegExp(`^# Features, version ${FEATURE_VERSION}\n`));
  for (const [rows, namesOf] of [
    [tables.origin, originFeatures],
    [tables.step, stepFeatures],
  ] as const) {
    const names = (list: readonly Row[]): string[] => list.map(({ name }) => name);
    assert.deepEqual(names(rows), [...namesOf(true)]);
    assert.deepEqual(names(rows.filter(({ weather }) => weather === 'no')), [...namesOf(false)]);
  }
});

test("a gateway model's answer has the documented quantiles", () => {
  assert.ok(text.includes(`one of a gateway ${GATEWAY_QUANTILES.join(', ')}.`));
});

test('a column has its documented unit: it scales with its quantity only', () => {
  const schema = { steps: 192, stepS: 900, weather: true } as const;
  const random = new SeededRandom(11);
  const draw = (count: number, most: number): Float64Array =>
    Float64Array.from({ length: count }, () => most * (0.1 + random.next()));
  const base = { load: draw(960, 2000), ghi: draw(1152, 700), wind: draw(1152, 9) };
  const calendar = new LocalCalendar('Europe/Amsterdam');
  const rowOf = ({ load, ghi, wind }: typeof base): Float32Array =>
    new FeatureSource(schema, { start: Date.UTC(2021, 7, 1), stepS: 900, values: load }, calendar, { ghi, wind }).row(
      960,
    );
  const before = rowOf(base);
  const twice = (values: Float64Array): Float64Array => values.map((value) => 2 * value);
  const unitOf = new Map([...tables.origin, ...tables.step].map(({ name, unit }) => [name, unit]));
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
