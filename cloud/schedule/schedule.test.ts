import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { isDue, lastDue, type CalendarRule } from './calendar.ts';
import { Scheduler } from './scheduler.ts';
import { SqliteLastRuns } from './sqlite-last-runs.ts';

const at = (text: string): number => Date.parse(text);

test('a rule falls due at its UTC time, daily or weekly', () => {
  const cases: [CalendarRule, string, string][] = [
    [{ at: '03:00' }, '2021-10-01T03:00:00Z', '2021-10-01T03:00:00Z'],
    [{ at: '03:00' }, '2021-10-01T02:59:59Z', '2021-09-30T03:00:00Z'],
    [{ at: '03:00', weekday: 0 }, '2021-10-01T12:00:00Z', '2021-09-26T03:00:00Z'],
    [{ at: '03:00', weekday: 5 }, '2021-10-01T02:00:00Z', '2021-09-24T03:00:00Z'],
    [{ at: '01:30' }, '2021-10-31T01:45:00Z', '2021-10-31T01:30:00Z'],
  ];
  for (const [rule, now, due] of cases) assert.equal(lastDue(rule, at(now)), at(due), JSON.stringify(rule) + now);
});

test('a run missed while down is caught up once', () => {
  const rule = { at: '03:00' };
  assert.equal(isDue(rule, at('2021-10-01T04:00:00Z'), at('2021-10-02T02:00:00Z')), false);
  assert.equal(isDue(rule, at('2021-10-01T04:00:00Z'), at('2021-10-09T12:00:00Z')), true);
  assert.equal(isDue(rule, at('2021-10-09T12:00:00Z'), at('2021-10-09T12:00:01Z')), false);
});

test('a job runs once when due, and again after a failure', async () => {
  const clock = new VirtualClock(at('2021-10-01T02:00:00Z'));
  const log: string[] = [];
  let fail = true;
  const runs = new SqliteLastRuns(':memory:');
  runs.open();
  const scheduler = new Scheduler({
    plant: clock.plant,
    runs,
    jobs: [
      {
        name: 'retrain',
        rule: { at: '03:00' },
        run: async () => {
          if (fail) throw new Error('once');
          log.push('ran');
        },
      },
    ],
    onFailure: (job, error) => log.push(`${job}: ${String(error)}`),
  });
  await scheduler.wake();
  await clock.advance(3_600_000);
  await scheduler.wake();
  fail = false;
  await scheduler.wake();
  await scheduler.wake();
  assert.deepEqual(log, ['retrain: Error: once', 'ran']);
});

test('runs continue after one under a clock a year ahead', async () => {
  const clock = new VirtualClock(at('2026-11-29T04:00:00Z'));
  const ran: string[] = [];
  const runs = new SqliteLastRuns(':memory:');
  runs.open();
  const scheduler = new Scheduler({
    plant: clock.plant,
    runs,
    jobs: [
      {
        name: 'retrain',
        rule: { at: '03:00' },
        run: async () => void ran.push(new Date(clock.plant.now()).toISOString()),
      },
    ],
    onFailure: (_job, error) => assert.fail(String(error)),
  });
  await scheduler.wake();
  clock.step(365 * 86_400_000);
  await scheduler.wake();
  clock.step(-365 * 86_400_000);
  for (let hour = 0; hour < 48; hour++) {
    await clock.advance(3_600_000);
    await scheduler.wake();
  }
  assert.deepEqual(ran, ['2027-11-29T04:00:00.000Z', '2026-11-30T03:00:00.000Z', '2026-12-01T03:00:00.000Z']);
});
