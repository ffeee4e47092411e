import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

interface DayReport {
  readonly digest: string;
  readonly contents: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly gateways: readonly {
    readonly id: string;
    readonly stored: number;
    readonly missing: number;
    readonly refused: number;
  }[];
  readonly findings: readonly string[];
  readonly plans: readonly number[];
  readonly models: number;
}

/** Runs a day in a process of its own, so that the two runs share no heap. */
function day(seed: number): Promise<DayReport> {
  const child = spawn(
    process.execPath,
    [
      // V8 compiles on the main thread, so that when it replaces code depends on the run and not on the load of the machine.
      '--single-threaded',
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, '..', 'sim', 'day.child.ts'),
      '--seed',
      String(seed),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve(JSON.parse(out) as DayReport) : reject(new Error(`the run exited with ${code}`)),
    );
  });
}

test('a day of the region is repeatable from its seed and loses nothing', async () => {
  const [first, second] = await Promise.all([day(1), day(1)]);
  assert.equal(
    first.digest,
    second.digest,
    'the traces differ: run simulators/sim/day.child.ts twice with --trace and compare',
  );
  assert.equal(first.contents, second.contents, 'the stores differ');
  assert.deepEqual(first.counts, second.counts);
  assert.equal(first.gateways.length, 10);
  for (const { id, stored, missing, refused } of first.gateways) {
    assert.ok(stored > 5000, `${id} stored ${stored} frames`);
    assert.equal(missing, 0, `${id} has missing frames`);
    assert.equal(refused, 0, `${id} had frames refused`);
  }
  assert.ok(first.findings.includes('wls transformer dead'), first.findings.join(', '));
  assert.ok(first.findings.includes('hfdp transformer reversed'), first.findings.join(', '));
  assert.ok(
    first.plans.every((sequence) => sequence >= 6),
    `plans: ${first.plans.join(', ')}`,
  );
  assert.ok(first.models >= 1, 'no forecast came from a model');
  assert.ok((first.counts['command'] ?? 0) > 10_000, 'too few commands to devices');
});
