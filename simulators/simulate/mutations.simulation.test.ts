import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { SeedReport } from './run-seed.ts';
import { runSeeds } from './seeds.ts';
import { mutations } from './testing/mutations.ts';

/** Seeds to try, starting with the mutation's own; at least one must show the bug. */
const SEEDS = 100;
const hook = join(import.meta.dirname, 'testing', 'mutate.mjs');

describe('the invariants catch deliberate bugs', { concurrency: 2 }, () => {
  for (const { name, invariant, seed, edits } of mutations) {
    test(`${invariant} catches: ${name}`, async () => {
      const seen: SeedReport[] = [];
      await runSeeds({
        first: seed,
        count: SEEDS,
        processes: 1,
        until: invariant,
        nodeArguments: [`--import=${hook}`],
        environment: { LOADSTONE_MUTATION: JSON.stringify(edits) },
        onReport: (report) => {
          seen.push(report);
          return !caught(report);
        },
      });
      const found = seen.flatMap(({ violations }) => violations.map((violation) => violation.invariant));
      assert.ok(seen.some(caught), `${seen.length} seeds showed only ${[...new Set(found)].join(', ') || 'nothing'}`);
    });

    function caught({ violations }: SeedReport): boolean {
      return violations.some((violation) => violation.invariant === invariant);
    }
  }
});
