import assert from 'node:assert/strict';
import { test } from 'node:test';
import { four } from './testing/charging-bench.ts';

test('a charger whose connection is lost counts at the profile that it still holds, until that has ended', async () => {
  const { all, run, total, value, chargers } = await four();
  await all[0]!.plug(1, 22);
  await all[1]!.plug(1, 22);
  await run(60, 30);
  chargers.disconnect(all[0]!);
  let most = 0;
  for (let at = 0; at < 240; at++) {
    await run(1, 30);
    most = Math.max(most, total());
    if (at === 10) assert.ok(value('activePowerKw')! >= total() - 0.5, `told ${value('activePowerKw')} of ${total()}`);
  }
  assert.ok(most <= 30.1, `${most} kW under a limit of 30`);
  await run(120, 30);
  assert.ok(all[1]!.kw > 20, `what its profile has left goes to the others: ${all[1]!.kw}`);
});

test('a limit that a charger took without an answer in time counts as what it may take', async () => {
  const { all, run, total } = await four();
  await all[0]!.plug(1, 22);
  await all[1]!.plug(1, 22);
  await run(60, 30);
  const answer = all[0]!.answer.bind(all[0]!);
  all[0]!.answer = (call) => {
    answer(call);
    return undefined;
  };
  await all[1]!.unplug(1);
  await run(20, 30);
  assert.ok(all[0]!.kw > 20, `it takes what is free now: ${all[0]!.kw}`);
  await all[1]!.plug(1, 22);
  let most = 0;
  for (let at = 0; at < 120; at++) {
    await run(1, 30);
    most = Math.max(most, total());
  }
  assert.ok(most <= 30.1, `${most} kW under a limit of 30`);
});
