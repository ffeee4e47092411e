import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  inZone,
  clock,
  clockSeconds,
  date,
  day,
  dayClock,
  daySeconds,
  isRepeatedHour,
  near,
  nearSeconds,
  offsetMs,
  tickLabel,
  timeTicks,
  zoneName,
} from './zone.ts';

const NL = 'Europe/Amsterdam';
const at = (text: string): number => Date.parse(text);

test('the repeated hour shows its zone, other times do not', () => {
  assert.equal(clock(at('2021-10-31T00:30:00Z'), NL), '02:30 CEST');
  assert.equal(clock(at('2021-10-31T01:30:00Z'), NL), '02:30 CET');
  assert.equal(clock(at('2021-10-31T02:30:00Z'), NL), '03:30');
  assert.equal(
    clockSeconds(at('2021-10-31T00:30:10Z'), NL),
    '02:30:10 CEST',
    'two lines of the log an hour apart differ',
  );
  assert.equal(clockSeconds(at('2021-10-31T01:30:10Z'), NL), '02:30:10 CET');
  assert.equal(clockSeconds(at('2021-10-31T02:30:10Z'), NL), '03:30:10');
  assert.equal(clock(at('2021-10-31T00:30:00Z'), 'UTC'), '00:30');
  assert.equal(isRepeatedHour(at('2021-10-30T23:59:00Z'), NL), false);
  assert.equal(offsetMs(at('2021-07-01T00:00:00Z'), NL), 7_200_000);
  assert.equal(zoneName(at('2021-07-01T00:00:00Z'), NL), 'CEST');
});

test('formats days and times near now', () => {
  const now = at('2021-09-25T12:00:00Z');
  assert.equal(day(now, 'UTC'), 'Sat 25 Sep');
  assert.equal(near(at('2021-09-25T18:15:00Z'), now, 'UTC'), '18:15');
  assert.equal(near(at('2021-09-26T07:00:00Z'), now, 'UTC'), 'Sun 07:00');
  assert.equal(near(at('2021-08-01T07:00:00Z'), now, 'UTC'), 'Sun 1 Aug 07:00');
  assert.equal(dayClock(at('2021-09-25T22:30:00Z'), NL), 'Sun 26 Sep 00:30');
});

test('ticks fall on local hours across both clock changes', () => {
  const long = timeTicks({ from: at('2021-10-30T22:00:00Z'), to: at('2021-10-31T23:00:00Z') }, 12, NL);
  assert.deepEqual(
    long.map((tick) => tickLabel(tick, NL)),
    ['Sun 31 Oct', '03:00', '06:00', '09:00', '12:00', '15:00', '18:00', '21:00', 'Mon 1 Nov'],
  );
  assert.equal((long.at(-1)! - long[0]!) / 3_600_000, 25);
  const fine = timeTicks({ from: at('2021-10-30T22:00:00Z'), to: at('2021-10-31T03:00:00Z') }, 6, NL);
  assert.deepEqual(
    fine.map((tick) => tickLabel(tick, NL)),
    ['Sun 31 Oct', '01:00', '02:00 CEST', '02:00 CET', '03:00', '04:00'],
  );
  const short = timeTicks({ from: at('2021-03-27T23:00:00Z'), to: at('2021-03-28T22:00:00Z') }, 30, NL);
  assert.equal(short.length, 24);
  assert.ok(!short.some((tick) => tickLabel(tick, NL).startsWith('02:')), 'the hour that is left out has no tick');
});

test('longer spans tick at local midnights across a clock change', () => {
  const ticks = timeTicks({ from: at('2021-10-29T22:00:00Z'), to: at('2021-11-02T23:00:00Z') }, 6, NL);
  assert.deepEqual(
    ticks.map((tick) => tickLabel(tick, NL)),
    ['Sat 30 Oct', 'Sun 31 Oct', 'Mon 1 Nov', 'Tue 2 Nov', 'Wed 3 Nov'],
  );
});

test('long spans have only as many ticks as fit, each at midnight', () => {
  const to = Date.UTC(2021, 8, 25, 12);
  for (const [days, most] of [
    [31, 10],
    [365, 16],
    [365, 4],
    [800, 8],
  ] as const) {
    const ticks = timeTicks({ from: to - days * 86_400_000, to }, most, 'Europe/Amsterdam');
    assert.ok(ticks.length <= most && ticks.length >= 2, `${ticks.length} ticks of ${days} days where ${most} fit`);
    assert.ok(ticks.every((time) => clock(time, 'Europe/Amsterdam') === '00:00'));
  }
});

test('times in a sentence are shown in the zone, with the day if given', () => {
  const now = Date.UTC(2021, 8, 25, 12);
  const text = 'beyond from 2021-09-26 17:45Z to 2021-09-25 19:00Z, and at 18:30Z';
  assert.equal(inZone(text, now, 'Europe/Amsterdam'), 'beyond from Sun 19:45 to 21:00, and at 20:30');
  assert.equal(inZone(text, now, 'UTC'), text);
});

test('a full ISO 8601 time in a sentence is shown in the zone', () => {
  const now = Date.UTC(2021, 8, 25, 12);
  for (const quarter of ['00', '15', '30', '45'])
    assert.equal(
      inZone(`from 2021-09-27T20:${quarter}:00Z on, week-ahead answers`, now, 'Europe/Amsterdam'),
      `from Mon 22:${quarter} on, week-ahead answers`,
    );
});

test('text that only looks like a time is unchanged', () => {
  for (const text of ['99:99Z', '24:61Z', '2021-13-45 12:00Z', 'meter 1:23:45Z', 'id-12:00Z', '45:00Z of a gateway'])
    assert.equal(inZone(text, Date.UTC(2021, 8, 25, 12), 'Europe/Amsterdam'), text);
});

test('an invalid or missing time is shown as unknown', () => {
  const now = at('2021-09-25T12:00:00Z');
  // The last time of a Date is valid, but an hour later is not.
  for (const time of [NaN, Infinity, -Infinity, 8.64e15, 8.64e15 + 1, 1e300, undefined as unknown as number])
    for (const zone of [NL, 'UTC']) {
      const said = [clock, clockSeconds, date, day, dayClock, daySeconds].map((each) => each(time, zone));
      assert.deepEqual(
        [...new Set([...said, near(time, now, zone), nearSeconds(time, now, zone)])],
        ['unknown'],
        `${time}`,
      );
      assert.equal(offsetMs(time, zone), 0);
      zoneName(time, zone);
    }
  assert.equal(day(8.64e15 - 25 * 3_600_000, 'UTC'), 'Thu 11 Sep');
});
