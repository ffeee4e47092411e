import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runChaos } from '../../chaos/run-chaos.ts';

/** A test of `rounds` chaos rounds, in the order drawn from the seed. */
export function testChaos(rounds: number, seed: number): void {
  test(`${rounds} rounds of kills, freezes, full disks and cut lines (seed ${seed}) lose and duplicate nothing`, async (t) => {
    const { violations, kept, frames, commands } = await runChaos({ seed, rounds, say: (line) => t.diagnostic(line) });
    const replay = `npm run simulate -- --real --rounds ${rounds} --first-seed ${seed}`;
    assert.deepEqual(violations, [], `data and logs: ${kept}; replay: ${replay}`);
    assert.ok(frames > 0 && commands > 0, `${frames} frames and ${commands} commands: too few to prove anything`);
  });
}
