import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readProtocol, type ArmId } from './protocol.ts';
import type { ArmRun } from './run-arm.ts';
import { runJobs, spread, type SeedJob } from './runs.ts';

const { protocol } = readProtocol();
const folder = mkdtempSync(join(tmpdir(), 'prove-'));
after(() => rmSync(folder, { recursive: true }));

const jobOf = (seed: number, arms: readonly ArmId[]): SeedJob => ({
  seed,
  name: 'ev-surge',
  scenario: protocol.scenarios['ev-surge']!,
  hours: 0.02,
  trains: false,
  arms,
});

async function ran(arms: readonly ArmId[]): Promise<{ run: ArmRun; isCached: boolean }[]> {
  const list: { run: ArmRun; isCached: boolean }[] = [];
  await runJobs([jobOf(1, arms)], {
    folder,
    processes: 1,
    fresh: false,
    onRun: (run, isCached) => list.push({ run, isCached }),
  });
  return list;
}

test('a call resumes where an earlier one stopped and repeats a half-written run', async () => {
  const [first] = await ran(['A']);
  assert.equal(first!.isCached, false);
  const [file] = readdirSync(folder);
  // A partial file, as a call killed while writing leaves it.
  writeFileSync(join(folder, file!.replace('-A.json', '-H.json.part')), '{"arm":');
  const second = await ran(['A', 'H']);
  assert.deepEqual(
    second.map(({ run, isCached }) => [run.arm, isCached]),
    [
      ['A', true],
      ['H', false],
    ],
  );
  assert.deepEqual(second[0]!.run, first!.run);
  writeFileSync(join(folder, file!), '{"arm":"A","se');
  const third = await ran(['A', 'H']);
  assert.deepEqual(
    third.map(({ run, isCached }) => [run.arm, isCached]),
    [
      ['H', true],
      ['A', false],
    ],
  );
  const again = third.find(({ run }) => run.arm === 'A')!.run;
  assert.deepEqual({ ...again, cpuS: 0 }, { ...first!.run, cpuS: 0 });
});

test('seeds that do not fill all processes are split by arm', () => {
  const jobs = [1, 2, 3].map((seed) => jobOf(seed, ['A', 'F']));
  assert.deepEqual(
    spread(jobs, 2).map(({ seed, arms }) => [seed, arms.join()]),
    [
      [1, 'A,F'],
      [2, 'A,F'],
      [3, 'A'],
      [3, 'F'],
    ],
  );
});
