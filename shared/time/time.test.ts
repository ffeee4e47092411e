import assert from 'node:assert/strict';
import { test } from 'node:test';
import { every } from './every.ts';
import { machineMonotonicMs } from './system-clock.ts';
import { TimelineClock } from './timeline-clock.ts';
import { VirtualClock } from './virtual-clock.ts';

const START = Date.parse('2021-09-25T00:00:00Z');

test('virtual time runs tasks by time, then by scheduling order, each to completion before the next', async () => {
  const clock = new VirtualClock(START);
  const log: string[] = [];
  const say = (text: string) => async () => {
    await Promise.resolve();
    log.push(`${text}@${clock.plant.elapsed()}`);
  };
  clock.plant.after(20, say('c'));
  clock.plant.after(10, say('a'));
  clock.machine.after(10, say('b'));
  const never = clock.plant.after(15, say('never'));
  never.cancel();
  clock.plant.after(5, () => void clock.plant.after(5, say('b2')));
  await clock.advance(15);
  assert.deepEqual(log, ['a@10', 'b@10', 'b2@10']);
  await clock.advance(5);
  assert.equal(log.at(-1), 'c@20');
  assert.equal(clock.pending(), 0);
  assert.equal(clock.plant.now(), START + 20);
});

test('a wall clock step changes now, but neither elapsed time nor timers', async () => {
  const clock = new VirtualClock(START);
  let ran = 0;
  clock.plant.after(100, () => void ran++);
  clock.step(-3_600_000);
  await clock.advance(100);
  assert.equal(ran, 1);
  assert.equal(clock.plant.now(), START - 3_600_000 + 100);
  assert.equal(clock.plant.elapsed(), 100);
});

test('every keeps the grid of its period and skips missed ticks', async () => {
  const clock = new VirtualClock(START + 300);
  const at: number[] = [];
  const timer = every(clock.plant, 1000, () => void at.push(clock.plant.now() - START));
  await clock.advance(2800);
  assert.deepEqual(at, [1000, 2000, 3000]);
  timer.cancel();
  await clock.advance(5000);
  assert.equal(at.length, 3);
});

test('a time line stops at speed 0, resumes where it stopped, and fires no timer early', async () => {
  const clock = new TimelineClock(
    { plantOriginMs: START, monotonicOriginMs: machineMonotonicMs(), speed: 0 },
    (error) => {
      throw error;
    },
  );
  assert.equal(clock.plant.now(), START);
  let firedAt = 0;
  const fired = new Promise<void>((resolve) => {
    clock.plant.after(60_000, () => {
      firedAt = clock.plant.now();
      resolve();
    });
  });
  assert.equal(clock.plant.now(), START);
  clock.setLine(clock.lineAtSpeed(6000));
  await fired;
  assert.ok(firedAt >= START + 60_000, `fired at ${firedAt - START}`);
  clock.setLine(clock.lineAtSpeed(0));
  const stood = clock.plant.now();
  await new Promise((resolve) => {
    clock.machine.after(20, () => resolve(undefined));
  });
  assert.equal(clock.plant.now(), stood);
  assert.equal(clock.speed(), 0);
});

test('a time line stops at its end, fires due timers, resumes without a jump when extended, never goes back', async () => {
  const line = { plantOriginMs: START, monotonicOriginMs: machineMonotonicMs(), speed: 0 };
  const clock = new TimelineClock(line, (error) => {
    throw error;
  });
  const fired: string[] = [];
  const due = (delayMs: number, name: string): Promise<void> =>
    new Promise((resolve) => {
      clock.plant.after(delayMs, () => {
        fired.push(`${name} ${clock.plant.now() - START}`);
        resolve();
      });
    });
  const [atEnd, later] = [due(1000, 'at its end'), due(2000, 'later')];
  clock.setLine(clock.lineAtSpeed(100_000, START + 1000));
  await atEnd;
  assert.equal(clock.plant.now(), START + 1000);
  const longer = clock.lineAtSpeed(100_000, START + 2000);
  assert.equal(longer.plantOriginMs, START + 1000, 'the time while stopped is not caught up');
  clock.setLine(longer);
  await later;
  assert.deepEqual(fired, ['at its end 1000', 'later 2000']);
  clock.setLine(line);
  assert.equal(clock.plant.now(), START + 2000);
});
