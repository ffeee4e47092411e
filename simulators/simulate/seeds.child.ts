import { parseArgs } from 'node:util';
import { tellParent } from '../sim/child-lines.ts';
import { runSeed } from './run-seed.ts';
import type { Invariant } from './violation.ts';
import { smallWorld } from './world.ts';

/**
 * Runs every `stride`-th seed from `first` on, `count` in all, each until the invariant `until` is violated, and prints a JSON line for
 * each.
 */
const { values } = parseArgs({
  options: {
    first: { type: 'string', default: '1' },
    count: { type: 'string', default: '1' },
    stride: { type: 'string', default: '1' },
    until: { type: 'string' },
  },
});
const [first, count, stride] = [Number(values.first), Number(values.count), Number(values.stride)];
// Stdin closes when the parent ends, so the child ends too.
process.stdin.resume().on('end', () => process.exit(1));
const until = values.until as Invariant | undefined;
const world = smallWorld();
for (let at = 0; at < count; at++) {
  await tellParent(await runSeed(first + at * stride, world, { until }));
}
process.exit(0);
