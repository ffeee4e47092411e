import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { Pruner } from './pruner.ts';

test('with an endless backlog the pruner runs once a second at most', async () => {
  const clock = new VirtualClock(Date.UTC(2028, 0, 1));
  let turns = 0;
  const pruner = new Pruner([() => ++turns && 1], clock);
  pruner.start();
  await clock.advance(2 * 3_600_000);
  const before = turns;
  await clock.advance(60_000);
  assert.ok(turns - before <= 62, `${turns - before} turns in a minute`);
  await pruner.stop();
  assert.equal(clock.pending(), 0);
});

test('a clock set years ahead stops deletion for a day; once corrected, deletion resumes', async () => {
  const DAY_MS = 24 * 3_600_000;
  const YEAR_MS = 365 * DAY_MS;
  const clock = new VirtualClock(Date.UTC(2028, 0, 1));
  let turns = 0;
  const failed: string[] = [];
  const pruner = new Pruner([() => (turns++, 0)], {
    machine: clock.machine,
    speed: () => 1,
    plant: {
      ...clock.plant,
      after: (delayMs, task) =>
        clock.plant.after(delayMs, () => Promise.resolve(task()).catch((error) => void failed.push(String(error)))),
    },
  });
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

test('a stop aborts the prune in progress, and no other begins', async () => {
  const clock = new VirtualClock(Date.UTC(2028, 0, 1));
  const begun: string[] = [];
  const pruner = new Pruner(
    [
      ({ stopping }) => {
        begun.push('first');
        return new Promise((resolve) => stopping!.addEventListener('abort', () => resolve(1)));
      },
      () => (begun.push('second'), 0),
    ],
    clock,
  );
  pruner.start();
  const turning = pruner.turn();
  await pruner.stop();
  await turning;
  assert.deepEqual([begun, clock.pending()], [['first'], 0]);
});
