import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { Pruner } from './pruner.ts';

test('where there is always more to forget, it looks once a second, however long that goes on', async () => {
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

test('a clock that is set years ahead lets nothing be forgotten for a day; set right, all goes on', async () => {
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
  assert.match(failed.join('; '), /^Error: the clock was set ahead by 17520 h: nothing is forgotten for a day/);
  clock.step(-2 * YEAR_MS);
  assert.ok((await turnsIn(3_600_000)) >= 5);
  clock.step(2 * YEAR_MS);
  assert.ok((await turnsIn(2 * DAY_MS)) >= 143, 'a day later it is the time that everybody has');
  assert.equal(failed.length, 2);
  await pruner.stop();
});

test('a stop is told to what is under way, and nothing more begins', async () => {
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
