import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { MOST_STOP_STORE_MS, STOP_STORE_MS } from './stop-time.ts';
import { StoreLine } from './store-line.ts';

const hangs = (): Promise<never> => new Promise(() => {});

/** Advances in small steps, so that pending work runs in between. */
async function pass(clock: VirtualClock, ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 50) {
    await clock.advance(50);
    await setImmediate();
  }
}

/** A store that answers one call after another, each after `eachMs`. */
function queue(clock: VirtualClock, eachMs: number): () => Promise<string> {
  let freeAt = 0;
  return () => {
    const now = clock.machine.elapsed();
    freeAt = Math.max(freeAt, now) + eachMs;
    const { promise, resolve } = Promise.withResolvers<string>();
    clock.machine.after(freeAt - now, () => resolve('stored'));
    return promise;
  };
}

const outcome = (work: Promise<string>): Promise<string> => work.catch((error: Error) => error.message);

test('a stop that waits behind others is stored, however long their queue takes up to the limit', async () => {
  const clock = new VirtualClock(0);
  const line = new StoreLine(clock.machine);
  const ask = queue(clock, 200);
  const asked = Array.from({ length: 40 }, () => outcome(line.budget().wait(ask)));
  await pass(clock, 8000);
  const outcomes = await Promise.all(asked);
  const stored = outcomes.filter((one) => one === 'stored').length;
  assert.ok(stored >= MOST_STOP_STORE_MS / 200 - 1 && stored <= MOST_STOP_STORE_MS / 200, `${stored} stored`);
  assert.equal(outcomes.at(-1), 'the store did not answer in time');
  assert.equal(clock.pending(), 0);
});

test('a store that hangs is given up after 750 ms, and the stop asks it nothing more', async () => {
  const clock = new VirtualClock(0);
  const budget = new StoreLine(clock.machine).budget();
  const asked = outcome(budget.wait(hangs));
  await pass(clock, STOP_STORE_MS);
  assert.equal(await asked, 'the store did not answer in time');
  let begun = 0;
  await assert.rejects(budget.wait(async () => void begun++));
  assert.deepEqual([begun, clock.pending()], [0, 0]);
});

test('a wait that is stuck while later ones end is given up after 750 ms', async () => {
  const clock = new VirtualClock(0);
  const line = new StoreLine(clock.machine);
  const stuck = outcome(line.budget().wait(hangs));
  const ask = queue(clock, 100);
  const others = Array.from({ length: 20 }, () => line.budget().wait(ask));
  await pass(clock, STOP_STORE_MS);
  assert.equal(await stuck, 'the store did not answer in time');
  await pass(clock, 2000);
  assert.equal((await Promise.all(others)).length, 20);
});

test('a refusal of the store is passed on and leaves the stop its time', async () => {
  const budget = new StoreLine(new VirtualClock(0).machine).budget();
  await assert.rejects(
    budget.wait(async () => {
      throw new Error('disk is full');
    }),
    /disk is full/,
  );
  assert.equal(await budget.wait(async () => 'stored'), 'stored');
});

test('a slow store takes 750 ms of a stop in all, not in each call', async () => {
  const clock = new VirtualClock(0);
  const budget = new StoreLine(clock.machine).budget();
  const ask = queue(clock, 400);
  const both = (async () => [await outcome(budget.wait(ask)), await outcome(budget.wait(ask))])();
  await pass(clock, STOP_STORE_MS);
  assert.deepEqual(await both, ['stored', 'the store did not answer in time']);
});

test('waiting behind others takes nothing of the time that a stop has for its own', async () => {
  const clock = new VirtualClock(0);
  const line = new StoreLine(clock.machine);
  const ask = queue(clock, 400);
  const others = [line.budget().wait(ask), line.budget().wait(ask)];
  const budget = line.budget();
  const own = (async () => [await outcome(budget.wait(ask)), await outcome(budget.wait(async () => 'stored'))])();
  await pass(clock, 1500);
  assert.equal((await Promise.all(others)).length, 2);
  assert.deepEqual(await own, ['stored', 'stored']);
});
