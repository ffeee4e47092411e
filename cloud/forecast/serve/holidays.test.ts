import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { FeatureSource } from '../../../shared/forecast/features.ts';
import { LIFE_MS, holidaysWithin } from '../registry/bundle.ts';
import { holidaysOf } from './holidays.ts';

const DAY_MS = 86_400_000;

test('public holidays of a country and a subdivision fall on their local days', () => {
  const dutch = holidaysOf({ country: 'NL' });
  for (const date of ['2021-04-27', '2021-05-13', '2021-12-26', '2059-12-25']) assert.ok(dutch.includes(date), date);
  assert.ok(!dutch.includes('2021-12-05'), 'an observance is not a public holiday');
  const bavarian = holidaysOf({ country: 'DE', subdivision: 'BY' });
  assert.ok(
    bavarian.includes('2021-11-01') && !holidaysOf({ country: 'DE', subdivision: 'BE' }).includes('2021-11-01'),
  );
  const calendar = new LocalCalendar('Europe/Amsterdam', dutch);
  // King's day 2021 begins and ends at local midnight, two hours before UTC's.
  assert.deepEqual(
    ['2021-04-26T21:45Z', '2021-04-26T22:00Z', '2021-04-27T21:45Z', '2021-04-27T22:00Z'].map((time) =>
      calendar.isFree(Date.parse(time)),
    ),
    [false, true, true, false],
  );
});

test('an unknown place is rejected with the valid ones', () => {
  assert.throws(
    () => holidaysOf({ country: 'XX' }),
    /holidays\.country: no holidays are known for "XX"; use the ISO 3166 code of another country/,
  );
  assert.throws(
    () => holidaysOf({ country: 'DE', subdivision: 'ZZ' }),
    /holidays\.subdivision: unknown subdivision "ZZ" .*use one of .*BY/,
  );
});

test('a gateway that only has the holidays of the manifest computes the same rows as the cloud', () => {
  const zone = 'Europe/Amsterdam';
  const all = holidaysOf({ country: 'NL' });
  const createdAt = Date.UTC(2021, 2, 20, 7);
  const { holidays } = holidaysWithin(all, { createdAt, expiresAt: createdAt + LIFE_MS });
  assert.deepEqual(holidays, ['2021-04-04', '2021-04-05', '2021-04-27', '2021-05-13', '2021-05-23', '2021-05-24']);
  const schema = { steps: 96, stepS: 900, weather: false };
  const start = createdAt - 9 * DAY_MS;
  const days = 9 + LIFE_MS / DAY_MS;
  const load = { start, stepS: 900, values: Float64Array.from({ length: days * 96 }, (_, i) => 100 + (i % 96)) };
  const [cloud, gateway] = [all, holidays].map(
    (dates) => new FeatureSource(schema, load, new LocalCalendar(zone, dates)),
  );
  const bare = new FeatureSource(schema, load, new LocalCalendar(zone));
  let differ = 0;
  for (let next = 9 * 96; next <= load.values.length; next += 31) {
    assert.deepEqual(gateway!.row(next), cloud!.row(next));
    differ += Number(String(bare.row(next)) !== String(cloud!.row(next)));
  }
  assert.ok(differ > 10, 'holidays change the rows');
  assert.deepEqual(holidaysWithin(undefined, { createdAt, expiresAt: createdAt }), {});
});

test('a holiday of several days counts on each of them', () => {
  const of = (country: string, month: string) =>
    holidaysOf({ country }).filter((date) => date.startsWith(`2026-${month}`));
  assert.deepEqual(of('TR', '03'), ['2026-03-20', '2026-03-21', '2026-03-22']);
  assert.deepEqual(of('KR', '09'), ['2026-09-24', '2026-09-25', '2026-09-26']);
});
