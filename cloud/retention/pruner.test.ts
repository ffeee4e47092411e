import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../shared/time/clock.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import type { LastRuns } from '../schedule/last-runs.ts';
import { Pruner } from './pruner.ts';

const DAY_MS = 24 * 3_600_000;
const YEAR_MS = 365 * DAY_MS;

function lastRuns(): LastRuns {
  const at = new Map<string, number>();
  return {
    seen: async (job, now) => at.get(job) ?? (at.set(job, now), now),
    set: async (job, to) => void at.set(job, to),
  };
}

/** The clock, with what fails on plant time in `failed`. */
const watched = (clock: VirtualClock, failed: string[]): Clock => ({
  machine: clock.machine,
  speed: () => 1,
  plant: {
    ...clock.plant,
    after: (delayMs, task) =>
      clock.plant.after(delayMs, () => Promise.resolve(task()).catch((error) => void failed.push(String(error)))),
  },
});

test('with an endless backlog the pruner runs once a second at most', async () => {
  const clock = new VirtualClock(Date.UTC(2028, 0, 1));
  let turns = 0;
  const pruner = new Pruner([() => ++turns && 1], clock, lastRuns());
  pruner.start();
  await clock.advance(2 * 3_600_000);
  const before = turns;
  await clock.advance(60_000);
  assert.ok(turns - before <= 62, `${turns - before} turns in a minute`);
  await pruner.stop();
  assert.equal(clock.pending(), 0);
});

test('a clock set years ahead stops deletion for a day; once corrected, deletion resumes', async () => {
  const clock = new VirtualClock(Date.UTC(2028, 0, 1));
  let turns = 0;
  const failed: string[] = [];
  const pruner = new Pruner([() => (turns++, 0)], watched(clock, failed), lastRuns());
  pruner.start();
  const turnsIn = async (ms: number): Promise<number> => {
    const before = turns;
    await clock.advance(ms);
    return turns - before;
  };
  assert.ok((await turnsIn(DAY_MS)) >= 143);
  clock.step(2 * YEAR_MS);
  assert.equal(await turnsIn(DAY_MS - 3_600_000), 0);
  assert.match(failed.join('; '), /^Error: the clock was set ahead by 17520 h: nothing is deleted for a day/);
  clock.step(-2 * YEAR_MS);
  assert.ok((await turnsIn(3_600_000)) >= 5);
  clock.step(2 * YEAR_MS);
  assert.ok((await turnsIn(2 * DAY_MS)) >= 143, 'after a day the new time is accepted');
  assert.equal(failed.length, 2);
  await pruner.stop();
});

test('a clock that is years ahead at a start stops deletion for a day, at each start', async () => {
  const clock = new VirtualClock(Date.UTC(2028, 0, 1));
  const runs = lastRuns();
  const failed: string[] = [];
  const turnsOfRun = async (ms: number, correctMs = 0): Promise<number> => {
    let turns = 0;
    const pruner = new Pruner([() => (turns++, 0)], watched(clock, failed), runs);
    pruner.start();
    await clock.advance(ms);
    if (correctMs !== 0) {
      clock.step(correctMs);
      await clock.advance(3_600_000);
    }
    await pruner.stop();
    return turns;
  };
  assert.ok((await turnsOfRun(3_600_000)) >= 5);
  await clock.advance(DAY_MS - 3_600_000);
  assert.ok((await turnsOfRun(3_600_000)) >= 5, 'an outage of less than a day holds nothing');
  clock.step(2 * YEAR_MS);
  assert.equal(await turnsOfRun(3_600_000), 0);
  assert.match(failed.join('; '), /^Error: the clock is 17520 h after the last deletion of old data: nothing is/);
  assert.ok((await turnsOfRun(3_600_000, -2 * YEAR_MS)) >= 5, 'once corrected, deletion resumes');
  clock.step(2 * YEAR_MS);
  assert.ok((await turnsOfRun(2 * DAY_MS)) >= 140, 'after a day the new time is accepted');
  assert.ok((await turnsOfRun(3_600_000)) >= 5);
  assert.equal(failed.length, 3);
});

test('a pause is not begun again by each restart', async () => {
  const clock = new VirtualClock(Date.UTC(2028, 0, 1));
  const runs = lastRuns();
  const failed: string[] = [];
  const turnsOfRun = async (ms: number): Promise<number> => {
    let turns = 0;
    const pruner = new Pruner([() => (turns++, 0)], watched(clock, failed), runs);
    pruner.start();
    await clock.advance(ms);
    await pruner.stop();
    return turns;
  };
  assert.ok((await turnsOfRun(3_600_000)) >= 5);
  await clock.advance(3 * DAY_MS);
  // Restarted every ten hours, as by a nightly job.
  assert.equal(await turnsOfRun(10 * 3_600_000), 0);
  assert.equal(await turnsOfRun(10 * 3_600_000), 0);
  assert.ok((await turnsOfRun(10 * 3_600_000)) >= 30, 'the rest of the day, then deletion');
  assert.match(failed[2]!, /: nothing is deleted for 4 h, so that it can be corrected$/);
  assert.ok((await turnsOfRun(10 * 3_600_000)) >= 59);
  clock.step(2 * YEAR_MS);
  assert.equal(await turnsOfRun(DAY_MS - 3_600_000), 0, 'another leap has a day of its own');
});

test('a kind that does not end holds up no other, and is not begun twice', async () => {
  const tasks = new Set<() => unknown>();
  const time = { now: () => 0, elapsed: () => 0 };
  const after = (_delayMs: number, task: () => unknown) => {
    tasks.add(task);
    return { cancel: () => void tasks.delete(task) };
  };
  const clock: Clock = { plant: { ...time, after }, machine: { ...time, after }, speed: () => 1 };
  const tick = async (): Promise<void> => {
    const due = [...tasks];
    tasks.clear();
    for (const task of due) Promise.resolve(task()).catch(() => undefined);
    await new Promise(setImmediate);
  };
  const turns = { slow: 0, quick: 0 };
  const slow = Promise.withResolvers<number>();
  const runs = lastRuns();
  let isAway = true;
  const seen = async (job: string, now: number): Promise<number> => {
    if (isAway) throw new Error('away');
    return runs.seen(job, now);
  };
  const prunes = [() => (turns.slow++, slow.promise), () => (turns.quick++, 0)];
  const pruner = new Pruner(prunes, clock, { ...runs, seen });
  pruner.start();
  await tick();
  assert.deepEqual(turns, { slow: 0, quick: 0 }, 'while the last run is unknown, nothing is deleted');
  isAway = false;
  for (let n = 0; n < 3; n++) await tick();
  assert.deepEqual(turns, { slow: 1, quick: 3 });
  slow.reject(new Error('the store gave up'));
  for (let n = 0; n < 2; n++) await tick();
  assert.deepEqual(turns, { slow: 2, quick: 5 });
  await pruner.stop();
});

test('a stop aborts the prune in progress, and no other begins', async () => {
  const clock = new VirtualClock(Date.UTC(2028, 0, 1));
  const begun: string[] = [];
  const first = Promise.withResolvers<void>();
  const pruner = new Pruner(
    [
      ({ stopping }) => {
        begun.push('first');
        first.resolve();
        return new Promise((resolve) => stopping!.addEventListener('abort', () => resolve(1)));
      },
      () => (begun.push('second'), 0),
    ],
    clock,
    lastRuns(),
  );
  pruner.start();
  const turning = clock.advance(600_000);
  await first.promise;
  await pruner.stop();
  await turning;
  assert.deepEqual([begun, clock.pending()], [['first'], 0]);
});
