import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runChaos } from '../chaos/run-chaos.ts';

const seed = Number(process.env['LOADSTONE_SEED'] ?? 1);
const rounds = Number(process.env['LOADSTONE_CHAOS_ROUNDS'] ?? 100);

test(`${rounds} rounds of kills, freezes, full disks and cut lines: nothing is lost or doubled, each command has one outcome`, async (t) => {
  const { violations, kept, frames, commands } = await runChaos({ seed, rounds, say: (line) => t.diagnostic(line) });
  assert.deepEqual(violations, [], `seed ${seed}; data and logs: ${kept}`);
  assert.ok(frames > 0 && commands > 0, `${frames} frames and ${commands} commands: it proved nothing`);
});
